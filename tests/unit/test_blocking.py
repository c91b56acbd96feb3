"""Blocking: few keys a person, misspelled descriptions meet, and an over-full key gives nobody and says so."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from streams.matching.blocking import MOST_KEYS, Blocks, blocking_keys
from streams.matching.persons import Facts, WrittenName, facts_from

BORN = "1985-04-12"


def person(family: str, given_names: str, born: str | None = BORN, *documents: str) -> Facts:
    return facts_from(frozenset(documents), WrittenName(family, given_names), born)


@given(
    st.lists(st.sampled_from(["Ana", "Marija", "Марковић", "Ilić", "Xhaferi", "محمد"]), max_size=6).map(" ".join),
    st.sampled_from([None, "1985", BORN]),
    st.frozensets(st.sampled_from(["passport/P1/SRB", "id_card/12345/HRV", "other/Z9/MKD", "other/Z8/MKD"])),
)
def test_nobody_has_more_than_seven_keys(names: str, born: str | None, documents: frozenset[str]) -> None:
    assert len(blocking_keys(facts_from(documents, WrittenName(names, "Ana"), born))) <= MOST_KEYS == 7


def test_descriptions_of_one_person_meet() -> None:
    agron = person("Xhaferi", "Agron", BORN, "passport/P1234567/ALB")
    for other in (
        person("Агрон", "Џафери"),
        person("Xhaferi", "Argon"),
        person("Xhaferi", "Besnik"),
        person("Xhaffari", "Agran", "1985-11-12"),
        person("Xhaferi", "Agron", None),
        person("", "", None, "passport/P1234567/ALB"),
        person("", "", None, "passport/P1234S67/ALB"),
    ):
        blocks = Blocks()
        blocks.add(agron)
        assert blocks.candidates(other).found == {agron}
    assert blocks.candidates(person("Hoxha", "Besnik", "1990-12-31")).found == set()


def test_who_is_described_in_the_same_words_is_a_candidate_until_they_are_forgotten() -> None:
    blocks, agron = Blocks(), person("Xhaferi", "Agron")
    blocks.add(agron)
    assert blocks.candidates(person("Xhaferi", "Agron")).found == {agron}
    blocks.discard(agron)
    blocks.discard(agron)
    assert blocks.candidates(person("Xhaferi", "Agron")).found == set()


def test_an_over_full_key_gives_nobody_and_says_so_in_whatever_order_it_was_filled() -> None:
    """The newest or the first few would make the outcome depend on the order of arrival."""
    crowd = [person("Jovanović", name) for name in ("Ana", "Marko", "Petra")]
    alone = person("Jovanović", "Vuk", BORN, "passport/P1234567/SRB")
    asked = person("Jovanović", "Ostoja", BORN, "passport/P1234567/SRB")
    for order in permutations([*crowd, alone]):
        blocks = Blocks(most_members=3)
        for one in order:
            blocks.add(one)
        candidates = blocks.candidates(asked)
        assert candidates.over_full == {f"born {BORN} JOVANOVIC"}
        assert candidates.found == {alone}
        blocks.discard(crowd[0])
        assert blocks.candidates(asked).over_full == set(), "one fewer, and they are found again"
        assert blocks.candidates(asked).found == {*crowd[1:], alone}
