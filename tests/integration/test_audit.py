"""The audit on a real PostgreSQL: chained, refused to be changed, and every change by force is found."""

from __future__ import annotations

import hashlib
from datetime import UTC

import pytest
import sqlalchemy as sa
from delivery_rig import Database
from endpoints import a_contact_point
from factory import an_alert

from consumers.audit import SYSTEM, Act, Entry, Fault, Finding, asked, heads, read, record, verify
from consumers.tables import audit

pytest_plugins = ["delivery_services"]

SI = a_contact_point("SI")


def written(database: Database, *entries: Entry) -> None:
    for entry in entries:
        with database.engine.begin() as connection:
            record(connection, [entry])


def looks(number: int, book: str = "SI") -> list[Entry]:
    return [Entry(Act.CONSULTATION, "a.novak", book, book, "duty", f"al-{one}") for one in range(number)]


def found(database: Database) -> list[Finding]:
    with database.engine.connect() as connection:
        return list(verify(connection))


def by_force(database: Database, statement: str) -> None:
    """Change the table as one who owns the database can."""
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        connection.execute(sa.text(statement))
        connection.execute(sa.text("ALTER TABLE audit ENABLE TRIGGER ALL"))


def test_each_row_is_chained_to_the_one_before_in_its_book(database: Database) -> None:
    """The hash is computed here once more, from the documented form."""
    written(database, *looks(2), *looks(1, "HR"))
    rows = database.rows(sa.select(audit).where(audit.c.book == "SI").order_by(audit.c.number))
    previous = ""
    for number, row in enumerate(rows, start=1):
        at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
        text = "\n".join(
            [previous, "SI", str(number), at, "consultation", "a.novak", "SI", "duty", row.alert_id, "0", "", ""]
        )
        assert row.hash == hashlib.sha256(text.encode()).hexdigest()
        previous = row.hash
    with database.engine.connect() as connection:
        assert {book: number for book, (number, _) in heads(connection).items()} == {"SI": 2, "HR": 1}
    assert found(database) == []


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit SET actor = 'nobody'", "DELETE FROM audit", "TRUNCATE audit"],
)
def test_postgresql_refuses_to_change_or_remove_a_row(database: Database, statement: str) -> None:
    written(database, *looks(1))
    with (
        pytest.raises(sa.exc.DBAPIError, match="neither changed nor removed"),
        database.engine.begin() as connection,
    ):
        connection.execute(sa.text(statement))
    assert database.count(audit) == 1


@pytest.mark.parametrize(
    ("statement", "findings"),
    [
        ("UPDATE audit SET actor = 'nobody' WHERE number = 2", [Finding("SI", 2, Fault.ALTERED)]),
        ("UPDATE audit SET at = at + interval '1 microsecond' WHERE number = 3", [Finding("SI", 3, Fault.ALTERED)]),
        ("UPDATE audit SET detail = 'x' WHERE number = 1", [Finding("SI", 1, Fault.ALTERED)]),
        ("DELETE FROM audit WHERE number = 1", [Finding("SI", 1, Fault.REMOVED)]),
        ("DELETE FROM audit WHERE number = 2", [Finding("SI", 2, Fault.REMOVED)]),
        ("DELETE FROM audit WHERE number = 4", [Finding("SI", 4, Fault.REMOVED)]),
        ("DELETE FROM audit", [Finding("SI", number, Fault.REMOVED) for number in (1, 2, 3, 4)]),
        (
            (
                "INSERT INTO audit SELECT book, 5, at, act, actor, recipient, purpose, alert_id, revision, reader,"
                " detail, hash, hash FROM audit WHERE number = 4"
            ),
            [Finding("SI", 5, Fault.ADDED)],
        ),
    ],
)
def test_what_is_changed_by_force_is_found(database: Database, statement: str, findings: list[Finding]) -> None:
    written(database, *looks(4))
    by_force(database, statement)
    assert found(database) == findings


def test_a_row_that_is_rewritten_with_its_hash_breaks_the_one_after_it(database: Database) -> None:
    written(database, *looks(3))
    (row,) = database.rows(sa.select(audit).where(audit.c.number == 2))
    at = row.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f") + "Z"
    text = f"{row.previous}\nSI\n2\n{at}\n{row.act}\nb.kos\nSI\nduty\n{row.alert_id}\n0\n\n"
    by_force(
        database,
        f"UPDATE audit SET actor = 'b.kos', hash = '{hashlib.sha256(text.encode()).hexdigest()}' WHERE number = 2",  # noqa: S608
    )
    assert found(database) == [Finding("SI", 3, Fault.ALTERED)]


def test_what_is_not_committed_leaves_no_row(database: Database) -> None:
    with database.engine.connect() as connection:
        record(connection, looks(1))
        connection.rollback()
    assert database.count(audit) == 0


def test_texts_from_outside_are_one_short_line(database: Database) -> None:
    written(database, Entry(Act.CONSULTATION, "a\nb", "SI", purpose="x" * 500))
    (row,) = database.rows(sa.select(audit))
    assert (row.actor, len(row.purpose)) == ("a b", 200)
    assert found(database) == []


def test_taking_in_an_alert_is_a_collection_and_a_combination(database: Database) -> None:
    alert = an_alert()
    database.store(alert, told=[SI])
    rows = database.rows(sa.select(audit).order_by(audit.c.number))
    assert [(row.book, row.act, row.actor) for row in rows] == [
        (SYSTEM, "collection", "dispatcher"),
        (SYSTEM, "combination", "streams"),
    ]
    assert {(row.alert_id, row.revision) for row in rows} == {(alert.id, 1)}
    assert rows[1].detail == f"rules {alert.rules_version}"


def test_an_auditor_asks_by_alert_recipient_actor_act_and_time(database: Database) -> None:
    written(database, *looks(3), *looks(2, "HR"), Entry(Act.CHANGE, "b.kos", "SI", "HR", "case", "al-1"))

    def told(**by: object) -> list[tuple[str, str, str]]:
        with database.engine.connect() as connection:
            rows = read(connection, asked(**by))  # type: ignore[arg-type]
            return [(row.entry.act, row.entry.actor, row.entry.alert_id) for row in rows]

    assert told(alert_id="al-1", recipient="HR") == [
        ("consultation", "a.novak", "al-1"),
        ("change", "b.kos", "al-1"),
    ]
    assert told(actor="b.kos") == told(acts=[Act.CHANGE]) == [("change", "b.kos", "al-1")]
    (last,) = database.rows(sa.select(sa.func.max(audit.c.at)))
    assert len(told(until=last[0])) == 5
    assert len(told(since=last[0])) == 1
