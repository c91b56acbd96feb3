"""Delivery ids, the retry schedule, and what an HTTP answer means."""

from datetime import UTC, datetime, timedelta

import pytest

from consumers.channels.posting import judge
from consumers.deliveries import Key, delivery_id
from consumers.outbox import SendOutcome, wait_after

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)


def test_a_delivery_keeps_its_id() -> None:
    # printf 'al-1|2|HR|SI|sha-256=00' | sha256sum | cut -c1-20
    assert delivery_id(Key("al-1", 2, "HR"), "SI", "sha-256=00") == "dl-114d56f1a1c7ffb00fd4"


def test_retries_come_after_2_5_10_30_seconds_then_every_minute_without_end() -> None:
    waits = [wait_after(failures).total_seconds() for failures in (1, 2, 3, 4, 5, 6, 5000)]
    assert waits == [2, 5, 10, 30, 60, 60, 60]


@pytest.mark.parametrize(("asked", "waited"), [(1, 2), (20, 20), (3600, 60)])
def test_a_receiver_may_ask_for_more_time_but_not_for_more_than_a_minute(asked: int, waited: int) -> None:
    assert wait_after(1, timedelta(seconds=asked)).total_seconds() == waited


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, SendOutcome.DELIVERED),
        (204, SendOutcome.DELIVERED),
        (302, SendOutcome.REFUSED),
        (401, SendOutcome.REFUSED),
        (410, SendOutcome.REFUSED),
        (429, SendOutcome.THROTTLED),
        (500, SendOutcome.FAILED),
        (503, SendOutcome.FAILED),
    ],
)
def test_only_a_2xx_is_delivered(status: int, outcome: SendOutcome) -> None:
    assert judge(status, None, NOW).outcome is outcome


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("Fri, 01 May 2026 12:00:30 GMT", 30),
        ("Fri, 01 May 2026 11:00:00 GMT", 0),
        ("soon", None),
        ("-1", None),
        ("9" * 400, 86_400),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: int | None) -> None:
    asked = judge(503, header, NOW).retry_after
    assert (asked.total_seconds() if asked is not None else None) == seconds
