"""Two names, word by word: which words agree, which contradict each other, which stand on one side only."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final, NamedTuple

from rapidfuzz.distance import JaroWinkler

from streams.matching.forms import Word, joined
from streams.matching.frequencies import MOST_BITS, bits_of, is_particle
from streams.matching.likeness import Likeness, Way, likeness

_LONGEST_JOIN: Final = 4
_SHORTEST_NAME: Final = 2
_SLACK: Final = 2
_PARTLY: Final = 0.55
"""The most that one word alone is worth where the other name has more."""
_EXTRA: Final = 0.1
_CUT_OFF: Final = Likeness(Way.TRUNCATED, 0.8)
_CONTRADICTION: Final = 8.0
"""The least that a contradiction counts: another common name is another name all the same."""


class Pair(NamedTuple):
    """Words of the two names that agree; `bits` is what this says."""

    one: Word
    other: Word
    way: Way
    bits: float
    most: float


@dataclass(frozen=True, slots=True)
class NameComparison:
    """What two names have in common, and what not."""

    agreeing: tuple[Pair, ...]
    contradicting: tuple[tuple[Word, Word], ...]
    extra: tuple[Word, ...]

    @property
    def likeness(self) -> float:
        """The bits that agree less those that contradict, of those that might have agreed: 0 to 1."""
        agreeing = sum(pair.bits for pair in self.agreeing)
        most = sum(pair.most for pair in self.agreeing)
        against = sum(max(_CONTRADICTION, (bits_of(one) + bits_of(other)) / 2) for one, other in self.contradicting)
        extra = _EXTRA * sum(map(bits_of, self.extra))
        if not agreeing:
            return 0.0
        score = max(0.0, agreeing - against) / (most + against + extra)
        alone = len(self.agreeing) < _SHORTEST_NAME and bool(self.extra)
        return min(score, _PARTLY) if alone else score


def compare_names(
    one: Sequence[Word], other: Sequence[Word], *, cut: Word | None = None, other_cut: Word | None = None
) -> NameComparison:
    """Compare two names whatever the order of their words; a `cut` word may be the beginning of a longer one."""
    left, right = _telling(one), _telling(other)
    if not left or not right:
        return NameComparison((), (), ())
    agreeing = list(_pairs(left, right, cut, other_cut))
    agreeing += _joins(left, right)
    agreeing += (_turned(pair) for pair in _joins(right, left))
    contradicting = tuple(_contradictions(left, right))
    return NameComparison(tuple(agreeing), contradicting, (*left, *right))


def _telling(name: Sequence[Word]) -> list[Word]:
    return [word for word in name if not is_particle(word)] or list(name)


def _order(word: Word) -> tuple[str, str]:
    return word.folded, word.written


def _pairs(left: list[Word], right: list[Word], cut: Word | None, other_cut: Word | None) -> Iterator[Pair]:
    found = [
        (one, other, alike)
        for one in left
        for other in right
        if (alike := _likeness(one, other, cut, other_cut)) is not None
    ]
    found.sort(key=lambda each: (-each[2].strength, -bits_of(each[0]), *sorted((_order(each[0]), _order(each[1])))))
    for one, other, alike in found:
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            yield _pair(one, other, alike)


def _likeness(one: Word, other: Word, cut: Word | None, other_cut: Word | None) -> Likeness | None:
    whole = likeness(one, other)
    cut_off = (one == cut and other.spelling.startswith(one.spelling)) or (
        other == other_cut and one.spelling.startswith(other.spelling)
    )
    if cut_off and (whole is None or whole.strength < _CUT_OFF.strength):
        return _CUT_OFF
    return whole


def _joins(left: list[Word], right: list[Word]) -> list[Pair]:
    """Take out and return the words of the right that stand apart on the left."""
    found = []
    for whole in list(right):
        for start, end in _runs(left, whole):
            together = joined(tuple(left[start:end]))
            alike = likeness(together, whole)
            if alike is not None and alike.way is not Way.INITIAL:
                del left[start:end]
                right.remove(whole)
                found.append(_pair(together, whole, alike))
                break
    return found


def _runs(words: Sequence[Word], whole: Word) -> Iterator[tuple[int, int]]:
    """Return where neighbours stand that are together about as long as the whole."""
    for start in range(len(words)):
        for end in range(start + 2, min(start + _LONGEST_JOIN, len(words)) + 1):
            letters = sum(len(word.folded) for word in words[start:end])
            if abs(letters - len(whole.folded)) <= _SLACK or {word.script for word in words[start:end]} != {
                whole.script
            }:
                yield start, end


def _contradictions(left: list[Word], right: list[Word]) -> Iterator[tuple[Word, Word]]:
    """Take out and return what is left on both sides, the most alike beside each other."""
    found = sorted(
        product(left, right),
        key=lambda pair: (-JaroWinkler.similarity(pair[0].folded, pair[1].folded), *sorted(map(_order, pair))),
    )
    for one, other in found:
        if one in left and other in right:
            left.remove(one)
            right.remove(other)
            yield one, other


def _turned(pair: Pair) -> Pair:
    return pair._replace(one=pair.other, other=pair.one)


def _pair(one: Word, other: Word, alike: Likeness) -> Pair:
    most = min(bits_of(one), bits_of(other), MOST_BITS)
    return Pair(one, other, alike.way, most * alike.strength, most)
