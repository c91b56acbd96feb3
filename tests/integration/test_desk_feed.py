"""The desk's feed on a real PostgreSQL: the own contact point's alerts alone, at once, and again after it was away."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from delivery_rig import Database
from endpoints import a_contact_point
from factory import an_alert
from started import wait_until

from consumers.desk import feed as feeding
from consumers.desk.feed import Feed
from consumers.desk.model import Away, Read
from consumers.errors import DatabaseAwayError
from consumers.notifications import notify
from consumers.permissions import Who

pytest_plugins = ["delivery_services"]

SI, HR = a_contact_point("SI"), a_contact_point("HR")


def a_feed(database: Database) -> Feed:
    return Feed(database.url, "SI", Who("a.novak", "duty"), lambda: datetime.now(UTC))


@contextmanager
def running(feed: Feed) -> Iterator[list[Read | Away]]:
    stop, told = threading.Event(), list[Read | Away]()
    thread = threading.Thread(target=feed.run, args=(stop, told.append))
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(20)
        feed.close()
    assert not thread.is_alive()


def ids(told: list[Read | Away]) -> list[tuple[str, int]]:
    return [alert.key for news in list(told) if isinstance(news, Read) for alert in news.alerts]


def notified(database: Database) -> None:
    with database.engine.begin() as connection:
        notify(connection)


def test_only_what_was_assigned_to_it_and_of_that_the_newest_revision(database: Database) -> None:
    ours, theirs = an_alert(), an_alert()
    newer = an_alert(id=ours.id, revision=2)
    secret = an_alert(id=ours.id, revision=3)
    database.store(ours, newer, told=[SI, HR])
    database.store(theirs, secret, told=[HR])
    feed = a_feed(database)
    assert [alert.key for alert in feed.read().alerts] == [(ours.id, 2)]
    assert feed.read().alerts == (), "each once"
    feed.close()


def test_of_too_many_the_newest_are_listed_and_the_rest_is_counted(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeding, "MOST_ALERTS", 2)
    alerts = [an_alert() for _ in range(5)]
    for alert in alerts:
        database.store(alert, told=[SI])
    feed = a_feed(database)
    news = feed.read()
    assert ({alert.id for alert in news.alerts}, news.left_out) == ({alert.id for alert in alerts[-2:]}, 3)
    feed.close()


def test_a_new_alert_is_told_at_once_where_postgresql_says_so(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Polling is put off, so that only the notification can have told it."""
    monkeypatch.setattr(feeding, "POLL_SECONDS", 600.0)
    with running(a_feed(database)) as told:
        wait_until(lambda: len(told) == 1)
        alert = an_alert()
        database.store(alert, told=[SI])
        notified(database)
        wait_until(lambda: ids(told) == [(alert.id, 1)])


def test_what_no_notification_told_is_found_by_looking(database: Database) -> None:
    with running(a_feed(database)) as told:
        wait_until(lambda: len(told) == 1)
        alert = an_alert()
        database.store(alert, told=[SI])
        wait_until(lambda: ids(told) == [(alert.id, 1)])


def test_a_database_that_is_away_is_told_and_found_again(database: Database) -> None:
    before, after = an_alert(), an_alert()
    database.store(before, told=[SI])
    with running(a_feed(database)) as told:
        wait_until(lambda: ids(told) == [(before.id, 1)])
        database.server.kill()
        try:
            wait_until(lambda: isinstance(told[-1], Away), 20)
            with pytest.raises(DatabaseAwayError, match="does not answer"):
                a_feed(database).read()
        finally:
            database.server.start()
        database.store(after, told=[SI])
        wait_until(lambda: ids(told) == [(before.id, 1), (after.id, 1)], 30)
