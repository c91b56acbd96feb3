"""Operational contact points: who can be told, and through which channel."""

import ipaddress
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from schemas.configuration import Table, read_yaml
from schemas.errors import ConfigurationError

BUNDLED: Final = Path(__file__).with_name("contact_points.yaml")

_SHORTEST_KEY_BYTES: Final = 16

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,10}$")]


class Channel(StrEnum):
    """The ways in which a contact point can be told."""

    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True)
class WebhookAddress:
    """Where a contact point's webhook is, and the secret that signs what is sent there."""

    url: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ContactPoint:
    """A contact point of a country or an agency."""

    code: str
    name: str
    webhook: WebhookAddress

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that it has."""
        return (Channel.WEBHOOK,)


def _encrypted_or_loopback(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return url
    if parts.scheme == "http" and parts.hostname and _is_loopback(parts.hostname):
        return url
    raise ValueError("must be https://…; http:// is for loopback only")


class _Webhook(Table):
    url: Annotated[str, AfterValidator(_encrypted_or_loopback)]
    secret_file: Path | None = None
    secret_env: str | None = None

    @model_validator(mode="after")
    def _one_secret(self) -> Self:
        if (self.secret_file is None) == (self.secret_env is None):
            raise ValueError("needs secret_file or secret_env, and not both")
        return self


class _Channels(Table):
    webhook: _Webhook


class _ContactPoint(Table):
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    channels: _Channels


class _File(Table):
    contact_points: Annotated[dict[Code, _ContactPoint], Field(min_length=1)]


def load_contact_points(path: Path, environment: Mapping[str, str]) -> dict[str, ContactPoint]:
    """Return the contact points by code; raises `ConfigurationError` naming the one that is wrong."""
    file = read_yaml(path, _File)
    return {
        code: ContactPoint(
            code, said.name, WebhookAddress(said.channels.webhook.url, _secret(path, code, said, environment))
        )
        for code, said in file.contact_points.items()
    }


def contact_point_codes(path: Path) -> frozenset[str]:
    """Return the codes alone, for which no secret is needed."""
    return frozenset(read_yaml(path, _File).contact_points)


def _secret(path: Path, code: str, said: _ContactPoint, environment: Mapping[str, str]) -> str:
    webhook = said.channels.webhook
    if webhook.secret_env is not None:
        secret, place = environment.get(webhook.secret_env, ""), f"environment variable {webhook.secret_env}"
    else:
        file = path.parent / (webhook.secret_file or "")
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


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
