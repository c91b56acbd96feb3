"""The audit (Directive (EU) 2016/680 Art. 25): who did what with which alert, when, why, and who learnt of it.

A row is added in the transaction of the act itself, so that neither is without the other. PostgreSQL numbers the rows
of a book and chains each to the one before by SHA-256; it refuses to change or remove any. Each contact point has a
book of what it was shown; what concerns nobody alone stands in the book of the system. Rows name alerts and
officers' accounts, never what an alert says.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from consumers.database import given
from consumers.tables import audit, audit_heads

SYSTEM: Final = "system"
_AT_ONCE: Final = 1000
_LONGEST_TEXT: Final = 200


class Act(StrEnum):
    """What is logged: the operations of Art. 25(1), and what decides who may see an alert."""

    COLLECTION = "collection"
    COMBINATION = "combination"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    CHANGE = "change"
    ERASURE = "erasure"


@dataclass(frozen=True, slots=True)
class Entry:
    """One act: `actor` did it, `recipient` learnt of it, `detail` is from a closed vocabulary of ours."""

    act: Act
    actor: str
    book: str = SYSTEM
    recipient: str = ""
    purpose: str = ""
    alert_id: str = ""
    revision: int = 0
    reader: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as it stands in its book."""

    entry: Entry
    number: int
    at: datetime
    previous: str
    hash: str

    @property
    def computed_hash(self) -> str:
        """What its hash must be: over the hash before and every field, a line each."""
        one = self.entry
        at = f"{self.at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
        named = (
            one.act,
            one.actor,
            one.recipient,
            one.purpose,
            one.alert_id,
            str(one.revision),
            one.reader,
            one.detail,
        )
        return hashlib.sha256("\n".join((self.previous, one.book, str(self.number), at, *named)).encode()).hexdigest()


class Fault(StrEnum):
    """What is wrong with a book."""

    ALTERED = "altered"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Finding:
    """A row that is not what was written: its book, its number, and how it differs."""

    book: str
    number: int
    fault: Fault


def record(connection: sa.Connection, entries: Iterable[Entry]) -> None:
    """Add rows in the caller's transaction; texts from outside are cut to one line of 200 characters."""
    # In the order of the books: two transactions that add to the same ones must not wait for each other.
    rows = [_row(one) for one in sorted(entries, key=lambda one: one.book)]
    if rows:
        names = list(rows[0])
        new = given(rows, *(audit.c[name] for name in names))
        connection.execute(sa.insert(audit).from_select(names, sa.select(new)))


def heads(connection: sa.Connection) -> dict[str, tuple[int, str]]:
    """Return of every book how many rows it has and the hash of the last."""
    return {row.book: (row.number, row.hash) for row in connection.execute(sa.select(audit_heads))}


def verify(connection: sa.Connection) -> Iterator[Finding]:
    """Read all books and name every row that was altered, removed or added by another way than `record`."""
    expected = heads(connection)
    for book in sorted(expected.keys() | set(connection.execute(sa.select(audit.c.book).distinct()).scalars())):
        last, head = expected.get(book, (0, ""))
        number, previous = 0, ""
        for row in read(connection, sa.select(audit).where(audit.c.book == book).order_by(audit.c.number)):
            yield from (Finding(book, missing, Fault.REMOVED) for missing in range(number + 1, row.number))
            contiguous = row.number == number + 1
            if row.number > last:
                yield Finding(book, row.number, Fault.ADDED)
            elif row.hash != row.computed_hash or (contiguous and row.previous != previous):
                yield Finding(book, row.number, Fault.ALTERED)
            number, previous = row.number, row.hash
        yield from (Finding(book, missing, Fault.REMOVED) for missing in range(number + 1, last + 1))
        if number == last and previous != head:
            yield Finding(book, last, Fault.ALTERED)


def read(connection: sa.Connection, query: sa.Select[Any]) -> Iterator[Row]:
    """Return the rows that a query of the audit finds."""
    for row in connection.execute(query.execution_options(yield_per=_AT_ONCE)):
        named = {name: getattr(row, name) for name in _NAMED}
        entry = Entry(Act(row.act) if row.act in _ACTS else row.act, **named)
        yield Row(entry, row.number, row.at, row.previous, row.hash)


def asked(  # noqa: PLR0913 - what an auditor asks by
    *,
    alert_id: str | None = None,
    recipient: str | None = None,
    actor: str | None = None,
    acts: Sequence[Act] = (),
    since: datetime | None = None,
    until: datetime | None = None,
) -> sa.Select[Any]:
    """Return the query of an auditor, the oldest row first; what is not said matches all."""
    query = sa.select(audit).order_by(audit.c.at, audit.c.book, audit.c.number)
    for column, value in ((audit.c.alert_id, alert_id), (audit.c.recipient, recipient), (audit.c.actor, actor)):
        if value is not None:
            query = query.where(column == value)
    if acts:
        query = query.where(audit.c.act.in_([str(one) for one in acts]))
    if since is not None:
        query = query.where(audit.c.at >= since)
    return query if until is None else query.where(audit.c.at < until)


def of_book(book: str, after: int, most: int) -> sa.Select[Any]:
    """Return the query of a book's rows after a number, in their order."""
    mine = audit.c.book == book, audit.c.number > after
    return sa.select(audit).where(*mine).order_by(audit.c.number).limit(most)


_NAMED: Final = ("actor", "book", "recipient", "purpose", "alert_id", "revision", "reader", "detail")
_ACTS: Final = frozenset(Act)


def _row(entry: Entry) -> dict[str, Any]:
    said = {
        name: " ".join(value.split())[:_LONGEST_TEXT] if isinstance(value, str) else value
        for name, value in asdict(entry).items()
    }
    return {**said, **_BY_POSTGRESQL}


_BY_POSTGRESQL: Final = {"number": 0, "previous": "", "hash": ""}
"""What the trigger fills in, as it does the time."""
