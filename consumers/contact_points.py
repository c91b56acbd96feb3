"""Operational contact points: who can be told, in which language and through which channels."""

from base64 import b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    model_validator,
)

from consumers.reach import Reach, encrypted_or_loopback, literal_address, reach_of
from consumers.tls import SYSTEM_TLS, TlsFiles
from schemas.configuration import Table, read_yaml
from schemas.errors import ConfigurationError

BUNDLED: Final = Path(__file__).with_name("contact_points.yaml")

_SHORTEST_KEY_BYTES: Final = 16

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,10}$")]
MailAddress = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._%+-]{1,64}@([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}$", max_length=254),
]


class Channel(StrEnum):
    """The ways in which a contact point can be told."""

    WEBHOOK = "webhook"
    EMAIL = "email"
    CAP = "cap"


class Language(StrEnum):
    """The languages in which a contact point can be told; Serbian in either script."""

    ENGLISH = "en"
    SLOVENE = "sl"
    SERBIAN_LATIN = "sr_Latn"
    SERBIAN_CYRILLIC = "sr_Cyrl"


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where something is POSTed, the secret that signs it, and what the connection needs."""

    url: str
    secret: str = field(repr=False)
    tls: TlsFiles = SYSTEM_TLS
    allow_private: bool = False

    @property
    def reach(self) -> Reach:
        """What it may be connected to."""
        return reach_of(self.url, allow_private=self.allow_private)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A contact point of a country or an agency; the channel that it prefers stands first."""

    code: str
    name: str
    webhook: WebhookAddress | None = None
    email: str | None = None
    cap: WebhookAddress | None = None
    language: Language = Language.ENGLISH
    preference: tuple[Channel, ...] = tuple(Channel)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that it has, the preferred one first."""
        return tuple(channel for channel in self.preference if getattr(self, channel) is not None)


class _Webhook(Table):
    url: Annotated[str, AfterValidator(encrypted_or_loopback)]
    secret_file: Path | None = None
    secret_env: str | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    certificate_authority: Path | None = None
    allow_private: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError("needs secret_file or secret_env, and not both")
        if (self.client_certificate is None) != (self.client_key is None):
            raise ValueError("needs client_certificate and client_key, or neither")
        written = literal_address(urlsplit(self.url).hostname or "")
        if written is not None and not reach_of(self.url, allow_private=self.allow_private).allows(written):
            raise ValueError("url is in a private network, which needs allow_private: true")
        return self


class _Email(Table):
    to: MailAddress


class _Channels(Table):
    webhook: _Webhook | None = None
    email: _Email | None = None
    cap: _Webhook | None = None
    _order: tuple[Channel, ...] = PrivateAttr(())

    @model_validator(mode="wrap")
    @classmethod
    def _at_least_one(cls, said: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        channels = read(said)
        order = tuple(Channel(name) for name in said if said[name] is not None)
        if not order:
            raise ValueError(f"needs at least one of {', '.join(Channel)}")
        channels._order = order  # noqa: SLF001 - its own
        return channels

    @property
    def order(self) -> tuple[Channel, ...]:
        """The channels as they stand in the file."""
        return self._order


class _ContactPoint(Table):
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    language: Language = Language.ENGLISH
    channels: _Channels


class _File(Table):
    contact_points: Annotated[dict[Code, _ContactPoint], Field(min_length=1)]


def load_contact_points(path: Path, environment: Mapping[str, str]) -> dict[str, ContactPoint]:
    """Return the contact points by code; raises `ConfigurationError` naming the one that is wrong."""
    file = read_yaml(path, _File)
    points = {}
    for code, said in file.contact_points.items():
        channels = said.channels
        points[code] = ContactPoint(
            code,
            said.name,
            webhook=_webhook(path, code, channels.webhook, environment) if channels.webhook else None,
            email=channels.email.to if channels.email else None,
            cap=_webhook(path, code, channels.cap, environment) if channels.cap else None,
            language=said.language,
            preference=channels.order,
        )
    return points


def contact_point_codes(path: Path) -> frozenset[str]:
    """Return the codes alone, for which no secret is needed."""
    return frozenset(read_yaml(path, _File).contact_points)


def channels_needed(contact_points: Mapping[str, ContactPoint]) -> frozenset[Channel]:
    """Return the channels that one contact point or another has."""
    return frozenset(channel for point in contact_points.values() for channel in point.channels)


def without_channel(contact_points: Mapping[str, ContactPoint], sendable: Collection[Channel]) -> tuple[str, ...]:
    """Return the codes of those whom a process that sends only by these channels cannot tell."""
    return tuple(code for code, point in contact_points.items() if not set(point.channels) & set(sendable))


def _webhook(path: Path, code: str, said: _Webhook, environment: Mapping[str, str]) -> WebhookAddress:
    files = said.client_certificate, said.client_key, said.certificate_authority
    tls = TlsFiles(*(path.parent / file if file else None for file in files))
    try:
        if tls != SYSTEM_TLS:
            tls.context()
    except OSError as error:  # ssl.SSLError is one
        named = ", ".join(str(file) for file in (tls.certificate, tls.key, tls.authority) if file)
        raise ConfigurationError(f"{path}: {code}: {named}: not usable as PEM: {type(error).__name__}") from None
    return WebhookAddress(said.url, _secret(path, code, said, environment), tls, said.allow_private)


def _secret(path: Path, code: str, said: _Webhook, environment: Mapping[str, str]) -> str:
    if said.secret_env is not None:
        secret, place = environment.get(said.secret_env, ""), f"environment variable {said.secret_env}"
    else:
        file = path.parent / (said.secret_file or "")
        place = f"file {file}"
        try:
            secret = file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"{path}: {code}: the secret's {place}: {type(error).__name__}") from None
    if not _can_sign(secret):
        raise ConfigurationError(
            f"{path}: {code}: {place} must hold a webhook secret: whsec_ and the base64 of 16 bytes or more"
        )
    return secret


def _can_sign(secret: str) -> bool:
    """Whether this is a symmetric secret as Standard Webhooks writes it, and not a guessable one."""
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return secret.startswith("whsec_") and len(key) >= _SHORTEST_KEY_BYTES
