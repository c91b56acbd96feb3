"""Who may sign in, and who is signed in. Each act is in the audit, in the transaction that does it."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.api.access import token_hash
from consumers.audit import Act, Entry
from consumers.console import passwords
from consumers.console.tables import accounts, sessions
from consumers.roles import RIGHTS, Right, Role

SHIFT: Final = timedelta(hours=12)
"""How long a session lasts: a duty, and no longer."""

INVITED_FOR: Final = timedelta(hours=24)
"""How long a one-time password may be used."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who is signed in; `must_choose` a password of their own before anything else."""

    contact_point: str
    account: str
    role: Role
    must_choose: bool
    csrf: str

    def may(self, right: Right) -> bool:
        """Whether their role has this right."""
        return right in RIGHTS[self.role]

    @property
    def actor(self) -> str:
        """What the audit calls them."""
        return f"{self.contact_point}:{self.account}"


def invite(  # noqa: PLR0913, PLR0917 - who invites whom
    connection: sa.Connection, by: str, contact_point: str, account: str, role: Role, now: datetime
) -> str:
    """Make an account, or give one a new password; return the one-time password. Who was signed in is so no more."""
    password = passwords.one_time()
    row = {
        "contact_point": contact_point,
        "account": account,
        "role": role.value,
        "password": passwords.kept(password),
        "one_time_until": now + INVITED_FOR,
    }
    keys = ["contact_point", "account"]
    connection.execute(insert(accounts).values(row).on_conflict_do_update(index_elements=keys, set_=row))
    _end_all(connection, contact_point, account)
    _log(connection, by, contact_point, f"account {account}: invited as {role}")
    return password


def sign_in(connection: sa.Connection, contact_point: str, account: str, password: str, now: datetime) -> str | None:
    """Return the token of a new session; None where account and password do not agree, or the one-time one is over."""
    mine = accounts.c.contact_point == contact_point, accounts.c.account == account
    row = connection.execute(sa.select(accounts).where(*mine)).one_or_none()
    agreed = passwords.agrees(password, row.password if row else None)
    if row is None:
        return None
    actor = f"{contact_point}:{account}"
    if not agreed or (row.one_time_until is not None and row.one_time_until <= now):
        _log(connection, actor, contact_point, "sign-in refused")
        return None
    connection.execute(sa.delete(sessions).where(sessions.c.ends_at <= now))
    token = secrets.token_urlsafe(32)
    named = {"contact_point": contact_point, "account": account}
    connection.execute(sa.insert(sessions).values(token=token_hash(token), ends_at=now + SHIFT, **named))
    _log(connection, actor, contact_point, "signed in")
    return token


def officer(connection: sa.Connection, token: str, now: datetime) -> Officer | None:
    """Return whose session this is; None where it is nobody's, or over."""
    query = (
        sa.select(accounts)
        .join(sessions, sa.and_(*(accounts.c[one] == sessions.c[one] for one in ("contact_point", "account"))))
        .where(sessions.c.token == token_hash(token), sessions.c.ends_at > now)
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    csrf = hmac.new(token.encode(), b"csrf", hashlib.sha256).hexdigest()
    return Officer(row.contact_point, row.account, Role(row.role), row.one_time_until is not None, csrf)


def choose(connection: sa.Connection, whom: Officer, password: str, keep: str) -> None:
    """Give an account the password that its owner chose; of its sessions only that of the token `keep` goes on."""
    mine = accounts.c.contact_point == whom.contact_point, accounts.c.account == whom.account
    new = {"password": passwords.kept(password), "one_time_until": None}
    connection.execute(sa.update(accounts).where(*mine).values(**new))
    theirs = sessions.c.contact_point == whom.contact_point, sessions.c.account == whom.account
    connection.execute(sa.delete(sessions).where(*theirs, sessions.c.token != token_hash(keep)))
    _log(connection, whom.actor, whom.contact_point, "password chosen")


def sign_out(connection: sa.Connection, whom: Officer, token: str) -> None:
    """End a session."""
    connection.execute(sa.delete(sessions).where(sessions.c.token == token_hash(token)))
    _log(connection, whom.actor, whom.contact_point, "signed out")


def exist(connection: sa.Connection) -> bool:
    """Whether anybody may sign in."""
    return connection.execute(sa.select(sa.exists().select_from(accounts))).scalar_one()


def _end_all(connection: sa.Connection, contact_point: str, account: str) -> None:
    theirs = sessions.c.contact_point == contact_point, sessions.c.account == account
    connection.execute(sa.delete(sessions).where(*theirs))


def _log(connection: sa.Connection, actor: str, contact_point: str, detail: str) -> None:
    audit.record(connection, [Entry(Act.CHANGE, actor, contact_point, contact_point, "console", detail=detail)])
