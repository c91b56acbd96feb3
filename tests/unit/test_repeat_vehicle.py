"""`repeat_vehicle`: cases that raise it, and beside each the nearest that must not."""

from typing import Any

import pytest
from factory import a_vehicle, an_incident, at, open_alerts, revisions

VAN = a_vehicle("LJ AB-123", "SI")


def repeats(*events: dict[str, Any]) -> list[tuple[str, ...]]:
    """Return the evidence of the open repeat_vehicle alerts."""
    return [alert.evidence for alert in open_alerts(*events) if alert.kind == "repeat_vehicle"]


def seen(identity: str, when: str, vehicle: dict[str, Any] = VAN, **more: Any) -> dict[str, Any]:
    return an_incident(id=identity, occurred_at=when, vehicles=[vehicle], **more)


def test_two_incidents_at_two_crossings_raise_one_alert_with_everything_it_says() -> None:
    """Proves the whole content of the plainest alert, written out by hand."""
    first = seen("A-1", at(), kind="irregular_crossing")
    second = seen(
        "B-1", at(10), station="SI-GRU", kind="migrant_smuggling", evaluation={"source": "B", "information": 2}
    )
    (alert,) = revisions(first, second)
    # printf 'repeat_vehicle|real|A-1|vehicles/0|' | sha256sum | cut -c1-20
    assert alert.id == "al-ed5e473e2bc3391939df"
    assert (alert.revision, alert.status, alert.kind, alert.severity) == (1, "open", "repeat_vehicle", "high")
    assert alert.score == 0.8
    assert alert.summary == (
        "Vehicle LJAB123 (SI) is back: 2 occurrences since 1 May 2026 08:00 UTC, "
        "the last one migrant smuggling at Gruškovje (SI) on 11 May 2026 08:00 UTC."
    )
    assert [(reason.rule, reason.contribution, reason.text, reason.evidence) for reason in alert.reasons] == [
        (
            "repeat_vehicle.occurrences",
            0.5,
            (
                "LJAB123 (SI) was used in 2 occurrences, each within 90 days of the one before: "
                "irregular crossing at Obrežje (SI) on 1 May 2026 08:00 UTC; "
                "migrant smuggling at Gruškovje (SI) on 11 May 2026 08:00 UTC."
            ),
            ("A-1", "B-1"),
        ),
        (
            "repeat_vehicle.smuggling",
            0.2,
            "1 incident is of smuggling or trafficking, the first migrant smuggling at Gruškovje (SI).",
            ("B-1",),
        ),
        ("repeat_vehicle.several_places", 0.1, "The incidents were at 2 different crossings.", ("A-1", "B-1")),
    ]
    assert alert.evidence == ("A-1", "B-1")
    assert [(one.event, one.station, one.country, one.late) for one in alert.occurrences] == [
        ("A-1", "SI-OBR", "SI", True),
        ("B-1", "SI-GRU", "SI", True),
    ]
    (subject,) = alert.subjects
    assert (subject.kind, subject.label) == ("vehicle", "LJAB123 (SI)")
    assert [(one.event, one.subject) for one in subject.appearances] == [("A-1", "vehicles/0"), ("B-1", "vehicles/0")]
    assert (alert.evaluation.source, alert.evaluation.information) == ("X", 4)
    assert (alert.handling_codes, alert.handling, alert.originators) == (("H1",), "H1", ("SI",))
    assert alert.opened_at.isoformat() == at(10)
    assert alert.valid_until.isoformat() == at(100)
    assert not alert.life_at_risk


@pytest.mark.parametrize(
    ("days", "raised"), [(90, True), (90.00002, False)], ids=["90 days to the second", "two seconds more"]
)
def test_the_window_is_ninety_days_inclusive(days: float, *, raised: bool) -> None:
    assert bool(repeats(seen("A-1", at()), seen("B-1", at(days)))) is raised


@pytest.mark.parametrize(("hours", "raised"), [(3, False), (3.001, True)])
def test_two_reports_at_one_place_within_three_hours_are_one_occurrence(hours: float, *, raised: bool) -> None:
    """Both sides of a crossing are one place: Bregana is Obrežje's other side."""
    other_side = seen("B-1", at(hours=hours), station="HR-BRE")
    assert bool(repeats(seen("A-1", at()), other_side)) is raised


def test_an_occurrence_is_a_chain_each_report_within_three_hours_of_the_one_before() -> None:
    chain = [seen(f"A-{number}", at(hours=3 * number)) for number in range(4)]
    assert repeats(*chain) == []
    assert repeats(*chain, seen("A-9", at(hours=13))) == [("A-0", "A-1", "A-2", "A-3", "A-9")]


def test_two_places_within_the_hour_are_two_occurrences() -> None:
    assert repeats(seen("A-1", at()), seen("B-1", at(hours=1), station="SI-GRU")) == [("A-1", "B-1")]


def test_the_same_letters_in_another_country_are_another_vehicle() -> None:
    assert repeats(seen("A-1", at()), seen("B-1", at(5), a_vehicle("LJ AB-123", "HR"))) == []


def test_an_unknown_country_is_never_a_match_by_itself() -> None:
    assert repeats(seen("A-1", at()), seen("B-1", at(5), a_vehicle("LJ AB-123", None))) == []


