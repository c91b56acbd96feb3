"""The short form of `make soak-delivery`: whatever fails, each delivery arrives once, in sequence."""

from __future__ import annotations

from pathlib import Path

import pytest
from delivery_alerts import Due, steps
from delivery_judgement import Receipt, Verdict, judge
from delivery_rig import Database
from delivery_soak import SHORT, Soak
from offsets import Offsets

pytest_plugins = ["delivery_services"]


@pytest.mark.timeout(120)
def test_under_faults_each_contact_point_ends_with_each_of_its_deliveries_once_in_sequence_and_nothing_else(
    tmp_path: Path, bootstrap: str, offsets: Offsets, database: Database
) -> None:
    offsets.skip_all()
    outcome = Soak(tmp_path, bootstrap, database, SHORT, seed=20_261_128).run(lambda _done, _total, _label: None)

    assert outcome.is_well, outcome
    assert (outcome.kills, outcome.database_restarts) == (SHORT.kills, SHORT.database_restarts)
    assert outcome.verdict.delivered > 500
    assert outcome.verdict.wire_repeats > 0, "nothing came twice: the faults prove too little"


SI, AT = Due("SI", "al-1", 1), Due("AT", "al-1", 1)


def receipt(due: Due = SI, delivery: str = "dl-1", sequence: int = 1, **more: object) -> Receipt:
    said = {"reached": due.contact_point, "channel": "webhook", "fault": "none", "taken": True, "authentic": True}
    return Receipt(**said | due._asdict() | {"id": delivery, "sequence": sequence, "digest": "x"} | more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("received", "wrong"),
    [
        ([receipt()], {}),
        ([receipt(), receipt()], {"wire_repeats": 1}),
        ([receipt(taken=False)], {"delivered": 0, "lost": 1, "gaps": 1}),
        ([receipt(), receipt(delivery="dl-2", sequence=2)], {"repeated": 1, "gaps": 1}),
        ([receipt(sequence=2)], {"gaps": 2}),
        ([receipt(), receipt(AT, taken=False)], {"foreign": 1}),
        ([receipt(digest="y")], {"foreign": 1}),
        ([receipt(authentic=False)], {"foreign": 1}),
        ([receipt(), receipt(reached="AT")], {"foreign": 1, "gaps": 1}),
    ],
    ids=["well", "twice", "lost", "two ids", "a gap", "not theirs", "another text", "not signed", "astray"],
)
def test_the_judgement_sees_each_wrong(received: list[Receipt], wrong: dict[str, int]) -> None:
    right = {"expected": 1, "delivered": 1, "lost": 0, "repeated": 0, "wire_repeats": 0, "foreign": 0, "gaps": 0}
    assert judge({SI: "x"}, received, {}) == Verdict(**right | wrong)


def test_the_alerts_of_the_soak_hold_every_case() -> None:
    made = list(steps(500, 1))
    editions = [edition for step in made for edition in step.editions]
    assert {one.alert.status for one in editions} == {"open", "withdrawn"}
    assert len({one.alert.severity for one in editions}) == 4
    assert any(one.reader for one in editions)
    assert any(one.alert.exercise for one in editions)
    assert any(one.alert.restricted_by and not one.reader for one in editions)
    assert any(one.alert.revision > 3 for one in editions)
    assert len({due.contact_point for step in made for due in step.due}) == 13
