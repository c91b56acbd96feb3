"""The quality bench: how alerts are compared, what must be raised of the truth, and why something was missed."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import oracle
import pytest
from causes import MissedReason, WrongReason, person_faults, vehicle_faults, why_missed, why_wrong
from comparison import KINDS, Evidence, Score, evidence_of, first_report, score, tell_the_same, unmatched
from expected import Expected, Known, expected_alerts, known_of, retracted, true_event, what_matters
from factory import a_sighting, a_vehicle, an_incident, at, open_alerts
from oracle.persons import read_person
from oracle.reports import moment
from planted import Question, judge
from quality_measure import Measured, measure, needed, run_through
from quality_report import keep_quality, tables
from rich.console import Console
from simulated import ENDS_AT, simulated

from producers.simulator import Case, Scenario, simulate

NOBODY: dict[str, Any] = {}


def evidence(incidents: str = "", sightings: str = "", entries: str = "") -> Evidence:
    return Evidence(*(frozenset(names.split()) for names in (incidents, sightings, entries)))


def known(*events: dict[str, Any], subjects: dict[str, dict[str, str]] = NOBODY) -> Known:
    told = {event["id"]: event for event in events}
    true = {name: true_event(event, subjects.get(name, {})) for name, event in told.items()}
    return Known(told, true, dict(subjects), retracted(told))


def a_retraction(of: str, reason: str) -> dict[str, Any]:
    return {"type": "retraction", "id": f"R-{of}", "retracts": of, "reason": reason}


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("life_at_risk", evidence("A"), evidence("A B"), True),
        ("life_at_risk", evidence("A"), evidence("B"), False),
        ("repeat_vehicle", evidence("A B"), evidence("B A C"), True),
        ("repeat_vehicle", evidence("A B"), evidence("B C"), False),
        ("repeat_person", evidence("A B C"), evidence("B C"), True),
        ("known_vehicle_sighted", evidence("A B", "S"), evidence("A B", "T"), False),
        ("known_vehicle_sighted", evidence("A B", "S"), evidence("B", "S T"), True),
        ("known_person_sighted", evidence("A", "S T"), evidence("B", "S T"), False),
        ("watchlist_hit", evidence("", "S", "W"), evidence("", "S", "W X"), True),
        ("watchlist_hit", evidence("", "S", "W"), evidence("", "T", "W"), False),
        ("watchlist_hit", evidence("A", "", "W"), evidence("A", "", "X"), False),
        ("impossible_journey", evidence("", "S T"), evidence("", "T S"), True),
        ("impossible_journey", evidence("", "S T"), evidence("", "T U"), False),
        ("linked_incidents", evidence("A B C"), evidence("B C A D"), True),
        ("linked_incidents", evidence("A B C"), evidence("B C D"), False),
        ("surge", evidence("A B C"), evidence("A B D"), False),
        ("identity_conflict", evidence("A", "S"), evidence("A B", "S"), True),
        ("identity_conflict", evidence("A B"), evidence("A B"), True),
        ("identity_conflict", evidence("A", "S"), evidence("A", "T"), False),
        ("identity_conflict", evidence("A", "S T"), evidence("B", "S T"), False),
    ],
)
def test_alerts_tell_the_same_where_they_share_what_makes_their_kind(
    kind: str, one: Evidence, other: Evidence, *, same: bool
) -> None:
    assert tell_the_same(kind, one, other) is same
    assert tell_the_same(kind, other, one) is same


def test_reports_that_update_or_relay_each_other_are_one_incident() -> None:
    told = {
        "A": {"type": "incident"},
        "B": {"type": "incident", "updates": "A"},
        "C": {"type": "incident", "relay_of": "B"},
        "D": {"type": "incident", "relay_of": "Z"},
        "E": {"type": "incident", "updates": "E"},
        "S": {"type": "sighting"},
    }
    assert [first_report(name, told) for name in "ABCDES"] == ["A", "A", "A", "D", "E", "S"]
    assert evidence_of(["B", "C", "D", "S"], told) == evidence("A D", "S")


def test_shares_are_of_alerts_and_of_the_pairs_that_they_join() -> None:
    """One of two expected is found, two of three raised are right; AB is joined of AB, BC, AC and XY."""
    wanted = [evidence("A B C"), evidence("X Y")]
    raised = [evidence("A B"), evidence("A B D"), evidence("X Z")]
    counted = score("repeat_vehicle", wanted, raised)
    assert counted == Score(expected=2, found=1, raised=3, right=2, pairs_expected=4, pairs_raised=4, pairs_right=1)
    assert (counted.precision, counted.recall) == (2 / 3, 1 / 2)
    assert (counted.pair_precision, counted.pair_recall) == (1 / 4, 1 / 4)
    assert unmatched("repeat_vehicle", wanted, raised) == [1]
    assert unmatched("repeat_vehicle", raised, wanted) == [2]


def test_shares_of_several_seeds_are_those_of_the_sums_and_of_nothing_there_are_none() -> None:
    both = Score(expected=1, found=1) + Score(expected=3, found=1, raised=2, right=2)
    assert (both.recall, both.precision, both.pair_recall, both.pair_precision) == (0.5, 1.0, None, None)
    assert Score().recall is None
    assert score("life_at_risk", [evidence("A")], []).recall == 0.0


def test_a_true_event_says_who_everybody_is_and_nothing_else_of_them() -> None:
    told = an_incident(
        id="I",
        vehicles=[a_vehicle(plate_confidence=0.9, vin="X", involvement="stolen"), a_vehicle()],
        persons=[{"role": "driver", "status": "suspect", "family_name": "N", "birth_date": "1980-02-03"}],
    )
    true = true_event(told, {"vehicles/0": "V000001", "persons/0": "P000002"})
    assert true["vehicles"] == [
        {"plate": "V000001", "plate_country": "SI", "involvement": "stolen"},
        {"plate": "I/vehicles/1", "plate_country": "SI"},
    ]
    assert true["persons"] == [
        {
            "role": "driver",
            "status": "suspect",
            "documents": [{"type": "passport", "number": "P000002", "issuer": "XXX"}],
        }
    ]
    assert {name: true[name] for name in told if name not in {"vehicles", "persons"}} == {
        name: told[name] for name in told if name not in {"vehicles", "persons"}
    }


@pytest.mark.parametrize(
    ("reason", "gone"), [("unfounded", {"A", "B"}), ("wrong_identity", {"A", "B"}), ("entered_in_error", {"B"})]
)
def test_a_retraction_takes_back_a_report_or_all_of_its_incident(reason: str, gone: set[str]) -> None:
    events = [
        {"type": "incident", "id": "A"},
        {"type": "incident", "id": "B", "relay_of": "A"},
        {"type": "incident", "id": "C"},
        a_retraction("B", reason),
        a_retraction("unknown", reason),
    ]
    assert retracted({event["id"]: event for event in events}) == gone


def test_a_misread_vehicle_is_expected_all_the_same_and_a_drill_and_a_retracted_report_are_not() -> None:
    events = known(
        an_incident(id="A", occurred_at=at(0), vehicles=[a_vehicle("LJ AB-123")]),
        an_incident(id="B", occurred_at=at(5), vehicles=[a_vehicle("LJ A8-123")]),
        an_incident(id="C", occurred_at=at(9), vehicles=[a_vehicle("LJ AB-123")]),
        an_incident(id="D", occurred_at=at(12), vehicles=[a_vehicle("LJ AB-123")], exercise=True),
        a_retraction("C", "unfounded"),
        subjects={name: {"vehicles/0": "V000001"} for name in "ABCD"},
    )
    (alert,) = expected_alerts(events, [])
    assert alert == Expected("repeat_vehicle", ("A", "B"), "V000001")
    assert why_missed(alert, events, frozenset()) == {MissedReason.PLATE_MISREAD}
    assert why_missed(alert, events, frozenset({"B"})) == {MissedReason.REFUSED}


def test_an_impossible_journey_is_expected_where_a_case_says_so() -> None:
    case = Case("cloned_plate", "C0001", "", ("S", "T", "A"), (), ("impossible_journey",), ())
    events = known(a_sighting(id="S"), a_sighting(id="T"), an_incident(id="A"), subjects={"S": {}, "T": {}})
    assert expected_alerts(events, [case]) == [Expected("impossible_journey", ("S", "T"), "")]


def test_what_is_left_out_for_the_oracles_sake_changes_none_of_its_answers() -> None:
    sent, _ = simulated(sightings=1_500, incidents=120)
    events = known_of(sent)
    matters = what_matters(events)
    told = [event for name, event in events.true.items() if name not in events.retracted]
    everything = [event for event in told if event["type"] != "retraction" and not event.get("exercise")]
    assert len(matters) < len(everything) / 2
    assert oracle.open_alerts(matters) == oracle.open_alerts(everything)


def test_the_sightings_that_are_not_kept_change_nothing_that_is_expected() -> None:
    simulation = simulate(
        Scenario(seed=7, ends_at=ENDS_AT, days=30, sightings=1_500, incidents=250, sighting_days=None)
    )
    outcome = run_through(simulation)
    kept, whole = known_of(needed(simulation, outcome.alerts, simulation.cases, outcome.reported)), known_of(simulation)
    assert len(kept.told) < len(whole.told)
    expected = expected_alerts(whole, simulation.cases)
    assert expected_alerts(kept, simulation.cases) == expected
    found = {name for alert in outcome.alerts for name in alert.evidence}
    assert found <= kept.told.keys()
    assert {name for alert in expected for name in alert.evidence} - found, "something is missed in it"


@pytest.mark.parametrize(
    ("one", "other", "faults"),
    [
        (a_vehicle("LJ AB-123"), a_vehicle("ljab123"), set()),
        (a_vehicle("LJ AB-123"), a_vehicle("LJ A8-123"), {MissedReason.PLATE_MISREAD}),
        (a_vehicle("ŠK AB-123"), a_vehicle("SK AB-123"), {MissedReason.HOOK_LOST}),
        (a_vehicle("LJ AB-123"), a_vehicle("AB-123"), {MissedReason.PLATE_IN_PART}),
        (a_vehicle("LJ AB-123"), a_vehicle("LJ AB-12"), {MissedReason.PLATE_MISREAD}),
        (a_vehicle(), a_vehicle(country=None), {MissedReason.NO_COUNTRY}),
        (a_vehicle("AB", None), a_vehicle("A8"), {MissedReason.NO_COUNTRY, MissedReason.PLATE_MISREAD}),
        (a_vehicle("LJ AB-123"), a_vehicle("LJ A8-123", plate_confidence=0.5), set()),
        (
            a_vehicle("LJ AB-123", make="Audi"),
            a_vehicle("LJ A8-123", make="Opel", plate_confidence=0.5),
            {MissedReason.PLATE_MISREAD, MissedReason.DESCRIBED_OTHERWISE},
        ),
    ],
)
def test_what_keeps_two_readings_of_a_vehicle_apart(
    one: dict[str, Any], other: dict[str, Any], faults: set[MissedReason]
) -> None:
    assert set(vehicle_faults(one, other)) == faults


ANA = {"family_name": "Novak", "given_names": "Ana", "birth_date": "1980-02-03"}
PASSPORT = {"documents": [{"type": "passport", "number": "P1", "issuer": "SVN"}]}
CARD = {"documents": [{"type": "id_card", "number": "C1", "issuer": "SVN"}]}
UNNUMBERED = {"documents": [{"type": "passport", "issuer": "SVN"}]}


@pytest.mark.parametrize(
    ("one", "other", "faults"),
    [
        (ANA | PASSPORT, ANA | {"birth_date": "1980"}, {MissedReason.NO_DOCUMENT, MissedReason.YEAR_ALONE}),
        (ANA | {"birth_date": "1980-01-01"} | PASSPORT, ANA | CARD,
         {MissedReason.OTHER_DOCUMENT, MissedReason.FIRST_OF_JANUARY}),
        (ANA | PASSPORT, CARD, {MissedReason.OTHER_DOCUMENT, MissedReason.NO_BIRTH_DATE, MissedReason.NO_NAME}),
        (ANA | PASSPORT, ANA | UNNUMBERED | {"given_names": "Eva"},
         {MissedReason.FAULTY_DOCUMENT, MissedReason.NAME_OTHERWISE}),
        (ANA | PASSPORT, ANA | PASSPORT | {"family_name": "Kos"},
         {MissedReason.HELD_BY_TWO, MissedReason.NAME_OTHERWISE}),
    ],
)  # fmt: skip
def test_what_keeps_two_readings_of_a_person_apart(
    one: dict[str, Any], other: dict[str, Any], faults: set[MissedReason]
) -> None:
    today = moment(at(0)).date()
    assert set(person_faults(*((said, read_person(said, today)) for said in (one, other)))) == faults


def test_a_wrong_alert_rests_on_what_was_taken_back_or_takes_two_for_one() -> None:
    told = [an_incident(id=name, occurred_at=at(day), vehicles=[a_vehicle()]) for name, day in (("A", 0), ("B", 9))]
    (alert,) = (alert for alert in open_alerts(*told) if alert.kind == "repeat_vehicle")
    one = {"A": {"vehicles/0": "V1"}, "B": {"vehicles/0": "V1"}}
    two = {"A": {"vehicles/0": "V1"}, "B": {"vehicles/0": "V2"}}
    assert why_wrong(alert, known(*told, subjects=one)) is WrongReason.OTHER
    assert why_wrong(alert, known(*told, subjects=two)) is WrongReason.TWO_VEHICLES
    assert why_wrong(alert, known(*told, a_retraction("A", "unfounded"), subjects=two)) is WrongReason.RETRACTED


def test_a_planted_case_is_found_and_alarms_falsely_on_two_of_its_events_or_on_one_danger() -> None:
    def alert(kind: str, names: Iterable[str]) -> tuple[str, frozenset[str]]:
        return kind, frozenset(names)

    cases = [
        Case("network", "C0001", "", ("A", "B"), (), ("repeat_person", "life_at_risk"), ("repeat_vehicle",)),
        Case("network", "C0002", "", ("C", "D"), (), ("repeat_person", "life_at_risk"), ("repeat_vehicle",)),
    ]
    alerts = [alert("repeat_person", "ABX"), alert("repeat_person", "CX"), alert("life_at_risk", "A")]
    judged = judge(cases, [*alerts, alert("repeat_vehicle", "CD"), alert("repeat_vehicle", "AX")])
    assert judged.expected == dict.fromkeys(
        [Question("network", "repeat_person"), Question("network", "life_at_risk")], 2
    )
    assert judged.found == dict.fromkeys([Question("network", "repeat_person"), Question("network", "life_at_risk")], 1)
    assert judged.ruled_out == {Question("network", "repeat_vehicle"): 2}
    assert judged.false_alarms == {Question("network", "repeat_vehicle"): 1}


@pytest.fixture(scope="module")
def small() -> Measured:
    return measure(Scenario(seed=7, ends_at=ENDS_AT, sightings=2_000, incidents=300))


def test_a_short_run_finds_what_is_read_well_and_fills_every_row(small: Measured) -> None:
    shown = list(tables(small, {7: small}))
    figures, *_, cases = shown
    assert list(figures.columns[0].cells) == list(KINDS)
    assert all("simulation" in str(table.title) for table in shown)
    asked = {question.case for question in small.planted.expected + small.planted.ruled_out}
    assert set(cases.columns[0].cells) == asked
    assert small.refused == 0
    for kind, counted in small.scores.items():
        assert counted.expected > 0, kind
        assert counted.recall == 1 or any(one == kind for one, _ in small.missed), kind
        assert counted.precision == 1 or any(one == kind for one, _ in small.wrong), kind
    assert small.scores["life_at_risk"].recall == 1
    console = Console(width=100, record=True)
    for table in shown:
        console.print(table)
    assert "watchlist_hit" in console.export_text()


def test_the_figures_that_are_kept_say_what_they_are_of(small: Measured, tmp_path: Path) -> None:
    path = tmp_path / "quality.json"
    path.write_text('{"quality.gone.recall": 1}', encoding="utf-8")
    keep_quality(small, {7: small}, {"days": 120, "cases": None}, path)
    kept = json.loads(path.read_text(encoding="utf-8"))
    assert (kept["data"], kept["seeds"], kept["sizes"]) == ("simulation", [7], {"days": 120})
    assert {"commit", "date", "python"} < kept.keys()
    for kind in KINDS:
        assert kept[f"quality.{kind}.recall"] is not None
        assert kept[f"quality.{kind}.precision.min"] == kept[f"quality.{kind}.precision"]
    assert "quality.gone.recall" not in kept
