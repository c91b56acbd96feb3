"""Who must not be shown as possibly the person of an alert, each beside the nearest who is."""

import pytest
from factory import a_person, a_sighting, an_entry, at
from offline_rig import standing
from possible_persons import AGRON, ALIKE, HIT, NAMES, NOTE, PERSON, TWICE, Said, alike, crime, notes, possibly
from test_false_match import verdict


@pytest.mark.parametrize(
    ("handling", "shown"), [("H0", True), ("H1", True), ("H2", False), ("H3", False), (None, True)]
)
def test_of_information_that_is_not_to_be_shared_nothing_is_told(handling: str | None, *, shown: bool) -> None:
    more: Said = {"handling": handling} if handling else {}
    more |= {"handling_note": "ask first"} if handling == "H3" else {}
    assert notes(*TWICE, alike(**more)) == ((NOTE,) if shown else ())
    update = alike(identity="C-2", days=1, updates="C-1", reported_at=at(2), **more)
    now = (NOTE.replace("C-1", "C-2"),) if shown else ()
    assert notes(*TWICE, alike(), update) == notes(update, *TWICE, alike()) == now, "when a correction says so, too"


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ({"role": "guide"}, True),
        ({"role": "passenger", "status": "suspect"}, True),
        ({"role": "passenger"}, False),
        ({"role": "smuggled"}, False),
        ({"role": "driver", "status": "victim"}, False),
        ({"role": "organiser", "status": "witness"}, False),
    ],
    ids=str,
)
def test_only_who_may_be_suspected_is_possibly_somebody(part: Said, *, shown: bool) -> None:
    assert notes(*TWICE, alike({**ALIKE, **part})) == ((NOTE,) if shown else ())


def test_who_was_returned_is_not_of_interest_by_it() -> None:
    assert notes(*TWICE, alike(kind="return_or_readmission")) == ()
    assert notes(*TWICE, alike(kind="refused_entry")) == (NOTE,)


def test_who_passes_a_border_is_nobodys_suspect() -> None:
    """The sighting reaches the case book for another person in it."""
    seen = a_sighting(id="S-1", occurred_at=at(5), station="SI-GRU", persons=[ALIKE, a_person(document="P-1")])
    listed = an_entry(id="W-1", person=a_person(document="P-1"))
    assert notes(*TWICE, listed, seen) == ()


BORN = [("2008-05-02", True), ("2008-05-03", False), ("2007", True), ("2008", False)]
"""Eighteen on the second of May, or not; of a year alone, as young as they can be."""
BY_DOCUMENT = [crime(name, day, a_person(document="P-1", **NAMES)) for name, day in (("A-1", -9), ("B-1", 1))]
NAMED = possibly("C-1", 2, "family name equal; given name equal")


RETURN: Said = {"kind": "return_or_readmission"}


def papers(*numbers: str) -> Said:
    documents = [{"type": "passport", "number": number, "issuer": "SRB"} for number in numbers]
    return {"role": "driver", "documents": documents}


@pytest.mark.parametrize(("born", "shown"), BORN)
def test_a_minor_is_possibly_nobody(born: str, *, shown: bool) -> None:
    young = alike({**NAMES, "birth_date": born})
    assert notes(*BY_DOCUMENT, young) == ((NAMED,) if shown else ())


@pytest.mark.parametrize(("born", "shown"), BORN)
def test_nobody_is_possibly_a_minor(born: str, *, shown: bool) -> None:
    """Of an alert its last report counts, which is of the second of May too."""
    aged = crime("D-1", -5, a_person(document="P-1", birth_date=born))
    assert notes(*BY_DOCUMENT, aged, alike(NAMES)) == ((NAMED,) if shown else ())


def test_another_report_of_the_other_may_say_that_they_are_a_minor() -> None:
    """It has nothing in common with the alert, and arrives last."""
    other = alike({**NAMES, **a_person(document="P7654321")})
    age = crime("D-1", 8, {"role": "driver", "documents": other["persons"][0]["documents"], "birth_date": "2010-05-05"})
    assert notes(*TWICE, other) == (NAMED,)
    assert notes(*TWICE, other, age) == notes(age, other, *TWICE) == ()


