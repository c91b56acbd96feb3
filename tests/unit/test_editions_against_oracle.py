"""What each contact point holds, on dense mixes with H2: as if there were nothing that it may not see."""

import json
import random
from functools import cache
from typing import Any

import oracle
import pytest
from factory import NOW, as_line
from mixed_traffic import mixed_events, with_retractions, with_verdicts
from offline_rig import RULES, played

from schemas.alerts import Alert
from schemas.codec import decode
from schemas.messages import CaseMessage, Stamped
from streams.engine.casebook import CaseBook
from streams.offline import OfflineLine

SEEDS = range(18)
SOME = SEEDS[::3]
SHARES = (0.03, 0.1, 0.3)
NOBODY = "FRONTEX"
"""Who has nothing of its own in these mixes: it sees what everybody sees."""
Said = dict[str, Any]


def restricted(seed: int) -> list[Said]:
    """Return a mix of which some reports and entries are H2; in every other one, retractions and false matches too."""
    chance = random.Random(seed)
    events = mixed_events(chance, 50)
    if seed % 2:
        events = with_verdicts(chance, with_retractions(chance, events, 0.05), 0.2)
    share = SHARES[seed // 3 % len(SHARES)]
    may_be = {"incident", "watchlist_entry"}
    return [
        {**event, "handling": "H2"} if event["type"] in may_be and chance.random() < share else event
        for event in events
    ]


def readers(seed: int) -> list[str]:
    """Return two who have something of their own, if there are so many, and one who has not."""
    own = {one.get("originator") or one["station"][:2] for one in restricted(seed) if one.get("handling") == "H2"}
    return [*random.Random(seed).sample(sorted(own - {NOBODY}), k=min(2, len(own - {NOBODY}))), NOBODY]


@cache
def line(seed: int) -> OfflineLine:
    return played(restricted(seed))


def held(line: OfflineLine | CaseBook, reader: str) -> tuple[Alert, ...]:
    """Return what a contact point holds, but for dangers of which it is shown an extract."""
    return tuple(
        alert for alert in line.open_to(reader) if alert.kind != "life_at_risk" or set(alert.restricted_by) <= {reader}
    )


def known(alert: Alert) -> tuple[str, str, tuple[str, ...]]:
    return alert.id, alert.kind.value, alert.evidence


def content(alert: Alert) -> dict[str, Any]:
    """Return all that an alert says, but for what depends on when it was learnt."""
    return alert.model_dump(exclude={"revision", "updated_at"})


@pytest.mark.parametrize("seed", SEEDS)
def test_each_holds_what_the_contract_says_of_the_events_that_it_may_see(seed: int) -> None:
    """Judged by a brute force that shares no code with the engine."""
    for reader in readers(seed):
        assert set(map(known, held(line(seed), reader))) == oracle.open_alerts(oracle.visible(restricted(seed), reader))


@pytest.mark.parametrize("seed", SEEDS)
def test_each_alert_says_word_for_word_what_it_would_if_the_rest_had_never_been_reported(seed: int) -> None:
    for reader in readers(seed):
        alone = played(oracle.visible(restricted(seed), reader))
        assert list(map(content, held(line(seed), reader))) == list(map(content, alone.open_alerts))


@pytest.mark.parametrize("seed", SOME)
def test_order_changes_nothing_for_anybody(seed: int) -> None:
    events = restricted(seed)
    shuffled = played(random.Random(seed).sample(events, k=len(events)))
    for reader in readers(seed):
        assert list(map(content, shuffled.open_to(reader))) == list(map(content, line(seed).open_to(reader)))


@pytest.mark.parametrize("seed", SOME)
def test_the_alerts_for_outside_tools_are_those_of_all_events_whatever_is_restricted(seed: int) -> None:
    assert set(map(known, line(seed).open_alerts)) == oracle.open_alerts(restricted(seed))


@pytest.mark.parametrize("seed", SOME)
def test_every_danger_to_life_reaches_everybody(seed: int) -> None:
    dangers = {alert.id for alert in line(seed).open_alerts if alert.kind == "life_at_risk"}
    assert dangers <= {alert.id for alert in line(seed).open_to(NOBODY)}


def taken_in(event: Said) -> Stamped[CaseMessage]:
    return Stamped(decode(as_line(event)), NOW, "border.incidents/0/0")  # type: ignore[type-var,arg-type]


@pytest.mark.parametrize("seed", SOME)
def test_after_a_restart_each_reads_on_in_its_edition(seed: int) -> None:
    """The state comes back in any order; what follows is told alike, to the same readers, under the same numbers."""
    events = restricted(seed)
    before, kept = CaseBook(RULES), dict[bytes, bytes | None]()
    for event in events[:30]:
        kept.update(before.apply(taken_in(event)).changed)
    after = CaseBook(RULES)
    for key in random.Random(seed).sample(sorted(kept), k=len(kept)):
        after.load(key, kept[key] or b"")
    for event in events[30:]:
        assert after.apply(taken_in(event)).editions == before.apply(taken_in(event)).editions
    for reader in readers(seed):
        assert after.open_to(reader) == before.open_to(reader)


@pytest.mark.parametrize("seed", SOME)
def test_what_a_contact_point_reads_of_an_alert_is_numbered_upwards_and_always_something_new(seed: int) -> None:
    casebook = CaseBook(RULES)
    read: dict[tuple[str, str], Alert] = {}
    for event in restricted(seed):
        for edition in casebook.apply(taken_in(event)).editions:
            for reader in readers(seed):
                if edition.is_for(reader):
                    last = read.get((reader, edition.alert.id))
                    assert edition.alert.revision == (last.revision + 1 if last else 1)
                    assert last is None or content(last) != content(edition.alert)
                    read[reader, edition.alert.id] = edition.alert
    for reader in readers(seed):
        told = {alert.id: alert for (who, _), alert in read.items() if who == reader and alert.status == "open"}
        assert [told[key] for key in sorted(told)] == list(casebook.open_to(reader))


def test_many_alerts_are_parted() -> None:
    """Else the tests above show nothing."""
    whole = {json.dumps(content(alert), default=str) for seed in SEEDS for alert in line(seed).open_alerts}
    seen = {json.dumps(content(alert), default=str) for seed in SEEDS for alert in line(seed).open_to(NOBODY)}
    assert len(whole - seen) > 100
    assert len(seen - whole) > 30
