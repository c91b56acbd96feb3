"""`life_at_risk`: cases that raise it, and beside each the nearest that must not."""

from typing import Any

import pytest
from factory import a_vehicle, an_incident, at, open_alerts, revisions


def raised(**fields: Any) -> bool:
    return any(alert.kind == "life_at_risk" for alert in open_alerts(an_incident(**fields)))


def test_a_flagged_incident_is_told_at_once_with_everything_it_says() -> None:
    """Proves the whole content of the alert, written out by hand."""
    (alert,) = revisions(
        an_incident(
            id="HU-1",
            station="HU-ROS",
            kind="clandestine_entry",
            direction="entry",
            life_at_risk=True,
            people={"smuggled": 21, "minors": 1, "injured": 2},
            vehicles=[a_vehicle("NS 0088-XX", "RS"), a_vehicle("M-1", "HU", involvement="rescue_or_official")],
        )
    )
    # printf 'life_at_risk|real|HU-1||' | sha256sum | cut -c1-20
    assert alert.id == "al-9e31b78528d7d7693db0"
    assert (alert.severity, alert.score, alert.life_at_risk) == ("critical", 1.0, True)
    assert alert.summary == (
        "Life at risk: clandestine entry at Röszke (HU) on 1 May 2026 08:00 UTC; 21 smuggled people, 1 minor, "
        "2 injured, direction entry, NS 0088-XX (RS) aboard or near."
    )
    assert [(reason.rule, reason.text) for reason in alert.reasons] == [
        ("life_at_risk.flagged", "The reporting officer flagged danger to life."),
        ("life_at_risk.injured", "The report counts 2 injured people."),
    ]
    assert [(subject.kind, subject.label) for subject in alert.subjects] == [
        ("vehicle", "NS 0088-XX (RS)"),
        ("station", "Röszke (HU)"),
    ]
    assert alert.opened_at.isoformat() == at()
    assert alert.valid_until.isoformat() == at(1)


def test_an_ordinary_incident_raises_nothing() -> None:
    assert not raised()


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "search_and_rescue"}, True),
        ({"kind": "search_and_rescue", "life_at_risk": False}, False),
        ({"people": {"injured": 1}}, True),
        ({"people": {"injured": 0}}, False),
        ({"people": {"injured": 3}, "life_at_risk": False}, False),
        ({"people": {"deceased": 1}}, False),
        ({"kind": "return_or_readmission", "life_at_risk": True}, True),
        ({"kind": "return_or_readmission"}, False),
    ],
)
def test_a_missing_flag_counts_as_true_for_rescues_and_injuries_only(fields: dict[str, Any], *, expected: bool) -> None:
    assert raised(**fields) is expected


def test_it_protects_whoever_is_named_and_names_no_person() -> None:
    (alert,) = revisions(
        an_incident(life_at_risk=True, persons=[{"status": "victim", "family_name": "Qarri", "role": "smuggled"}])
    )
    assert "Qarri" not in alert.model_dump_json()


def test_an_update_that_ends_the_danger_withdraws_it_and_one_that_goes_on_continues_it() -> None:
    danger = an_incident(id="A-1", life_at_risk=True)
    over = an_incident(id="A-2", life_at_risk=False, updates="A-1", reported_at=at(hours=2))
    worse = an_incident(id="A-3", life_at_risk=True, updates="A-1", reported_at=at(hours=1), people={"injured": 4})
    first, ended = revisions(danger, over)
    assert (ended.id, ended.status, ended.withdrawn_reason) == (first.id, "withdrawn", "no_longer_supported")
    first, heir, continued = revisions(danger, worse)
    assert (continued.id, continued.withdrawn_reason, continued.superseded_by) == (first.id, "superseded", heir.id)
    assert heir.evidence == ("A-3",)


def test_an_exercise_says_so_first() -> None:
    (alert,) = revisions(an_incident(life_at_risk=True, exercise=True))
    assert alert.summary.startswith("EXERCISE: Life at risk")