def test_a_report_far_off_in_the_chain_of_the_other_may_say_so_too() -> None:
    """It arrives last, and only a third report connects it with the other."""
    other, between = alike({**NAMES, **papers("P-8")}), crime("D-1", 8, papers("P-8", "P-9"), **RETURN)
    age = crime("E-1", 9, papers("P-9") | {"birth_date": "2010-05-05"}, **RETURN)
    assert notes(*TWICE, other, between) == (NAMED,)
    assert notes(*TWICE, other, between, age) == notes(age, between, other, *TWICE) == ()


def test_a_hit_on_somebody_who_is_a_minor_by_the_list_or_by_another_report_has_no_such_note() -> None:
    seen = a_sighting(
        id="S-1", occurred_at=at(5), station="SI-GRU", persons=[{**NAMES, **papers("P-1"), "role": "other"}]
    )
    listed, between = an_entry(id="W-1", person=papers("P-1")), crime("D-1", 8, papers("P-1", "P-9"))
    age = crime("E-1", 9, papers("P-9") | {"birth_date": "2010-05-05"}, **RETURN)
    events = [listed, between, seen, alike(NAMES)]
    assert notes(*events, kind=HIT, of="S-1") == (NAMED,)
    assert notes(*events, age, kind=HIT, of="S-1") == notes(age, *events, kind=HIT, of="S-1") == ()
    young = listed | {"person": papers("P-1") | {"birth_date": "2010-05-05"}}
    assert notes(young, *events[1:], kind=HIT, of="S-1") == ()


def test_nobody_is_possibly_themselves() -> None:
    """The third report links by the document, and what it lacks is no weaker than that."""
    held = [crime("A-1", 0, a_person(document="P-1", **AGRON)), crime("B-1", 3, a_person(document="P-1", **AGRON))]
    other = alike({**ALIKE, **a_person(document="P-1")}, kind="irregular_crossing")
    assert standing(PERSON, *held, other)[0].evidence == ("A-1", "B-1", "C-1")
    assert notes(*held, other) == ()


def test_who_comes_to_be_known_as_the_person_is_no_longer_possibly_the_person() -> None:
    link = crime("D-1", 8, a_person(document="P-9", **AGRON))
    other = alike({**ALIKE, **a_person(document="P-9")})
    assert notes(*TWICE, other) == (NOTE,)
    assert notes(*TWICE, other, link) == notes(link, other, *TWICE) == ()


def test_of_one_report_two_are_two_though_the_one_could_not_be_known_again() -> None:
    """All of the name is written as a family name, which links with the list and with no other such."""
    both = crime(
        "A-1", persons=[a_person(**{**AGRON, "family_name": "Agron Xhaferi", "given_names": None}), a_person(**ALIKE)]
    )
    del both["persons"][0]["given_names"]
    assert notes(both, an_entry(id="W-1", person=AGRON), kind=HIT) == ()


def test_two_persons_of_one_report_are_two() -> None:
    """Father and son, say."""
    both = crime("B-1", 3, station="SI-GRU", persons=[a_person(**AGRON), a_person(**ALIKE)])
    assert notes(crime("A-1"), both) == ()


def test_whom_a_contact_point_told_apart_are_not_shown_as_possibly_one() -> None:
    apart = verdict("A-1", "C-1", place="persons/0")
    assert notes(*TWICE, alike(), apart) == notes(apart, alike(), *TWICE) == ()
    of_another = verdict("C-1", "D-1", place="persons/0")
    assert notes(*TWICE, alike(), of_another) == notes(of_another, *TWICE, alike()) == (NOTE,)
    linked = [alike({**ALIKE, **a_person(document="P-9")}), crime("D-1", 8, a_person(document="P-9"))]
    assert notes(*TWICE, *linked, verdict("B-1", "D-1", place="persons/0")) == (), "another report of the other was"


def test_real_and_exercise_are_never_possibly_one() -> None:
    assert notes(*TWICE, alike(exercise=True)) == ()
    drill = [event | {"exercise": True} for event in (*TWICE, alike())]
    assert notes(*drill) == (NOTE,)
