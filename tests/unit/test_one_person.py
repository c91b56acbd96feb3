"""Why two descriptions are of one person: said in an alert, in words and bits, and never for a minor."""

from typing import Any

from factory import a_person, an_incident, at
from offline_rig import standing

PERSON = "repeat_person"
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}


def crime(identity: str, days: float = 0, person: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    fields = {"kind": "irregular_crossing", "persons": [person or a_person(**AGRON)], **more}
    return an_incident(id=identity, occurred_at=at(days), **fields)


def why_one(*events: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    (alert,) = standing(PERSON, *events)
    return [(one.text, one.evidence) for one in alert.reasons if one.rule == "repeat_person.one_person"]


def test_it_says_in_words_and_bits_why_two_descriptions_are_of_one_person() -> None:
    cyrillic = {"family_name": "Џафери", "given_names": "Агрон", "birth_date": "1985-04-12"}
    by_both = crime("B-1", 3, a_person(document="P1", **cyrillic))
    by_name = (
        "One person: birth date equal (+11); family name Xhaferi ≈ Џафери, one name in two scripts (+7.6); "
        "given name Agron ≈ Агрон, one name in two scripts (+7)."
    )
    by_document = "One person: document passport P1 SRB equal (+14)."
    assert why_one(crime("A-1"), by_both) == [(by_name, ("A-1", "B-1"))]
    events = [crime("A-1"), by_both, crime("C-1", 5, a_person(document="P1"))]
    assert why_one(*events) == [(by_name, ("A-1", "B-1")), (by_document, ("B-1", "C-1"))]


def test_who_is_described_in_the_same_words_needs_no_explanation() -> None:
    assert why_one(crime("A-1"), crime("B-1", 3), crime("C-1", 5)) == []


def test_it_says_where_only_another_report_connects_two_descriptions() -> None:
    """The report that connects them is of a return: it is no occurrence, and not listed."""
    events = [crime("A-1"), crime("B-1", 3, a_person(document="P1"))]
    between = crime("C-1", 2, a_person(document="P1", **AGRON), kind="return_or_readmission")
    text = "Described otherwise: other reports of the person connect the two."
    assert why_one(*events, between) == [(text, ("A-1", "B-1"))]


def test_a_minor_is_not_named_in_an_explanation_either() -> None:
    young = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "2010-04-12"}
    again = {"family_name": "Џафери", "given_names": "Агрон", "birth_date": "2010-04-12"}
    assert why_one(crime("A-1", 0, a_person(**young)), crime("B-1", 3, a_person(**again))) == []


def notes(*events: dict[str, Any]) -> tuple[str, ...]:
    (alert,) = standing(PERSON, *events)
    return alert.quality_notes


def holding(*numbers: str, **said: str) -> dict[str, Any]:
    documents = [{"type": "passport", "number": number, "issuer": "SRB"} for number in numbers]
    return {"role": "driver", "documents": documents, **said}


def test_where_two_ends_of_a_chain_speak_of_two_persons_the_alert_says_so_and_stands() -> None:
    """A courier who carries both passports connects two who are nobody's idea of one; the links are the contract's."""
    agron, courier = holding("P1", family_name="Xhaferi", given_names="Agron"), holding("P1", "P2")
    besnik = holding("P2", family_name="Hoxha", given_names="Besnik")
    events = [crime("A-1", 0, agron), crime("B-1", 3, courier), crime("C-1", 6, besnik)]
    at_odds = "Reports A-1 and C-1 by themselves speak of two persons: only other reports connect them."
    for order in (events, events[::-1]):
        (alert,) = standing(PERSON, *order)
        assert (alert.evidence, alert.quality_notes) == (("A-1", "B-1", "C-1"), (at_odds,))
    assert notes(*events[:2]) == ()
    same = holding("P2", family_name="Џафери", given_names="Агрон")
    assert notes(*events[:2], crime("C-1", 6, same)) == ()


def test_of_a_minor_no_such_note_is_made() -> None:
    agron = holding("P1", family_name="Xhaferi", given_names="Agron", birth_date="2010-04-12")
    besnik = holding("P2", family_name="Hoxha", given_names="Besnik")
    events = [crime("A-1", 0, agron), crime("B-1", 3, holding("P1", "P2")), crime("C-1", 6, besnik)]
    assert notes(*events) == ()
