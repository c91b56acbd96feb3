"""Who may send through the gateway: programs on the same machine, or whoever has a station's token.

A tokens file is YAML: station code, then the SHA-256 (hex) of its bearer token, or a list of several
while one follows another::

    SI-OBR: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    HR-BRE: [2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae, fcde2b2e…]

ProducerError
└── NotLoopbackError      without tokens the gateway would be open to a network
"""

import hashlib
import hmac
import ipaddress
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field, RootModel, StringConstraints

from producers.errors import ProducerError
from producers.gateway.answers import GatewayError, Outcome
from schemas import stations
from schemas.configuration import read_yaml
from schemas.danger import read_danger
from schemas.errors import ConfigurationError, RefusalReason, UnknownStationError

_CHALLENGE: Final = 'Bearer realm="brdo"'
_BEARER: Final = re.compile(r"bearer +(\S+) *", re.IGNORECASE)
_READER: Final = json.JSONDecoder(object_pairs_hook=tuple, parse_int=lambda _: None, parse_float=lambda _: None)
"""Pairs for objects, and no numbers: one of a million digits would take its time, and nobody asks for it."""

_OF_CONTACT_POINTS: Final = frozenset({"watchlist_entry", "retraction", "verdict", "bulletin"})
"""Types that name no station; whose they are stands in `originator` or `contact_point`."""


class NotLoopbackError(ProducerError):
    """Without tokens the gateway is for loopback alone."""


def _known(code: str) -> str:
    try:
        stations.station(code)
    except UnknownStationError:
        raise ValueError("is not a station of the registry") from None
    return code


Hash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Hashes = Annotated[
    tuple[Hash, ...],
    BeforeValidator(lambda said: said if isinstance(said, list) else (said,)),
    Field(min_length=1),
]


class _TokensFile(RootModel[dict[Annotated[str, AfterValidator(_known)], Hashes]]):
    pass


@dataclass(frozen=True, slots=True)
class Access:
    """The stations by the SHA-256 of their tokens; without any, the gateway is for loopback alone."""

    stations_by_hash: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def by_token(self) -> bool:
        """Whether a request needs a token."""
        return bool(self.stations_by_hash)

    def station_of(self, authorization: str | None, host: str | None) -> str | None:
        """Return the station whose token this is, None where no token is needed; raises `GatewayError`.

        A page in a browser of the same machine can make a name of its own point to loopback, so
        without tokens the request must name a loopback host.
        """
        if not self.by_token:
            if not is_loopback(_hostname(host or "")):
                raise GatewayError(Outcome.OTHER_HOST, "this gateway answers on loopback alone")
            return None
        said = _BEARER.fullmatch(authorization or "")
        if said is None:
            raise GatewayError(Outcome.NO_TOKEN, "a bearer token is needed", {"WWW-Authenticate": _CHALLENGE})
        shown = hashlib.sha256(said[1].encode("latin-1", "replace")).hexdigest()
        found = None
        for known, station in self.stations_by_hash.items():  # all of them, however soon one agrees
            if hmac.compare_digest(known, shown):
                found = station
        if found is None:
            headers = {"WWW-Authenticate": f'{_CHALLENGE}, error="invalid_token"'}
            raise GatewayError(Outcome.NO_TOKEN, "the token is not known here", headers)
        return found


def load_access(tokens: Path | None) -> Access:
    """Return who may send; None is loopback alone. Raises `ConfigurationError` naming file, line and reason."""
    if tokens is None:
        return Access()
    by_hash: dict[str, str] = {}
    for station, hashes in read_yaml(tokens, _TokensFile).root.items():
        for one in hashes:
            if by_hash.setdefault(one, station) != station:
                raise ConfigurationError(f"{tokens}: {station}: has the same token as {by_hash[one]}")
    if not by_hash:
        raise ConfigurationError(f"{tokens}: names no station")
    return Access(by_hash)


def require_loopback(host: str, access: Access) -> None:
    """Raise `NotLoopbackError` where a gateway without tokens would listen to more than this machine."""
    if not access.by_token and not is_loopback(host):
        raise NotLoopbackError(f"the gateway listens on {host or 'every address'} only with a tokens file")


def is_loopback(host: str) -> bool:
    """Whether this name or address never leaves the machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def speaks_for_another(line: bytes, station: str, refusal: RefusalReason | None) -> bool:
    """Whether these bytes speak for another station than this, or as contact point for another country than its.

    Of a refused message that counts too which a danger to life would be raised from.
    """
    pairs = top_level(line)
    if any(name == "station" and isinstance(value, str) and value != station for name, value in pairs):
        return True
    if any(name == "type" and value in _OF_CONTACT_POINTS for name, value in pairs if isinstance(value, str)):
        country = stations.station(station).country
        if any(name in {"originator", "contact_point"} and value != country for name, value in pairs):
            return True
    danger = None if refusal is None else read_danger(line, refusal)
    return danger is not None and danger.station not in {None, station}


def top_level(line: bytes) -> Iterable[tuple[str, Any]]:
    """Return name and value of every field of a JSON object, those that stand twice too; of what is no JSON none."""
    try:
        document = _READER.decode(line.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return ()
    return document if isinstance(document, tuple) else ()


def _hostname(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0]