def test_separators_and_case_do_not_matter_but_diacritics_do() -> None:
    assert repeats(seen("A-1", at()), seen("B-1", at(5), a_vehicle("ljab 123", "SI"))) == [("A-1", "B-1")]
    assert repeats(seen("A-1", at(), a_vehicle("ŠI 1-AA", "RS")), seen("B-1", at(5), a_vehicle("SI 1-AA", "RS"))) == []


@pytest.mark.parametrize("involvement", ["public_transport", "rescue_or_official", "stolen", "bystander"])
def test_only_a_used_vehicle_counts(involvement: str) -> None:
    other = a_vehicle("LJ AB-123", "SI", involvement=involvement)
    assert repeats(seen("A-1", at()), seen("B-1", at(5), other)) == []


@pytest.mark.parametrize("kind", ["search_and_rescue", "refused_entry"])
def test_a_vehicle_at_a_rescue_or_refusal_is_a_bystander_unless_it_is_said_to_be_used(kind: str) -> None:
    used = a_vehicle("LJ AB-123", "SI", involvement="used")
    assert repeats(seen("A-1", at()), seen("B-1", at(5), kind=kind)) == []
    assert repeats(seen("A-1", at()), seen("B-1", at(5), used, kind=kind)) == [("A-1", "B-1")]


def test_a_return_is_no_occurrence() -> None:
    assert repeats(seen("A-1", at()), seen("B-1", at(5), kind="return_or_readmission")) == []


def test_an_exercise_never_meets_a_real_event_and_says_so_first() -> None:
    drill = [seen("X-1", at(), exercise=True), seen("X-2", at(5), exercise=True)]
    assert repeats(seen("A-1", at()), drill[0]) == []
    (alert,) = open_alerts(*drill)
    assert alert.exercise
    assert alert.summary.startswith("EXERCISE: ")
    assert all(reason.text.startswith("EXERCISE: ") for reason in alert.reasons)


def test_a_late_earlier_event_continues_the_alert_under_a_new_id() -> None:
    """The old alert is withdrawn and names its heir, so that receivers can follow."""
    raised = revisions(seen("A-2", at(10)), seen("A-3", at(20)), seen("A-1", at()))
    old, new, withdrawn = raised
    assert (new.id != old.id, new.evidence, new.revision) == (True, ("A-1", "A-2", "A-3"), 1)
    assert (withdrawn.id, withdrawn.revision, withdrawn.status) == (old.id, 2, "withdrawn")
    assert (withdrawn.withdrawn_reason, withdrawn.superseded_by) == ("superseded", new.id)


def test_an_event_between_two_chains_joins_them() -> None:
    far_apart = [seen("A-1", at()), seen("A-2", at(1)), seen("A-3", at(150)), seen("A-4", at(151))]
    assert sorted(repeats(*far_apart)) == [("A-1", "A-2"), ("A-3", "A-4")]
    assert repeats(*far_apart, seen("A-5", at(75))) == [("A-1", "A-2", "A-3", "A-4", "A-5")]


def test_a_third_and_fourth_occurrence_add_to_the_score_up_to_a_limit() -> None:
    scores = [
        open_alerts(*(seen(f"A-{one}", at(one), kind="irregular_crossing") for one in range(number)))[0].score
        for number in (2, 3, 4, 5, 9)
    ]
    assert scores == [0.5, 0.6, 0.7, 0.7, 0.7]


def test_codes_are_united_and_the_weakest_evaluation_holds() -> None:
    (alert,) = open_alerts(
        seen("A-1", at(), handling="H0", evaluation={"source": "A", "information": 3}),
        seen("B-1", at(5), handling="H2", evaluation={"source": "C", "information": 1}, originator="EUROPOL"),
    )
    assert (alert.handling_codes, alert.handling) == (("H0", "H2"), "H2")
    assert (alert.evaluation.source, alert.evaluation.information) == ("C", 3)
    assert alert.originators == ("EUROPOL", "SI")


def test_only_the_newest_incident_decides_whether_lives_are_at_risk_now() -> None:
    danger: dict[str, Any] = {"life_at_risk": True}
    now = [one for one in open_alerts(seen("A-1", at()), seen("B-1", at(5), **danger)) if one.kind == "repeat_vehicle"]
    then = [one for one in open_alerts(seen("A-1", at(), **danger), seen("B-1", at(5))) if one.kind == "repeat_vehicle"]
    assert [(one.life_at_risk, one.severity) for one in (*now, *then)] == [(True, "critical"), (False, "medium")]


def test_persons_play_no_part_in_the_score_or_the_words() -> None:
    """Never scored: who the people are. With and without them the vehicle's alert is the same."""
    people = [
        {"status": "victim", "role": "smuggled", "family_name": "Qarri", "given_names": "Arta", "birth_date": "2012"},
        {"status": "suspect", "role": "driver", "family_name": "Marković", "documents": [
            {"type": "passport", "number": "P1", "issuer": "SRB"}]},
    ]  # fmt: skip
    bare = open_alerts(seen("A-1", at()), seen("B-1", at(5)))
    full = open_alerts(seen("A-1", at(), persons=people), seen("B-1", at(5), persons=people))
    assert [alert for alert in full if alert.kind == "repeat_vehicle"] == bare
    assert not any("Qarri" in alert.model_dump_json() for alert in full)
