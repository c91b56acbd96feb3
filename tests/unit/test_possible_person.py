"""Who is only possibly the person of an alert stands in a note on it, which links nobody."""

from itertools import permutations

import pytest
from factory import a_person, a_sighting, an_entry, at, stamped
from offline_rig import RULES, revisions, standing, told
from possible_persons import AGRON, HIT, NAMES, NOTE, PERSON, SIGHTED, TWICE, YEAR, Said, alike, crime, notes, possibly

from streams.engine.casebook import CaseBook
from streams.offline import OfflineLine
from streams.rules import Rules


@pytest.mark.parametrize("order", list(permutations([*TWICE, alike()])))
def test_a_year_of_birth_is_shown_whatever_comes_first_and_links_nobody(order: list[Said]) -> None:
    (alert,) = standing(PERSON, *order)
    assert alert.quality_notes == (NOTE,)
    assert alert.evidence == ("A-1", "B-1")
    apart = {"quality_notes", "updated_at", "revision"}
    assert alert.model_dump(exclude=apart) == standing(PERSON, *TWICE)[0].model_dump(exclude=apart)


@pytest.mark.parametrize(
    ("person", "agreement"),
    [
        ({"birth_date": "1985-12-04"}, "birth dates with day and month swapped; family name equal; given name equal"),
        ({"birth_date": "1985-04-13"}, "family name equal; given name equal; birth dates one slip apart"),
        ({"birth_date": None}, "family name equal; given name equal"),
        ({"given_names": "Agrom"}, "birth date equal; family name equal; given name, close spelling"),
        ({"given_names": None}, "birth date equal; family name equal"),
        (
            {"family_name": "Agron", "given_names": "Xhaferi", "birth_date": "1985"},
            "name equal, family and given name swapped; year of birth equal",
        ),
        ({"birth_date": "1962-11-30"}, None),
        ({"given_names": "Besnik", "birth_date": "1985"}, None),
        ({"family_name": "Hoxha"}, "birth date equal; given name equal; but family name differs"),
        ({"family_name": "Hoxha", "given_names": "Besnik"}, None),
    ],
    ids=str,
)
def test_it_says_in_what_two_agree_without_a_name_a_date_or_a_number(person: Said, agreement: str | None) -> None:
    """Shown from eight bits on, with what speaks against it."""
    said = {field: value for field, value in {**AGRON, **person}.items() if value is not None}
    assert notes(*TWICE, alike(said)) == ((possibly("C-1", 2, agreement),) if agreement else ())


def test_a_document_one_character_apart_is_shown_without_its_number() -> None:
    held = [crime(name, day, a_person(document="P1234567")) for name, day in (("A-1", 0), ("B-1", 3))]
    near, far = (crime("C-1", 1, a_person(document=number, family_name="Kola")) for number in ("P1234568", "P1234578"))
    owners = [crime("D-1", 5, a_person(document="P1234567", family_name="Kola"))]
    found = notes(*held, *owners, near)
    assert found == (possibly("C-1", 2, "family name equal; documents one character apart"),)
    assert notes(*held, *owners, far) == ()


def test_the_note_has_a_revision_of_its_own_and_goes_when_the_report_is_taken_back() -> None:
    back = {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(9), "originator": "SI"}
    back |= {"officer": "an officer", "retracts": "C-1", "reason": "entered_in_error"}
    told_of = revisions(PERSON, *TWICE, alike(), back)
    assert [(one.revision, one.quality_notes) for one in told_of] == [(1, ()), (2, (NOTE,)), (3, ())]


def test_nobody_is_told_again_because_of_somebody_who_is_less_than_possible() -> None:
    other = alike({"family_name": "Xhaferi", "given_names": "Besnik", "birth_date": "1985"})
    assert [one.revision for one in revisions(PERSON, *TWICE, other)] == [1]


def test_an_alert_on_such_information_is_still_told_of_others() -> None:
    assert notes(TWICE[0], TWICE[1] | {"handling": "H2"}, alike()) == (NOTE,)


