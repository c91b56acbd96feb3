"""The demonstration's closing account."""

import io
from datetime import timedelta

import pytest
from factory import NOW, a_vehicle, an_alert, an_incident
from rich.console import Console

from consumers.audience import View, visible
from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.deliveries import Key, content_digest, delivery_id
from consumers.routing import BUNDLED, load_routes
from infra.ledger import Account
from infra.receipts import Receipt
from infra.summary import compare, expected_deliveries, percentile, print_summary
from schemas.alerts import Alert, Edition
from streams.dead_letters import DeadLetter

CODES = contact_point_codes(CONTACT_POINTS)
TABLE = load_routes(BUNDLED, CODES)


def ids(alert: Alert, *codes: str, reader: str = "") -> set[str]:
    shown = visible(alert, View.FULL)
    assert shown is not None
    key = Key(alert.id, alert.revision, reader)
    return {delivery_id(key, code, content_digest(shown)) for code in codes}


def a_receipt(webhook_id: str, code: str, alert: Alert, *, after_seconds: float = 1.0) -> Receipt:
    received_at = alert.updated_at + timedelta(seconds=after_seconds)
    return Receipt(received_at, code, webhook_id, 1, ("because",), "full", alert.model_dump(mode="json"))


def test_every_revision_is_due_to_whoever_is_told_and_to_nobody_it_is_withheld_from() -> None:
    danger = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    secret = an_alert(
        an_incident(vehicles=[a_vehicle()]),
        an_incident(vehicles=[a_vehicle()], station="SI-GRU", occurred_at="2026-05-03T08:00:00Z", handling="H2"),
    )
    due = expected_deliveries([Edition(alert=danger), Edition(alert=secret)], TABLE, CODES)
    assert due == ids(danger, "HU", "RS", "FRONTEX") | ids(secret, "SI")


def test_each_edition_is_due_to_its_readers_alone() -> None:
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    later = alert.model_copy(update={"revision": 2})
    editions = [Edition(alert=later, reader="HU"), Edition(alert=alert, apart=("HU",))]
    assert expected_deliveries(editions, TABLE, CODES) == ids(later, "HU", reader="HU") | ids(alert, "RS", "FRONTEX")


def test_lost_foreign_and_repeated_deliveries_are_told_apart() -> None:
    alert = an_alert()
    receipts = [a_receipt(key, "SI", alert) for key in ("dl-1", "dl-1", "dl-9")]
    comparison = compare(frozenset({"dl-1", "dl-2"}), receipts)
    assert (comparison.lost, comparison.unexpected) == (frozenset({"dl-2"}), frozenset({"dl-9"}))
    assert comparison.on_the_wire == 3


@pytest.mark.parametrize(("share", "value"), [(0.5, 2), (0.99, 4), (0.0, 1), (0.25, 1), (0.26, 2)])
def test_a_percentile_is_one_of_the_values(share: float, value: float) -> None:
    assert percentile([4, 1, 3, 2], share) == value


def printed(account: Account, received: set[str], expected: set[str]) -> tuple[bool, str]:
    alert = an_alert()
    account.revisions[alert.id, 1] = alert
    receipts = [a_receipt(key, "SI", alert, after_seconds=0.25) for key in sorted(received)]
    out = io.StringIO()
    complete = print_summary(Console(file=out, width=120), account, compare(frozenset(expected), receipts), receipts)
    return complete, out.getvalue()


def an_account() -> Account:
    letter = DeadLetter("s/0/2", "naive_time", "occurred_at", "has no offset", NOW, b"{}")
    return Account(
        accepted={"s/0/0", "s/0/1", "s/0/2", "s/0/3"},
        passages={"s/0/1": (3, 7)},
        casebook={"s/0/0": 0, "s/0/3": 1},
        event_ids={"s/0/0": "A-1", "s/0/3": "A-1"},
        ends={("border.casebook", 0): 2, ("border.passages", 3): 8},
        applied={("border.casebook", 0): 2, ("border.passages", 3): 8},
        dead_letters={("s/0/2", "naive_time"): letter},
    )


def test_accepted_is_correlated_and_dead_lettered_together() -> None:
    complete, text = printed(an_account(), {"dl-1"}, {"dl-1"})
    assert complete
    assert "4 accepted = 3 correlated (1 of them a repetition, 1 sightings) + 1 dead-lettered" in text
    assert "refused naive_time: occurred_at has no offset" in text
    assert "p50 250 ms, p99 250 ms, 1 deliveries" in text
    assert "Nothing lost." in text


def test_an_event_that_the_case_book_has_not_applied_is_not_accounted_for() -> None:
    account = an_account()
    account.applied["border.casebook", 0] = 1
    complete, text = printed(account, {"dl-1"}, {"dl-1"})
    assert (complete, account.unsettled) == (False, {"s/0/3"})
    assert "1 events unaccounted for" in text


def test_a_sighting_that_the_watch_has_not_seen_is_not_accounted_for() -> None:
    account = an_account()
    account.applied["border.passages", 3] = 7
    complete, _ = printed(account, {"dl-1"}, {"dl-1"})
    assert (complete, account.unsettled) == (False, {"s/0/1"})


def test_what_is_under_way_between_our_own_processes_is_not_complete() -> None:
    account = an_account()
    account.ends["border.interests", 2] = 1
    complete, _ = printed(account, {"dl-1"}, {"dl-1"})
    assert (complete, account.unsettled, account.under_way) == (False, set(), 1)


@pytest.mark.parametrize("received", [set(), {"dl-1", "dl-2"}])
def test_a_lost_or_foreign_delivery_is_not_complete(received: set[str]) -> None:
    complete, _ = printed(an_account(), received, {"dl-1"})
    assert not complete
