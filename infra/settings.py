"""Every setting, with its default and where its value came from. Read by `wiring` alone.

Environment variables are named `BRDO_` and the field's name in capitals. A secret may stand in a
file instead, named by the same variable with `_FILE` after it.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import platformdirs
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from consumers.contact_points import MailAddress
from consumers.reach import encrypted_or_loopback
from infra.errors import SettingsError

PREFIX: Final = "BRDO_"
_FILE: Final = "_FILE"


def _cache_dir() -> Path:
    return platformdirs.user_cache_path("brdo")


def _data_dir() -> Path:
    if os.geteuid() == 0:  # PostgreSQL runs as a user of its own and could not enter root's home
        return Path("/var/lib/brdo")
    return platformdirs.user_data_path("brdo")


AbsolutePath = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]


class Settings(BaseModel):
    """All settings. Durations are in seconds."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    services: Annotated[
        Literal["embedded", "containers"],
        Field(description="how Kafka and PostgreSQL are started where none is named"),
    ] = "embedded"
    kafka_bootstrap: Annotated[
        str | None, Field(description="host:port of an existing Kafka, several with commas", min_length=1)
    ] = None
    database_url: Annotated[
        SecretStr | None, Field(description="an existing PostgreSQL, as postgresql+psycopg://user:password@host/name")
    ] = None
    data_dir: Annotated[AbsolutePath, Field(default_factory=_data_dir, description="where all data is kept")]
    cache_dir: Annotated[AbsolutePath, Field(default_factory=_cache_dir, description="where Kafka's jars are kept")]
    rules: Annotated[AbsolutePath | None, Field(description="rules of the engine; absent: the bundled ones")] = None
    routes: Annotated[AbsolutePath | None, Field(description="who gets which alert; absent: the bundled table")] = None
    contact_points: Annotated[
        Path | None, Field(description="contact points and channels; absent: a local receiver for trying out")
    ] = None
    duties: Annotated[
        AbsolutePath | None, Field(description="rotas and escalation; absent: nobody is called where nobody answers")
    ] = None
    gateway_host: Annotated[
        str, Field(min_length=1, description="where the HTTP way in listens; beyond loopback it needs tokens")
    ] = "127.0.0.1"
    gateway_port: Annotated[int, Field(ge=0, le=65535, description="its port; 0: a free one, kept for this data")] = 0
    gateway_tokens: Annotated[
        AbsolutePath | None, Field(description="YAML of station codes and the SHA-256 of their tokens")
    ] = None
    api_host: Annotated[str, Field(min_length=1, description="where contact points fetch their records")] = "127.0.0.1"
    api_port: Annotated[int, Field(ge=0, le=65535, description="its port; 0: a free one, kept for this data")] = 0
    api_tokens: Annotated[
        AbsolutePath | None, Field(description="YAML of contact points, their accounts and the SHA-256 of their tokens")
    ] = None
    api_token: Annotated[
        SecretStr | None, Field(description="your own token there, for `brdo answer`, `bulletin` and `reply`")
    ] = None
    console_host: Annotated[str, Field(min_length=1, description="where the duty officers' console listens")] = (
        "127.0.0.1"
    )
    console_port: Annotated[int, Field(ge=0, le=65535, description="its port; 0: a free one, kept for this data")] = 0
    console_https: Annotated[
        bool, Field(description="true: a proxy gives the console HTTPS; needed where it listens beyond loopback")
    ] = False
    receiver_port: Annotated[int, Field(ge=0, le=65535, description="port of the local receiver; 0: a free one")] = 0
    state: Annotated[
        Literal["disk", "memory"],
        Field(description="disk: a copy of the workers' state in RocksDB, for a quick start; memory: none"),
    ] = "disk"
    history: Annotated[
        bool, Field(description="take events of any time, as when history is replayed; live intake refuses odd times")
    ] = False
    webhook_timeout_seconds: Annotated[
        float, Field(gt=0, le=45, description="how long one webhook may take; shorter than a delivery's lease of 60 s")
    ] = 20
    deliveries_at_once: Annotated[
        int, Field(ge=1, le=100, description="how many notices to one contact point by one channel may be under way")
    ] = 8
    retry_seconds: Annotated[
        str,
        Field(
            pattern=r"^[1-9][0-9]{0,3}(,[1-9][0-9]{0,3}){0,19}$",
            description="waits after each failure; the last repeats",
        ),
    ] = "2,5,10,30,60"
    smtp_host: Annotated[str | None, Field(min_length=1, description="mail server; absent: no e-mail is sent")] = None
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="its port")] = 587
    smtp_sender: Annotated[MailAddress | None, Field(description="whom e-mail is from; needed with smtp_host")] = None
    smtp_username: Annotated[str | None, Field(min_length=1, description="who logs in there; absent: nobody")] = None
    smtp_password: Annotated[SecretStr | None, Field(description="and with what")] = None
    smtp_starttls: Annotated[bool, Field(description="false: without encryption, on this machine only")] = True
    smtp_certificate_authority: Annotated[
        AbsolutePath | None, Field(description="PEM of who vouches for it; absent: whom this system trusts")
    ] = None
    public_url: Annotated[
        str | None,
        AfterValidator(lambda url: url if url is None else encrypted_or_loopback(url)),
        Field(description="where contact points reach this system; needed for e-mail and CAP, whose links begin so"),
    ] = None
    health_port: Annotated[
        int, Field(ge=0, le=65535, description="port of /healthz, /readyz and /metrics; 0: a free one")
    ] = 0
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="least level logged")] = "info"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting for a person to read: secrets masked, origin named."""

    variable: str
    value: str
    origin: str
    description: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings that this environment says; raises `SettingsError` naming the variable."""
    given: dict[str, Any] = {}
    known = Settings.model_fields
    for variable, text in environment.items():
        if not variable.startswith(PREFIX):
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name in known:
            given[name] = text
        elif name.removesuffix(_FILE.lower()) in known and name.endswith(_FILE.lower()):
            given[name.removesuffix(_FILE.lower())] = _from_file(variable, Path(text))
        else:
            raise SettingsError(variable, "is not a setting; `brdo config show` lists them all")
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        detail = error.errors(include_input=False, include_url=False)[0]
        raise SettingsError(_variable(str(detail["loc"][0])), detail["msg"]) from None


def explain_settings(settings: Settings, environment: Mapping[str, str]) -> list[Setting]:
    """Return every setting with its value, masked where secret, and its origin."""
    rows = []
    for name, field in Settings.model_fields.items():
        variable = _variable(name)
        origin = "default"
        if variable in environment:
            origin = "environment"
        elif variable + _FILE in environment:
            origin = f"file {environment[variable + _FILE]}"
        value = getattr(settings, name)
        rows.append(Setting(variable, "" if value is None else str(value), origin, field.description or ""))
    return rows


def _variable(name: str) -> str:
    return PREFIX + name.upper()


def _from_file(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(variable, f"names a file that cannot be read: {type(error).__name__}") from None
