"""The day that the demonstration shows."""

from datetime import UTC, datetime, timedelta

import pytest
from factory import an_alert
from offline_rig import RULES, alerts_in

from infra.demo.day import DAY, SHOWN_KINDS, Timed, a_day
from infra.demo.story import choose
from producers.simulator import Case
from schemas.codec import decode
from schemas.messages import said_at
from streams.batches.records import InputRecord
from streams.offline import OfflineLine

NOW = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)


def test_the_day_ends_now_and_is_the_same_for_the_same_seed() -> None:
    one = a_day(3, NOW)
    assert one == a_day(3, NOW)
    assert one.day != a_day(4, NOW).day
    assert one.history[-1].at <= NOW - DAY < one.day[0].at
    assert one.day[-1].at <= NOW
    assert NOW - one.day[-1].at < timedelta(hours=1)


def test_every_day_has_a_case_to_tell_that_ends_on_it() -> None:
    for seed in range(1, 11):
        shown = a_day(seed, NOW)
        assert shown.cases, seed
        on_the_day = {one.id for one in shown.day}
        for case in shown.cases:
            assert SHOWN_KINDS & set(case.expects)
            assert on_the_day & set(case.events)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_day_makes_a_story_however_its_sightings_are_read(seed: int) -> None:
    shown, line, today = a_day(seed, NOW), OfflineLine(RULES), set[tuple[str, int]]()
    for one in (*shown.history, *shown.day):
        came = line.take_in(InputRecord("border.incidents", 0, 0, None, one.line, {}), one.at)
        told = {(alert.id, alert.revision) for alert in alerts_in(came)}
        today |= told if one.at > NOW - DAY else set()
    new = [alert for alert in line.open_alerts if (alert.id, alert.revision) in today]
    chosen = choose(shown.cases, new)
    assert chosen is not None
    assert len({alert.kind for alert in chosen[1]}) > 1
    assert {"watchlist_hit", "known_vehicle_sighted", "known_person_sighted"} <= {alert.kind for alert in new}


def test_what_is_moved_is_still_valid_and_not_ahead() -> None:
    shown = a_day(1, NOW)

    def latest(one: Timed) -> datetime:
        return said_at(decode(one.line))

    assert max(map(latest, shown.day)) <= NOW + timedelta(hours=1)


def test_the_story_is_of_the_case_of_which_the_most_was_found() -> None:
    alert = an_alert()
    (event,) = alert.evidence
    told = Case("wave", "c1", "A wave.", (event,), (), ("life_at_risk",), ())
    other = Case("engine_bay", "c2", "Somebody else.", ("X",), (), ("life_at_risk",), ())
    assert choose([other, told], [alert]) == (told, [alert])
    assert choose([other], [alert]) is None
