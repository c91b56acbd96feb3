"""From Kafka to PostgreSQL, both real: every revision becomes rows before its offset moves, and once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from delivery_rig import Database, dispatching, everybody, process
from endpoints import a_contact_point
from factory import an_alert
from offsets import Offsets
from started import wait_until

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.routing import BUNDLED, load_routes, route
from consumers.tables import alert_revisions, audit, deliveries, refused_alerts
from infra.local_contact_points import write_local_contact_points
from producers.publisher import Publisher
from schemas import topics
from schemas.alerts import Alert, Edition
from schemas.records import Record, edition_record

pytest_plugins = ["delivery_services"]

SI = {"SI": a_contact_point("SI")}
ONLY_SI = everybody("SI")


@pytest.fixture
def publisher(bootstrap: str, offsets: Offsets) -> Publisher:
    """Return a publisher to a topic of which the group has read all that other tests left."""
    offsets.skip_all()
    return Publisher(bootstrap)


def publish(publisher: Publisher, *alerts: Alert) -> None:
    for alert in alerts:
        publisher.send(a_record(alert))
    publisher.flush()


def a_record(alert: Alert) -> Record:
    """Return what everybody reads."""
    return edition_record(Edition(alert=alert))


def stored(database: Database) -> set[tuple[str, int]]:
    query = sa.select(alert_revisions.c.alert_id, alert_revisions.c.revision)
    return {(row.alert_id, row.revision) for row in database.rows(query)}


def keys(*alerts: Alert) -> set[tuple[str, int]]:
    return {(alert.id, alert.revision) for alert in alerts}


def test_the_offset_moves_only_when_the_rows_are_there(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets
) -> None:
    """The rows cannot be committed while somebody else holds the table."""
    alert = an_alert()
    with dispatching(bootstrap, database, ONLY_SI, SI) as dispatcher:
        wait_until(lambda: dispatcher.ready)
        with database.engine.begin() as connection:
            connection.execute(sa.text("LOCK TABLE alert_revisions IN SHARE MODE"))
            before = offsets.committed()
            publish(publisher, alert)
            wait_until(database.waiting_for_a_lock)
            assert offsets.committed() == before
        wait_until(lambda: stored(database) == keys(alert))
        wait_until(offsets.all_done)


def test_while_the_database_is_down_the_offsets_stay_and_afterwards_nothing_is_missing(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets
) -> None:
    alerts = [an_alert() for _ in range(50)]
    with dispatching(bootstrap, database, ONLY_SI, SI) as dispatcher:
        wait_until(lambda: dispatcher.ready)
        before = offsets.committed()
        database.server.kill()
        try:
            publish(publisher, *alerts)
            wait_until(lambda: not dispatcher.ready)
            assert offsets.committed() == before
        finally:
            database.server.start()
        wait_until(offsets.all_done)
        assert dispatcher.ready

    assert stored(database) == keys(*alerts)
    assert database.count(deliveries) == 50
    assert database.count(refused_alerts) == 0


def test_a_database_killed_in_the_middle_of_a_transaction_gets_it_again_whole(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets
) -> None:
    alerts = [an_alert() for _ in range(20)]
    with dispatching(bootstrap, database, ONLY_SI, SI) as dispatcher:
        wait_until(lambda: dispatcher.ready)
        with database.engine.connect() as connection:
            connection.execute(sa.text("LOCK TABLE deliveries IN SHARE MODE"))  # held until the kill
            publish(publisher, *alerts)
            wait_until(database.waiting_for_a_lock)
            database.server.kill()
            connection.invalidate()
        try:
            wait_until(lambda: not dispatcher.ready)
        finally:
            database.server.start()
        wait_until(offsets.all_done)

    assert stored(database) == keys(*alerts)
    assert database.count(deliveries) == 20
    assert database.count(refused_alerts) == 0


def test_a_record_that_cannot_be_delivered_is_kept_whole_and_the_stream_goes_on(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets
) -> None:
    first, last = an_alert(), an_alert()
    other = first.model_copy(update={"summary": "Something else."})
    no_text = an_alert(summary="A NUL, which PostgreSQL cannot store: \0")
    wrong = {
        b"not JSON \xff": "not_an_edition",
        b'{"type": "alert"}': "not_an_edition",
        b"": "not_an_edition",
        a_record(other).value: "content_conflict",
        a_record(no_text).value: "database_refused",
    }
    publisher.send(a_record(first), partition=0)
    for value in wrong:
        publisher.send(Record(topics.EDITIONS.name, b"", value), partition=0)
    publisher.send(a_record(last), partition=0)
    publisher.flush()

    with dispatching(bootstrap, database, ONLY_SI, SI):
        wait_until(offsets.all_done)

    assert stored(database) == keys(first, last)
    assert {bytes(row.value): row.reason for row in database.rows(sa.select(refused_alerts))} == wrong
    (kept,) = database.rows(sa.select(alert_revisions.c.body).where(alert_revisions.c.alert_id == first.id))
    assert kept.body["summary"] == first.summary
    assert database.count(deliveries) == 2


def test_records_read_again_change_nothing(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets
) -> None:
    """Published twice, as after a crash of the engine between its output and its acknowledgement."""
    alerts = [an_alert() for _ in range(10)]
    publish(publisher, *alerts, *alerts)

    with dispatching(bootstrap, database, ONLY_SI, SI):
        wait_until(offsets.all_done)

    assert stored(database) == keys(*alerts)
    assert database.count(deliveries) == 10
    assert database.count(refused_alerts) == 0


def test_a_dispatcher_killed_amid_hundreds_of_alerts_leaves_each_revision_and_each_delivery_once(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets, tmp_path: Path
) -> None:
    """The product's own process, with the bundled routes and every contact point."""
    codes = contact_point_codes(CONTACT_POINTS)
    alerts = [an_alert() for _ in range(500)]
    alerts += [alert.model_copy(update={"revision": 2}) for alert in alerts[:200]]
    publish(publisher, *alerts)
    environment = {
        "BRDO_KAFKA_BOOTSTRAP": bootstrap,
        "BRDO_DATABASE_URL": database.url,
        "BRDO_DATA_DIR": str(tmp_path),
        "BRDO_CONTACT_POINTS": str(write_local_contact_points(tmp_path, "http://127.0.0.1:9")),
    }
    run = ("-m", "infra.cli", "run", "dispatcher")

    with process(*run, **environment) as first:
        wait_until(lambda: database.count(alert_revisions) > 0, 20)
        first.kill()
        first.wait()
    halfway = database.count(alert_revisions)
    with process(*run, **environment):
        wait_until(offsets.all_done, 30)

    assert 0 < halfway < len(alerts)
    assert stored(database) == keys(*alerts)
    assert database.count(alert_revisions) == len(alerts)
    table = load_routes(BUNDLED, codes)
    expected = {(alert.id, alert.revision, one.contact_point) for alert in alerts for one in route(alert, table, codes)}
    rows = database.rows(sa.select(deliveries))
    assert {(row.alert_id, row.revision, row.contact_point) for row in rows} == expected
    assert {json.loads(row.notice)["data"]["delivery"] for row in rows} == {row.id for row in rows}
    assert len(rows) == len(expected)
    assert database.count(refused_alerts) == 0


