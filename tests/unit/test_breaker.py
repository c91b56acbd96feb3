"""The breaker: after five failures in a row one probe at a time, and all again once one arrives."""

from datetime import UTC, datetime, timedelta

import pytest

from consumers.breaker import Breaker, BreakerStatus

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def failed(times: int, breaker: Breaker | None = None) -> Breaker:
    found = breaker or Breaker()
    for _ in range(times):
        found = found.after(arrived=False, now=NOW)
    return found


def test_four_failures_in_a_row_change_nothing_and_the_fifth_opens_it() -> None:
    assert failed(4).status(NOW) is BreakerStatus.CLOSED
    assert failed(5).status(NOW) is BreakerStatus.OPEN


def test_a_failure_after_an_arrival_is_the_first_one_again() -> None:
    arrived = failed(4).after(arrived=True, now=NOW)
    assert failed(4, arrived).status(NOW) is BreakerStatus.CLOSED


def test_closed_it_lets_as_many_go_as_may_be_under_way() -> None:
    assert [Breaker().room(NOW, under_way, 8) for under_way in (0, 3, 8, 9)] == [8, 5, 0, 0]


def test_open_it_lets_none_go_and_half_open_one_alone() -> None:
    opened = failed(5)
    later = NOW + timedelta(seconds=5)
    assert opened.room(NOW, 0, 8) == 0
    assert (opened.status(later), opened.room(later, 0, 8), opened.room(later, 1, 8)) == (BreakerStatus.HALF_OPEN, 1, 0)


@pytest.mark.parametrize(("failures", "seconds"), [(5, 5), (6, 10), (7, 30), (8, 60), (9, 60), (500, 60)])
def test_probes_go_after_5_10_and_30_seconds_and_then_every_minute(failures: int, seconds: int) -> None:
    opened = failed(failures)
    assert opened.status(NOW + timedelta(seconds=seconds - 1)) is BreakerStatus.OPEN
    assert opened.status(NOW + timedelta(seconds=seconds)) is BreakerStatus.HALF_OPEN


def test_a_probe_that_arrives_closes_it() -> None:
    assert failed(9).after(arrived=True, now=NOW).room(NOW, 0, 8) == 8
