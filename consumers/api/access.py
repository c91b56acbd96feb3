"""Whose request this is: each contact point has accounts, each with a role and tokens, on this machine too.

A tokens file is YAML: contact point, account, its role and the SHA-256 (hex) of its bearer token; of two while one
follows the other. A token may have a last day (UTC). The account's name stands in the audit and under each answer::

    SI:
      a.novak:
        role: duty_officer
        tokens:
          - {sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae, expires: 2026-12-31}
          - {sha256: fcde2b2edba56bf408601fb721fe9b5c338d10ee429ea04fae5511b68fbf8fb9}
      console: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08

A hash alone is a machine's (`system`): it reads and confirms, and can neither answer nor decide. Whoever did so by a
file of that form needs a role said.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field, RootModel, StringConstraints, ValidationError

from consumers.roles import Role, may
from schemas.configuration import Table, read_yaml
from schemas.errors import ConfigurationError
from schemas.fields import Originator

_BEARER: Final = re.compile(r"bearer +(\S{1,500}) *", re.IGNORECASE)

_ACCOUNT: Final = r"^[A-Za-z0-9._@-]{1,64}$"
Account = Annotated[str, StringConstraints(pattern=_ACCOUNT)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class AccessRefusal(StrEnum):
    """Why an account that is known may not do this."""

    EXPIRED = "token_expired"
    NOT_ALLOWED = "not_allowed"


def is_account(text: str) -> bool:
    """Whether an account can be called so."""
    return re.fullmatch(_ACCOUNT, text) is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an account of a contact point."""

    contact_point: str
    account: str
    role: Role

    @property
    def actor(self) -> str:
        """What the audit calls it."""
        return f"{self.contact_point}:{self.account}"


@dataclass(frozen=True, slots=True)
class Known:
    """Whose a token is, and the last day (UTC) on which it is taken; None where it has none."""

    caller: Caller
    expires: date | None = None

    def refused(self, method: str, path: str, now: datetime) -> AccessRefusal | None:
        """Return why this account may not call this route now, None where it may."""
        if self.expires is not None and now.astimezone(UTC).date() > self.expires:
            return AccessRefusal.EXPIRED
        return None if may(self.caller.role, method, path) else AccessRefusal.NOT_ALLOWED


@dataclass(frozen=True, slots=True)
class Tokens:
    """Accounts by the SHA-256 of their tokens."""

    by_hash: Mapping[str, Known] = field(repr=False)

    def find(self, authorization: str | None) -> Known | None:
        """Return whose bearer token this is, None where it is nobody's."""
        said = _BEARER.fullmatch(authorization or "")
        if said is None:
            return None
        shown = token_hash(said[1])
        found = None
        for known, whose in self.by_hash.items():  # all of them, however soon one agrees
            if hmac.compare_digest(known, shown):
                found = whose
        return found


NOBODY: Final = Tokens(MappingProxyType({}))


def token_hash(token: str) -> str:
    """Return what a tokens file holds of a token."""
    return hashlib.sha256(token.encode("latin-1", "replace")).hexdigest()


def written(known: Known, token: str) -> str:
    """Return the lines of a tokens file that make a token good; raises `ConfigurationError` where none can."""
    who = known.caller
    expires = f", expires: {known.expires}" if known.expires else ""
    entry = {"role": who.role, "tokens": [{"sha256": token_hash(token)}]}
    try:
        _TokensFile.model_validate({who.contact_point: {who.account: entry}})
    except ValidationError as error:
        where = error.errors(include_url=False, include_input=False)[0]["loc"]
        raise ConfigurationError(f"{where[-2]}: has not the form of a name in a tokens file") from None  # it is a key
    return (
        f"{who.contact_point}:\n  {who.account}:\n    role: {who.role}\n    tokens:\n"
        f"      - {{sha256: {token_hash(token)}{expires}}}\n"
    )


def load_tokens(path: Path) -> Tokens:
    """Return who may ask; raises `ConfigurationError` naming file, line and reason."""
    by_hash: dict[str, Known] = {}
    for contact_point, accounts in read_yaml(path, _TokensFile).root.items():
        for account, said in accounts.items():
            for one in said.tokens:
                if one.sha256 in by_hash:
                    raise ConfigurationError(f"{path}: {contact_point}.{account}: has a token that is there already")
                by_hash[one.sha256] = Known(Caller(contact_point, account, said.role), one.expires)
    if not by_hash:
        raise ConfigurationError(f"{path}: names no contact point")
    return Tokens(by_hash)


def _day(written: Any) -> date:
    try:
        if isinstance(written, str) and re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", written):
            return date.fromisoformat(written)
    except ValueError:
        pass  # a form that is right with a day that is not
    raise ValueError("is no day; write for example 2026-12-31")


def _hash_alone(said: Any) -> Any:
    return {"role": Role.SYSTEM, "tokens": [{"sha256": said}]} if isinstance(said, str) else said


class _Token(Table):
    sha256: Hash
    expires: Annotated[date, BeforeValidator(_day)] | None = None


class _Account(Table):
    role: Role
    tokens: Annotated[tuple[_Token, ...], Field(min_length=1, max_length=2)]


class _TokensFile(
    RootModel[
        dict[
            Originator, Annotated[dict[Account, Annotated[_Account, BeforeValidator(_hash_alone)]], Field(min_length=1)]
        ]
    ]
):
    pass
