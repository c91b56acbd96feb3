"""`bulletin`: what the alert says, whom it is for, and what changes it."""

from typing import Any

import oracle
import pytest
from factory import a_bulletin, a_vehicle, an_incident, at
from offline_rig import alert_id, played, raised, revisions, standing

from consumers.audience import View, decide
from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.routing import BUNDLED, RouteReason, load_routes, route
from schemas.alerts import Alert

BULLETIN = "bulletin"
CODES = contact_point_codes(CONTACT_POINTS)
TABLE = load_routes(BUNDLED, CODES)


def the_alert(**fields: Any) -> Alert:
    (alert,) = standing(BULLETIN, a_bulletin(id="B-1", **fields))
    return alert


def told(alert: Alert) -> set[str]:
    """Return who is told more than nothing."""
    codes = {one.contact_point for one in route(alert, TABLE, CODES)}
    return {code for code in codes if decide(alert, code).view is not View.WITHHELD}


def taken_back(by: str = "RS") -> dict[str, Any]:
    fields = {"originator": by, "officer": "an officer", "retracts": "B-1", "reason": "unfounded"}
    return {"type": "retraction", "schema_version": "1.0", "id": "R-1", "at": at(1), **fields}


def test_everything_that_the_alert_says() -> None:
    """Proves the whole content, written out by hand."""
    said = {"contact_point": "SI", "severity": "high", "evaluation": {"source": "B", "information": 2}}
    alert = the_alert(
        **said,
        handling="H3",
        handling_note="For officers on duty only.",
        countries=["HR", "HU"],
        valid_until=at(3),
        refers_to=["A-1", "A-2"],
    )
    assert alert.id == alert_id("bulletin|real|B-1||")
    assert (alert.revision, alert.status, alert.severity, alert.score) == (1, "open", "high", 0)
    assert alert.summary == "Vans with a false wall behind the driver"
    assert [(reason.rule, reason.contribution, reason.text, reason.evidence) for reason in alert.reasons] == [
        (
            "bulletin.text",
            0.0,
            "Three vans with the same conversion were stopped within a week. Knock on the wall; listen.",
            ("B-1",),
        ),
        (
            "bulletin.sent",
            0.0,
            (
                "Sent by SI for RS on 1 May 2026 08:00 UTC; it refers to A-1, A-2; "
                "how it may be used: For officers on duty only."
            ),
            ("B-1",),
        ),
    ]
    assert (alert.evidence, alert.subjects, alert.occurrences) == (("B-1",), (), ())
    assert (alert.handling, alert.handling_codes, alert.originators) == ("H3", ("H3",), ("RS",))
    assert (alert.evaluation.source, alert.evaluation.information) == ("B", 2)
    assert (alert.opened_at.isoformat(), alert.valid_until.isoformat()) == (at(), at(3))
    assert (alert.countries, alert.life_at_risk) == (("HR", "HU"), False)


def test_what_is_not_said_is_medium_and_stands_for_thirty_days() -> None:
    alert = the_alert()
    assert (alert.severity, alert.handling, alert.valid_until.isoformat()) == ("medium", "H1", at(30))
    assert alert.reasons[1].text == "Sent by RS on 1 May 2026 08:00 UTC"


@pytest.mark.parametrize("severity", ["critical", "high", "medium", "low"])
def test_the_severity_is_the_authors(severity: str) -> None:
    """No rule lowers what an officer signed; and none is a danger to life, of which an extract goes to everybody."""
    alert = the_alert(severity=severity, handling="H2")
    assert (alert.severity, alert.life_at_risk) == (severity, False)
    assert decide(alert, "HR").view is View.WITHHELD


def test_it_reaches_the_countries_it_names_and_whose_information_it_is() -> None:
    alert = the_alert(countries=["HR", "HU", "RO"])
    assert told(alert) == {"HR", "HU", "RS"}
    reasons = {one.contact_point: (one.reason, one.texts) for one in route(alert, TABLE, CODES)}
    assert reasons["HR"] == (RouteReason.ADDRESSEE, ("The bulletin is for HR.",))


def test_one_that_names_no_country_reaches_everybody() -> None:
    assert told(the_alert()) == CODES


def test_one_of_h2_reaches_only_whose_information_it_is() -> None:
    assert told(the_alert(handling="H2", countries=["HR"])) == {"RS"}
    assert told(the_alert(handling="H2", contact_point="SI")) == {"RS"}


@pytest.mark.parametrize("fields", [{}, {"countries": ["HR"]}, {"handling": "H2"}, {"exercise": True}])
def test_the_brute_force_says_the_same(fields: dict[str, Any]) -> None:
    event = a_bulletin(id="B-1", **fields)
    (found,) = oracle.find([event, event])
    alert = the_alert(**fields)
    assert (found.alert.id, found.alert.kind, found.alert.evidence) == (alert.id, alert.kind, alert.evidence)
    assert found.told == told(alert)
    assert oracle.find([event, taken_back() | {"exercise": event.get("exercise", False)}]) == []


def test_what_it_refers_to_changes_nothing_whichever_comes_first() -> None:
    """It rests on itself: neither a report that it names nor that report's danger or retraction touches it."""
    event = a_bulletin(id="B-1", refers_to=["A-1"])
    report = an_incident(id="A-1", life_at_risk=True, vehicles=[a_vehicle()])
    alone = standing(BULLETIN, event)
    assert standing(BULLETIN, event, report) == standing(BULLETIN, report, event) == alone
    assert len(revisions(BULLETIN, event, report, event)) == 1


def test_its_originator_takes_it_back_and_nobody_else() -> None:
    event = a_bulletin(id="B-1", contact_point="SI")
    last = revisions(BULLETIN, event, taken_back())[-1]
    assert (last.revision, last.status, last.withdrawn_reason) == (2, "withdrawn", "no_longer_supported")
    assert raised(BULLETIN, taken_back(), event) == []
    assert raised(BULLETIN, event, taken_back("SI")) == [("B-1",)]


def test_a_drill_says_so_first_and_is_another_alert() -> None:
    alert = the_alert(exercise=True)
    assert alert.id == alert_id("bulletin|exercise|B-1||")
    assert alert.summary.startswith("EXERCISE: ")
    assert all(reason.text.startswith("EXERCISE: ") for reason in alert.reasons)
    assert raised(BULLETIN, a_bulletin(id="B-1"), taken_back() | {"exercise": True}) == [("B-1",)]


def test_the_second_of_one_id_is_refused_and_changes_nothing() -> None:
    line = played([a_bulletin(id="B-1"), a_bulletin(id="B-1", text="Something else.")])
    assert [alert.reasons[0].text[:10] for alert in line.open_alerts] == ["Three vans"]


def test_the_longest_text_is_told_whole() -> None:
    text = "Ђ" * 20_000
    assert the_alert(text=text).reasons[0].text == text