def a_look(**said: object) -> Record:
    whole = {"at": "2026-05-01T12:00:00Z", "by": "a.novak", "purpose": "duty", **said}
    return Record(topics.CONSULTATIONS.name, b"a.novak", json.dumps(whole).encode())


def looks_in(database: Database) -> list[tuple[str, str, str, int, str]]:
    query = sa.select(audit).where(audit.c.act == "consultation").order_by(audit.c.at)
    return [
        (row.book, row.actor, row.alert_id, row.revision, row.detail.partition(",")[0]) for row in database.rows(query)
    ]


def test_looks_that_desks_wrote_down_are_copied_into_the_audit_once(
    bootstrap: str, database: Database, publisher: Publisher, offsets: Offsets
) -> None:
    """Also where the same records are read again, as after a crash between the two commits."""
    publisher.send(a_look(contact_point="SI", view="detail", alert="al-1", revision=2))
    publisher.send(a_look(of="dead letter border.incidents/0/7"))
    publisher.send(Record(topics.CONSULTATIONS.name, b"x", b"not JSON"))
    publisher.flush()
    expected = [
        ("SI", "a.novak", "al-1", 2, "detail"),
        ("system", "a.novak", "", 0, "dead letter"),
        ("system", "unknown", "", 0, "unreadable"),
    ]
    with dispatching(bootstrap, database, ONLY_SI, SI):
        wait_until(lambda: looks_in(database)[-3:] == expected, 20)
    offsets.forget(topics.CONSULTATIONS.name)
    publisher.send(a_look(contact_point="SI", view="list"))
    publisher.flush()
    expected.append(("SI", "a.novak", "", 0, "list"))
    with dispatching(bootstrap, database, ONLY_SI, SI):
        wait_until(lambda: looks_in(database)[-1:] == expected[-1:], 20)
    assert looks_in(database)[-4:] == expected
