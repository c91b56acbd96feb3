"""The console as it runs, on a real PostgreSQL, and officers with browsers of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

import httpx
import sqlalchemy as sa
from delivery_rig import Database
from endpoints import a_contact_point
from factory import an_alert
from serving import serving

from consumers.api.app import Guarded
from consumers.console.accounts import invite
from consumers.console.app import console
from consumers.console.context import Console
from consumers.console.feed import Boards
from consumers.database import engine
from consumers.roles import Role
from consumers.tables import answers

PASSWORD: Final = "four words are enough"
SI, HR = a_contact_point("SI"), a_contact_point("HR")
ALERT: Final = an_alert(summary="Röszke → Horgoš")
_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@contextmanager
def serving_console(database: Database, clock: Sequence[datetime] = ()) -> Iterator[str]:
    """Serve the console and yield its address; what `clock` holds is what time it is."""
    own = engine(database.url)

    def now() -> datetime:
        return clock[0] if clock else datetime.now(UTC)

    boards = Boards(own, database.url, now)
    try:
        with serving(Guarded(console(Console(own, boards, now))), boards.run, boards.close) as address:
            yield address
    finally:
        own.dispose()


def one_time(database: Database, code: str, account: str = "a.novak", role: Role = Role.DUTY_OFFICER) -> str:
    """Invite somebody as of now; return the one-time password."""
    with database.engine.begin() as connection:
        return invite(connection, "cli:test", code, account, role, datetime.now(UTC))


class Officer:
    """An officer with a browser."""

    def __init__(self, address: str, code: str, account: str = "a.novak") -> None:
        self.code = code
        self.account = account
        self.browser = httpx.Client(base_url=address, trust_env=False, timeout=10, follow_redirects=True)

    def sign_in(self, password: str = PASSWORD, **more: str) -> httpx.Response:
        said = {"contact_point": self.code, "account": self.account, "password": password, **more}
        return self.browser.post("/sign-in", data=said)

    def get(self, path: str) -> httpx.Response:
        return self.browser.get(path)

    def post(self, path: str, csrf: str | None = None, **said: str) -> httpx.Response:
        """Send a form with the session's own token, unless another one is given."""
        return self.browser.post(path, data={"csrf": self.csrf if csrf is None else csrf, **said})

    @property
    def csrf(self) -> str:
        found = _CSRF.search(self.get("/").text)
        assert found is not None, "nobody is signed in"
        return found[1]


@contextmanager
def on_duty(
    database: Database, address: str, code: str, account: str = "a.novak", role: Role = Role.DUTY_OFFICER
) -> Iterator[Officer]:
    """Yield an officer who has signed in and chosen a password."""
    officer = Officer(address, code, account)
    with officer.browser:
        shown = officer.sign_in(one_time(database, code, account, role))
        found = _CSRF.search(shown.text)
        assert found is not None, shown.text
        chosen = officer.post("/password", csrf=found[1], password=PASSWORD, again=PASSWORD)
        assert chosen.url.path == "/", chosen.text
        yield officer


def acts(database: Database, table: sa.Table, book: str) -> list[tuple[str, str, str]]:
    """Return the actor, alert and detail of every row of a book, in order."""
    query = sa.select(table).where(table.c.book == book).order_by(table.c.number)
    return [(row.actor, row.alert_id, row.detail) for row in database.rows(query)]


def answered(database: Database) -> list[tuple[str, str, str]]:
    return [(row.contact_point, row.officer, row.outcome) for row in database.rows(sa.select(answers))]