def test_a_hit_and_a_known_person_at_a_border_are_told_of_possibles_too() -> None:
    seen = a_sighting(id="S-1", occurred_at=at(5), station="SI-GRU", persons=[AGRON])
    assert notes(crime("A-1"), seen, alike(), kind=SIGHTED) == (NOTE,)
    listed = an_entry(id="W-1", person=AGRON)
    for events in ([listed, seen, alike()], [alike(), seen, listed]):
        assert notes(*events, kind=HIT, of="W-1") == (NOTE,)
    assert notes(listed, seen, alike(handling="H2"), kind=HIT, of="W-1") == ()
    assert notes(listed, crime("A-1"), alike(), kind=HIT, of="W-1") == (NOTE,)
    entry = listed | {"person": {**AGRON, "documents": a_person(document="P-1")["documents"]}}
    minor = seen | {"persons": [{"documents": a_person(document="P-1")["documents"], "birth_date": "2010-05-05"}]}
    assert notes(entry, minor, alike(NAMES), kind=HIT, of="S-1") == ()


def test_a_handful_is_listed_of_what_agrees_most() -> None:
    """Of what agrees as much the earliest; the notes of an alert are sorted by their text."""
    most = RULES.possible_person.listed
    several = [alike(days=day, identity=f"C-{day}") for day in range(most + 1)]
    listed = tuple(possibly(f"C-{day}", 1 + day, YEAR) for day in range(most))
    assert notes(*TWICE, *several) == notes(*reversed([*TWICE, *several])) == listed
    nearer = alike({**AGRON, "birth_date": "1985-12-04"}, identity="D-1", days=9)
    first = possibly("D-1", 10, "birth dates with day and month swapped; family name equal; given name equal")
    assert notes(*TWICE, *several, nearer) == (*listed[:-1], first)


CROWD = RULES.model_copy(update={"possible_person": RULES.possible_person.model_copy(update={"most_alike": 3})})
TOO_MANY = "too many are described alike to list all who are possibly the same person"


def said(rules: Rules, *events: Said) -> tuple[str, ...]:
    line = OfflineLine(rules)
    for event in events:
        told(line, event)
    (alert,) = (alert for alert in line.open_alerts if "A-1" in alert.evidence)
    return alert.quality_notes


def test_where_too_many_are_described_alike_nobody_is_listed_and_the_note_says_so() -> None:
    """The person of the alert is one of the three that a key may lead to."""
    crowd = [alike({**NAMES, "birth_date": str(year)}, identity=f"C-{year}") for year in (1985, 1986)]
    third = alike({**NAMES, "birth_date": "1985-04"}, identity="D-1")
    assert said(CROWD, *TWICE, *crowd) == (possibly("C-1985", 2, YEAR),)
    for order in permutations([*crowd, third]):
        assert said(CROWD, *TWICE, *order) == said(CROWD, *order, *TWICE) == (TOO_MANY,)
    assert said(RULES, *TWICE, *crowd, third) != (TOO_MANY,)
    hidden = third | {"handling": "H2"}
    assert said(CROWD, *TWICE, *crowd, hidden) == (possibly("C-1985", 2, YEAR),), "of which nobody may know"


def test_who_is_listed_again_once_fewer_are_described_alike() -> None:
    crowd = [alike({**NAMES, "birth_date": born}, identity=f"C-{born}") for born in ("1985", "1986", "1985-04")]
    back = {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(9), "originator": "SI"}
    back |= {"officer": "an officer", "retracts": "C-1985-04", "reason": "unfounded"}
    assert said(CROWD, *TWICE, *crowd, back) == said(CROWD, back, *crowd, *TWICE) == (possibly("C-1985", 2, YEAR),)


def test_a_case_book_that_starts_anew_in_mid_history_goes_on_to_the_same_notes() -> None:
    events = [*TWICE, alike(), alike({**AGRON, "birth_date": "1985-12-04"}, identity="D-1", handling="H2")]
    update = alike({**AGRON, "birth_date": "1985-12-04"}, identity="D-2", updates="D-1", reported_at=at(9))
    first, kept = CaseBook(RULES), dict[bytes, bytes | None]()
    for event in events:
        kept |= first.apply(stamped(event)).changed
    again = CaseBook(RULES)
    for key, value in reversed(kept.items()):
        if value is not None:
            again.load(key, value)
    (told_of,) = again.apply(stamped(update)).alerts
    second = possibly("D-2", 2, "birth dates with day and month swapped; family name equal; given name equal")
    assert told_of.quality_notes == (NOTE, second)
    assert first.apply(stamped(update)).alerts == (told_of,)
