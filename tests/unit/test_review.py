"""The review of all alerts after a change of rules: slices that fit, crashes in the middle, restarts, repetition."""

import random
from collections import deque
from collections.abc import Iterable
from typing import Any

import pytest
from factory import NOW, a_vehicle, an_incident, as_line, at
from rules_rig import a_change, rules_said

from schemas import stations, topics
from schemas.alerts import Alert
from streams.batches.records import InputRecord
from streams.batches.wire import LARGEST_REQUEST_BYTES
from streams.correlation import Correlated, correlate
from streams.engine import casebook
from streams.engine.casebook import CaseBook
from streams.engine.effects import ApplyReason
from streams.engine.review import MOST_PER_SLICE, Review
from streams.intake import is_review, take_in
from streams.offline import read_back
from streams.rules import load_rules
from streams.typologies import repeats

PAIRS = 700
STATIONS = [one for number, one in enumerate(sorted(stations.registry())) if number % 3 == 0][:40]


def of_casebook(*events: dict[str, Any]) -> list[InputRecord]:
    taken = (
        one for event in events for one in take_in(InputRecord("border.rules", 0, 0, b"", as_line(event), {}), NOW)
    )
    return [read_back(one) for one in taken]


def pairs(number: int) -> list[dict[str, Any]]:
    """Return two incidents of each of so many vehicles that nobody takes for another, all over the region."""
    chance = random.Random(1)
    plates = ["".join(chance.choices("ACEHKMNPRTUVWXY", k=8)) for _ in range(number)]
    return [
        an_incident(
            id=f"I-{one:04}-{day}",
            station=STATIONS[one % len(STATIONS)],
            occurred_at=at(day, hours=one),
            vehicles=[a_vehicle(plates[one])],
        )
        for one in range(number)
        for day in (0, 30)
    ]


class Worker:
    """A case book with its changelog, and its topic; a crash loses whatever the changelog does not have."""

    def __init__(self, records: Iterable[InputRecord]) -> None:
        self.waiting = deque(records)
        self.kept: dict[bytes, bytes] = {}
        self.told: list[Alert] = []
        self.batches: list[Correlated] = []
        self.casebook = CaseBook(load_rules())

    def take(self, number: int, *, crash: bool = False) -> None:
        """Apply a batch; one that crashes has published already, and is applied again by the next worker."""
        batch = [self.waiting.popleft() for _ in range(min(number, len(self.waiting)))]
        result = correlate(self.casebook, batch, NOW)
        self.waiting += [read_back(one) for one in result.records if one.topic == topics.CASEBOOK.name]
        self.told += [Alert.model_validate_json(one.value) for one in result.records if one.topic == topics.ALERTS.name]
        if crash:
            self.waiting.extendleft(reversed(batch))
            self.restart()
            return
        self.batches.append(result)
        for key, value in result.changed.items():
            self.kept[key] = value or b""
            if value is None:
                del self.kept[key]

    def restart(self) -> None:
        self.casebook = CaseBook(load_rules())
        for key in random.Random(len(self.told)).sample(sorted(self.kept), k=len(self.kept)):
            self.casebook.load(key, self.kept[key])


def content(book: CaseBook) -> list[dict[str, Any]]:
    return [one.model_dump(exclude={"updated_at"}) for one in book.open_alerts]


LOUDER = rules_said(version="v2", repeat_vehicle__contributions__occurrences=0.6)


