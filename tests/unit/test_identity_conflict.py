"""`identity_conflict`: cases that raise it, and beside each the nearest that must not."""

from typing import Any

import pytest
from factory import a_person, a_sighting, an_incident, at
from offline_rig import alert_id, raised, revisions, standing

CONFLICT = "identity_conflict"
NUMBER = "012345678"
AGRON = {"family_name": "Xhaferi", "given_names": "Agron", "birth_date": "1985-04-12"}
NIKOLA = {"family_name": "Kovačević", "given_names": "Nikola", "birth_date": "1979-09-23"}


def holder(who: dict[str, Any], **more: Any) -> dict[str, Any]:
    return a_person(document=NUMBER, **who) | more


def crime(identity: str, days: float, person: dict[str, Any], **more: Any) -> dict[str, Any]:
    return an_incident(id=identity, occurred_at=at(days), **{"kind": "document_fraud", "persons": [person], **more})


def passage(identity: str, days: float, person: dict[str, Any], **more: Any) -> dict[str, Any]:
    seen = {name: value for name, value in person.items() if name != "role"}
    fields: dict[str, Any] = {"vehicle": None, "persons": [seen], **more}
    event = a_sighting(id=identity, occurred_at=at(days), **fields)
    return {name: value for name, value in event.items() if value is not None}


def test_two_holders_with_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand: the document and its places are told, no name is."""
    (alert,) = standing(CONFLICT, crime("A-1", 0, holder(AGRON)), passage("S-1", 3, holder(NIKOLA), station="SI-GRU"))
    assert alert.id == alert_id(f"identity_conflict|real|A-1|persons/0|passport/{NUMBER}/SRB")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "medium", 0.5)
    assert alert.summary == (
        "Passport 012345678 (SRB) was shown by persons who differ in name and date of birth, "
        "last at Gruškovje (SI) on 4 May 2026 08:00 UTC: stolen, forged or misread."
    )
    (reason,) = alert.reasons
    assert (reason.rule, reason.contribution, reason.evidence) == ("identity_conflict.holders", 0.5, ("A-1", "S-1"))
    assert reason.text == (
        "Its holders differ in name and date of birth: Obrežje (SI) on 1 May 2026 08:00 UTC; "
        "Gruškovje (SI) on 4 May 2026 08:00 UTC."
    )
    (subject,) = alert.subjects
    assert (subject.kind, subject.label) == ("person", "passport 012345678 (SRB)")
    assert [(one.type, one.value) for one in subject.identifiers] == [("document", NUMBER)]
    assert [(one.event, one.subject) for one in subject.appearances] == [("A-1", "persons/0"), ("S-1", "persons/0")]
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(3), at(368))
    told = alert.model_dump_json()
    assert not any(name in told for name in ("Xhaferi", "Agron", "Nikola", "Kova"))


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (NIKOLA, True),
        ({**AGRON, "birth_date": "1985-04-13"}, False),  # the name agrees
        ({**NIKOLA, "birth_date": "1985-04-12"}, False),  # the birth date agrees
        ({**NIKOLA, "birth_date": "1979"}, False),  # not known well enough to differ
        ({"birth_date": "1979-09-23"}, False),
        ({"family_name": "Џафери", "given_names": "Агрон", "birth_date": "1979-09-23"}, False),
    ],
)
def test_both_name_and_birth_date_differ(other: dict[str, Any], *, expected: bool) -> None:
    events = [crime("A-1", 0, holder(AGRON)), crime("B-1", 3, holder(other))]
    assert raised(CONFLICT, *events) == ([("A-1", "B-1")] if expected else [])
    assert raised(CONFLICT, *reversed(events)) == raised(CONFLICT, *events)


@pytest.mark.parametrize("part", [{"role": "smuggled"}, {"status": "victim"}, {"status": "witness"}])
def test_a_protected_persons_document_is_not_used(part: dict[str, Any]) -> None:
    assert raised(CONFLICT, crime("A-1", 0, holder(AGRON, **part)), crime("B-1", 3, holder(NIKOLA))) == []
    assert raised(CONFLICT, crime("A-1", 0, holder(AGRON)), crime("B-1", 3, holder(NIKOLA, **part))) == []


def test_a_passengers_document_is() -> None:
    """The document is looked at, not the person: nobody becomes a suspect by it."""
    events = [crime("A-1", 0, holder(AGRON, role="passenger")), passage("S-1", 3, holder(NIKOLA))]
    assert raised(CONFLICT, *events) == [("A-1", "S-1")]
    assert raised(CONFLICT, *reversed(events)) == [("A-1", "S-1")]
    assert [alert.kind.value for alert in standing("known_person_sighted", *events)] == []


def test_two_sightings_alone_raise_nothing() -> None:
    assert raised(CONFLICT, passage("S-1", 0, holder(AGRON)), passage("S-2", 3, holder(NIKOLA))) == []


def test_a_sighting_is_evidence_only_beside_an_incident_of_another_holder() -> None:
    events = [
        crime("A-1", 0, holder(AGRON)),
        passage("S-1", 1, holder(AGRON)),  # of the same holder as the incident, and beside no other's incident
        passage("S-2", 3, holder(NIKOLA)),
    ]
    assert raised(CONFLICT, *events) == [("A-1", "S-2")]
    assert raised(CONFLICT, *events, crime("B-1", 5, holder(NIKOLA))) == [("A-1", "B-1", "S-1", "S-2")]


@pytest.mark.parametrize("fields", [{"number": "X1"}, {"issuer": "HRV"}, {"type": "id_card"}])
def test_another_document_is_none_of_it(fields: dict[str, Any]) -> None:
    other = holder(NIKOLA)
    other["documents"] = [other["documents"][0] | fields]
    assert raised(CONFLICT, crime("A-1", 0, holder(AGRON)), crime("B-1", 3, other)) == []


def test_a_real_holder_and_one_of_an_exercise_are_none() -> None:
    assert raised(CONFLICT, crime("A-1", 0, holder(AGRON)), crime("B-1", 3, holder(NIKOLA), exercise=True)) == []


def test_each_document_has_an_alert_of_its_own() -> None:
    two = [{"type": "id_card", "number": "X1", "issuer": "SRB"}, holder(AGRON)["documents"][0]]
    events = [
        crime("A-1", 0, {**AGRON, "role": "driver", "documents": two}),
        crime("B-1", 3, {**NIKOLA, "documents": two}),
    ]
    assert raised(CONFLICT, *events) == [("A-1", "B-1"), ("A-1", "B-1")]


def test_news_of_one_document_leaves_the_alert_on_another_of_its_holder() -> None:
    card = {"type": "id_card", "number": "X1", "issuer": "SRB"}
    both = holder(AGRON, documents=[card, *holder(AGRON)["documents"]])
    events = [crime("A-1", 0, both), crime("B-1", 3, holder(NIKOLA, documents=[card])), crime("C-1", 5, holder(NIKOLA))]
    assert raised(CONFLICT, *events) == [("A-1", "B-1"), ("A-1", "C-1")]


def test_what_is_taken_back_ends_it() -> None:
    back = {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(), "originator": "SI"}
    back |= {"officer": "an officer", "retracts": "B-1", "reason": "wrong_identity"}
    last = revisions(CONFLICT, crime("A-1", 0, holder(AGRON)), crime("B-1", 3, holder(NIKOLA)), back)[-1]
    assert (last.revision, last.status, last.withdrawn_reason) == (2, "withdrawn", "no_longer_supported")
