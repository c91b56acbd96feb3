"""A short run of the fuzzing that `make fuzz` does for a million inputs, and proof that it can fail."""

import random
from collections.abc import Iterator
from itertools import islice

import fuzz
import pytest

from producers.importing.rows import Row, Rows


def test_the_claims_hold_for_a_few_thousand_mutated_messages() -> None:
    outcomes, slowest = fuzz.run_block(seed=20_261_124, number=4_000)
    assert outcomes["accepted"] > 400, "too few are accepted to say anything of the schemas"
    assert len(outcomes) > 20, "too few ways to be refused were reached"
    assert slowest < fuzz.HANG_SECONDS


class LeavesOneOut(Rows):
    """A reader of tables that loses the first row."""

    def rows(self, width: int | None) -> Iterator[Row]:
        return islice(super().rows(width), 0 if width is None else 1, None)


@pytest.mark.parametrize(
    ("name", "broken"),
    [
        ("decode", lambda _: 1 / 0),
        ("blanked", lambda value: value + b"x"),
        ("encode", lambda _: b"{}"),
        ("split_events", lambda body, _: [body[: len(body) // 2]]),
        ("Rows", LeavesOneOut),
    ],
)
def test_a_broken_parser_is_found(name: str, broken: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, name, broken)
    with pytest.raises(fuzz.FuzzError):
        fuzz.run_block(seed=1, number=500)


def test_a_parser_that_hangs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def hang(_: bytes) -> bytes:
        while True:
            random.random()

    monkeypatch.setattr(fuzz, "HANG_SECONDS", 1)
    monkeypatch.setattr(fuzz, "blanked", hang)
    with pytest.raises(fuzz.FuzzError, match="no answer within"):
        fuzz.run_block(seed=1, number=200)
