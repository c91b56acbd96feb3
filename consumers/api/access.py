"""Whose request this is: each contact point has tokens of its own, on this machine too.

A tokens file is YAML: contact point, then the SHA-256 (hex) of its bearer token, or a list of several while one
follows another. A token is a person's or a program's of that contact point; its name stands in the audit::

    SI:
      console: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
      a.novak: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, RootModel, StringConstraints

from schemas.configuration import read_yaml
from schemas.errors import ConfigurationError
from schemas.fields import Originator

_BEARER: Final = re.compile(r"bearer +(\S{1,500}) *", re.IGNORECASE)

_ACCOUNT: Final = r"^[A-Za-z0-9._@-]{1,64}$"
Account = Annotated[str, StringConstraints(pattern=_ACCOUNT)]
Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


def is_account(text: str) -> bool:
    """Whether an account can be called so."""
    return re.fullmatch(_ACCOUNT, text) is not None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: an account of a contact point."""

    contact_point: str
    account: str

    @property
    def actor(self) -> str:
        """What the audit calls it."""
        return f"{self.contact_point}:{self.account}"


class _TokensFile(RootModel[dict[Originator, Annotated[dict[Account, Hash], Field(min_length=1)]]]):
    pass


@dataclass(frozen=True, slots=True)
class Tokens:
    """Accounts by the SHA-256 of their tokens."""

    callers: Mapping[str, Caller] = field(repr=False)

    def caller(self, authorization: str | None) -> Caller | None:
        """Return whose bearer token this is, None where it is nobody's."""
        said = _BEARER.fullmatch(authorization or "")
        if said is None:
            return None
        shown = hashlib.sha256(said[1].encode("latin-1", "replace")).hexdigest()
        found = None
        for known, caller in self.callers.items():  # all of them, however soon one agrees
            if hmac.compare_digest(known, shown):
                found = caller
        return found


def load_tokens(path: Path) -> Tokens:
    """Return who may ask; raises `ConfigurationError` naming file, line and reason."""
    callers: dict[str, Caller] = {}
    for contact_point, accounts in read_yaml(path, _TokensFile).root.items():
        for account, one in accounts.items():
            if one in callers:
                raise ConfigurationError(f"{path}: {contact_point}.{account}: has the token of another account")
            callers[one] = Caller(contact_point, account)
    if not callers:
        raise ConfigurationError(f"{path}: names no contact point")
    return Tokens(callers)