def test_a_change_that_revises_a_thousand_alerts_goes_in_slices_and_others_come_between() -> None:
    worker = Worker(of_casebook(*pairs(PAIRS)))
    while worker.waiting:
        worker.take(500)
    assert len(worker.told) == PAIRS
    worker.batches.clear()
    worker.waiting += of_casebook(a_change(LOUDER), an_incident(id="D-1", life_at_risk=True))
    worker.take(500)
    assert [one.kind.value for one in worker.told[PAIRS:]] == ["life_at_risk"], "nobody in danger waits for the review"
    while worker.waiting:
        worker.take(500)
    revised = worker.told[PAIRS + 1 :]
    assert sorted({(one.revision, one.score, one.rules_version) for one in revised}) == [(2, 0.8, "v2")]
    assert len({one.id for one in revised}) == len(revised) == PAIRS
    sizes = [sum(len(value or b"") for value in batch.changed.values()) for batch in worker.batches]
    assert len(sizes) == 2 + -(-(2 * PAIRS + 1) // MOST_PER_SLICE)
    assert max(sizes) < LARGEST_REQUEST_BYTES / 2


def test_a_slice_of_alerts_that_are_large_is_smaller(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(casebook, "MOST_BYTES", 20_000)
    worker = Worker(of_casebook(*pairs(40)))
    while worker.waiting:
        worker.take(1)
    worker.batches.clear()
    worker.waiting += of_casebook(a_change(LOUDER))
    while worker.waiting:
        worker.take(500)
    sizes = [sum(len(value or b"") for value in batch.changed.values()) for batch in worker.batches[1:]]
    assert max(sizes) < 1.1 * 20_000 < sum(sizes)
    assert {one.rules_version for one in worker.casebook.open_alerts} == {"v2"}


@pytest.mark.parametrize("seed", range(12))
def test_crashes_and_restarts_in_the_middle_change_nothing(seed: int) -> None:
    chance = random.Random(seed)
    events = pairs(90)
    records = of_casebook(*events[:140], a_change(LOUDER), *events[140:], a_change(rules_said(version="v3"), at=at(1)))
    worker = Worker(records)
    while worker.waiting:
        worker.take(chance.choice([1, 20, 60]), crash=chance.random() < 0.3)
        if chance.random() < 0.3:
            worker.restart()
    calm = CaseBook(load_rules())
    for record in of_casebook(*events):
        correlate(calm, [record], NOW)
    assert [one | {"revision": 0, "rules_version": ""} for one in content(worker.casebook)] == [
        one | {"revision": 0, "rules_version": ""} for one in content(calm)
    ]
    last = {one.id: one for one in worker.told}
    assert [last[key] for key in sorted(last) if last[key].status == "open"] == [*worker.casebook.open_alerts]


def test_a_slice_that_comes_twice_or_was_overtaken_changes_nothing() -> None:
    worker = Worker(of_casebook(*pairs(3), a_change(LOUDER, id="R-1")))
    worker.take(7)
    (due,) = worker.waiting
    assert is_review(due)
    review = Review.model_validate_json(due.value or b"")
    assert worker.casebook.review(Review(change="R-0")).reason is ApplyReason.REPEATED
    assert worker.casebook.review(review).reason is ApplyReason.REVIEWED
    assert worker.casebook.review(review).reason is ApplyReason.REPEATED


def test_a_rule_that_fails_on_one_event_leaves_the_others_to_be_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(of_casebook(*pairs(3), a_change(LOUDER)))
    worker.take(7)
    find = repeats.find

    def fails_on_one(kind: Any, describe: Any, incidents: Any, *rules: Any) -> Any:
        chain = list(incidents)
        if any(part.case.report.id == "I-0001-0" for part in chain):
            raise ZeroDivisionError
        return find(kind, describe, chain, *rules)

    monkeypatch.setattr(repeats, "find", fails_on_one)
    while worker.waiting:
        worker.take(1)
    assert sorted(one.evidence[0] for one in worker.told if one.rules_version == "v2") == ["I-0000-0", "I-0002-0"]


def test_a_change_never_grows_too_old_nor_does_its_retraction() -> None:
    kept = CaseBook(load_rules())
    correlate(kept, of_casebook(a_change(rules_said(repeat_vehicle__mode="off"))), NOW)
    decade = NOW.replace(year=NOW.year + 10)
    for event in pairs(1):
        taken = take_in(InputRecord("border.incidents", 0, 0, b"", as_line(event), {}), decade)
        correlate(kept, map(read_back, taken), decade)
    assert kept.open_alerts == ()


def test_a_change_that_an_earlier_release_accepted_is_still_read() -> None:
    """What that release did not know is as in the file, what this one does not know is left out."""
    older = rules_said(repeat_vehicle__mode="off") | {"gone": {"window_days": 1}}
    del older["convoy"], older["known_vehicle_sighted"]["several"]
    taken = of_casebook(a_change())[0]
    change = a_change(older)
    kept = CaseBook(load_rules())
    correlate(kept, [InputRecord(taken.topic, 0, 0, taken.key, as_line(change), taken.headers)], NOW)
    correlate(kept, of_casebook(*pairs(1), an_incident(life_at_risk=True)), NOW)
    assert [one.kind.value for one in kept.open_alerts] == ["life_at_risk"]
