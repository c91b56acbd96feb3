"""Updates and relays: which report holds, whatever the order of arrival."""

from itertools import permutations
from typing import Any

from factory import an_incident, at, stamped

from streams.engine.incidents import Resolution, resolve
from streams.engine.quality import QualityNote


def resolved(*events: dict[str, Any]) -> Resolution:
    return resolve({event["id"]: stamped(event) for event in events})


def told(*events: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    """Return (the report that holds, its evidence) for every order of arrival, which must all agree."""
    answers = [
        [(incident.report.id, incident.evidence) for incident in resolved(*order).incidents]
        for order in permutations(events)
    ]
    assert all(answer == answers[0] for answer in answers)
    return answers[0]


def test_the_newest_update_by_report_time_holds_and_is_alone_the_evidence() -> None:
    assert told(
        an_incident(id="A-1"),
        an_incident(id="A-3", updates="A-1", reported_at=at(hours=1)),
        an_incident(id="A-2", updates="A-1", reported_at=at(hours=2)),
    ) == [("A-2", ("A-2",))]


def test_equal_report_times_are_decided_by_the_id() -> None:
    assert told(an_incident(id="A-1"), an_incident(id="A-2", updates="A-1")) == [("A-2", ("A-2",))]


def test_an_update_of_another_stations_incident_is_not_applied_and_noted() -> None:
    events = (an_incident(id="A-1"), an_incident(id="B-1", station="HR-BRE", updates="A-1", occurred_at=at(1)))
    assert told(*events) == [("A-1", ("A-1",)), ("B-1", ("B-1",))]
    assert resolved(*events).incidents[1].notes == (QualityNote.FOREIGN_UPDATE,)


def test_two_updates_of_a_report_that_never_came_are_one_incident_at_one_station_only() -> None:
    assert told(
        an_incident(id="A-2", updates="A-1"),
        an_incident(id="A-3", updates="A-1", reported_at=at(hours=1)),
        an_incident(id="B-2", updates="A-1", station="SI-GRU", occurred_at=at(1)),
    ) == [("A-3", ("A-3",)), ("B-2", ("B-2",))]


def test_relays_are_all_evidence_and_the_original_speaks() -> None:
    assert told(
        an_incident(id="A-1", occurred_at=at(1)),
        an_incident(id="R-1", relay_of="A-1"),
        an_incident(id="R-2", relay_of="R-1"),
    ) == [("A-1", ("A-1", "R-1", "R-2"))]


def test_without_the_original_the_earliest_relay_speaks() -> None:
    assert told(an_incident(id="R-2", relay_of="A-1"), an_incident(id="R-1", relay_of="A-1", occurred_at=at(1))) == [
        ("R-2", ("R-1", "R-2"))
    ]


def test_a_relayed_update_belongs_to_the_incident_it_updates() -> None:
    assert told(
        an_incident(id="A-1"),
        an_incident(id="A-2", updates="A-1", reported_at=at(hours=1)),
        an_incident(id="R-1", relay_of="A-2", occurred_at=at(2)),
    ) == [("A-2", ("A-2", "R-1"))]


def test_events_that_relay_each_other_in_a_circle_are_no_incident() -> None:
    events = (
        an_incident(id="A-1", relay_of="A-3"),
        an_incident(id="A-2", relay_of="A-1"),
        an_incident(id="A-3", relay_of="A-2"),
        an_incident(id="A-4", relay_of="A-1"),
    )
    assert told(*events) == [("A-4", ("A-4",))]
    assert resolved(*events).in_relay_cycle == {"A-1", "A-2", "A-3"}


def test_a_drill_never_updates_or_relays_a_real_event() -> None:
    assert told(
        an_incident(id="A-1"),
        an_incident(id="A-2", updates="A-1", exercise=True, occurred_at=at(1)),
        an_incident(id="A-3", relay_of="A-1", exercise=True, occurred_at=at(2)),
    ) == [("A-1", ("A-1",)), ("A-2", ("A-2",)), ("A-3", ("A-3",))]
