"""The one place that reads settings: it builds each process and passes plain values inward."""

import asyncio
import os
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from consumers import contact_points as points
from consumers import routing
from consumers.duties import NO_DUTIES, Duties, load_duties
from consumers.errors import ConsumerError
from infra import correlation, processes
from infra.errors import InfraError, NotRunningError, SettingsError
from infra.health import HealthServer
from infra.local_contact_points import TOKENS, local_token, write_local_contact_points
from infra.logs import configure_logs
from infra.secret_files import write_secret
from infra.services.errors import ServiceError
from infra.services.ports import HOST, choose_ports
from infra.settings import Settings, read_settings
from infra.system import Place, running_bootstrap
from infra.workers import CORRELATING, DELIVERING, Announcement, WorkerName
from producers.errors import ProducerError
from schemas.errors import SchemaError
from streams.errors import StreamError
from streams.rules import DEFAULT_RULES, Rules, load_rules

if TYPE_CHECKING:
    from consumers.channels.email import SmtpServer
    from consumers.configuration import Reloadable
    from consumers.deliverer import Deliverer, Send
    from consumers.desk.feed import Feed
    from infra.doctor import Patient

T = TypeVar("T")

RECEIVER_LOG: Final = "received.jsonl"
EXPECTED_ERRORS: Final = (InfraError, ServiceError, ProducerError, StreamError, ConsumerError, SchemaError)
"""Whose text is meant for the person at the terminal."""

_DATABASE_URL: Final = "database-url"


def settings_from_environment() -> Settings:
    """Return the settings; raises `SettingsError`."""
    return read_settings(os.environ)


def utc_now() -> datetime:
    """Return the time: the one clock that is passed inward."""
    return datetime.now(UTC)


def place(settings: Settings) -> Place:
    """Return where and on what the system runs."""
    return Place(
        settings.data_dir,
        settings.cache_dir,
        settings.kafka_bootstrap,
        settings.database_url.get_secret_value() if settings.database_url else None,
        containers=settings.services == "containers",
    )


def rules(settings: Settings) -> Rules:
    """Return the rules in force; raises `schemas.errors.ConfigurationError`."""
    return load_rules(settings.rules or DEFAULT_RULES)


def worker_names(settings: Settings) -> tuple[WorkerName, ...]:
    """Return the processes of a whole system; the receiver only where no contact points are configured."""
    local = () if settings.contact_points else (WorkerName.RECEIVER,)
    return (*CORRELATING, *DELIVERING, WorkerName.GATEWAY, *local)


def prepare(settings: Settings, bootstrap: str, database_url: str | None) -> dict[str, str]:
    """Migrate the database, write what the workers read, and return their environment."""
    from consumers.database import upgrade

    environment = {
        "BRDO_KAFKA_BOOTSTRAP": bootstrap,
        "BRDO_DATA_DIR": str(settings.data_dir),
        "BRDO_CACHE_DIR": str(settings.cache_dir),
        "BRDO_HISTORY": str(settings.history),
    }
    ports = {"gateway": settings.gateway_port}
    if database_url is not None:
        ports |= {"api": settings.api_port, "console": settings.console_port}
    for name, chosen in ports.items():
        port = chosen or choose_ports(settings.data_dir / f"{name}-port", 1)[0]
        environment[f"BRDO_{name.upper()}_PORT"] = str(port)
    if database_url is None:
        return environment
    upgrade(database_url)
    if settings.database_url is None:
        environment["BRDO_DATABASE_URL_FILE"] = str(write_secret(settings.data_dir / _DATABASE_URL, database_url))
    if settings.contact_points is None:
        port = settings.receiver_port or choose_ports(settings.data_dir / "receiver-port", 1)[0]
        local = write_local_contact_points(settings.data_dir, f"http://{HOST}:{port}")
        environment |= {"BRDO_CONTACT_POINTS": str(local), "BRDO_RECEIVER_PORT": str(port)}
        environment["BRDO_API_TOKENS"] = str(local.with_name(TOKENS))
    return environment


def run_worker(name: WorkerName, settings: Settings) -> None:
    """Run one process until it is told to stop."""
    configure_logs(name.value, settings.log_level)
    match name:
        case WorkerName.INTAKE | WorkerName.WATCH | WorkerName.CASEBOOK:
            _run_correlating(name, settings)
        case WorkerName.GATEWAY:
            at, announce = (settings.gateway_host, settings.gateway_port), partial(_announce, name, settings)
            asyncio.run(processes.run_gateway(_bootstrap(settings), settings.gateway_tokens, *at, announce))
        case WorkerName.CONSOLE:
            at, announce = (settings.console_host, settings.console_port), partial(_announce, name, settings)
            url, https = _database_url(settings), settings.console_https
            asyncio.run(processes.run_console(url, at, utc_now, announce, https=https))
        case _:
            _run_delivering(name, settings)


def patient(settings: Settings) -> "Patient":
    """Return what `brdo doctor` looks at."""
    from infra.doctor import Patient

    try:
        bootstrap = settings.kafka_bootstrap or running_bootstrap(settings.data_dir)
    except NotRunningError:
        bootstrap = None
    url = database_address(settings)
    return Patient(
        settings.data_dir, settings.cache_dir, bootstrap, url, settings.rules, settings.routes, settings.contact_points
    )


def database_address(settings: Settings) -> str | None:
    """Return the database in use: the configured one, else the one that runs on the data directory."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    own = settings.data_dir / _DATABASE_URL
    return own.read_text(encoding="utf-8") if own.exists() else None


def needed_database(settings: Settings) -> str:
    """Return the database in use; raises `NotRunningError` where there is none."""
    url = database_address(settings)
    if url is None:
        raise NotRunningError(f"no database runs on {settings.data_dir}; start everything with `brdo up`")
    return url


def desk_feed(settings: Settings, contact_point: str, account: str, purpose: str) -> "Feed":
    """Return what the desk of a contact point reads; raises `SettingsError` and `NotRunningError`."""
    from consumers.desk.feed import Feed
    from consumers.permissions import Who

    codes = points.contact_point_codes(settings.contact_points or points.BUNDLED)
    if contact_point not in codes:
        raise SettingsError("--contact-point", f"must be one of {', '.join(sorted(codes))}")
    url = needed_database(settings)
    return Feed(url, contact_point, Who(account, purpose), utc_now)


def _run_correlating(name: WorkerName, settings: Settings) -> None:
    data_dir = settings.data_dir / "faust" / name
    correlating = correlation.Correlating(
        _bootstrap(settings), data_dir, settings.state == "disk", utc_now, settings.history
    )
    correlation.run(name, correlating, partial(rules, settings), partial(_announce, name, settings))


def _run_delivering(name: WorkerName, settings: Settings) -> None:
    from consumers.configuration import Configuration, Reloadable, load_configuration
    from consumers.senders import call_sender, check_calls, check_channels, senders
    from infra.receiver import Identity, Receiver

    files = settings.routes or routing.BUNDLED, settings.contact_points or points.BUNDLED
    if name is not WorkerName.RECEIVER:
        _database_url(settings)  # said before any file is read
    tokens = _needed(settings.api_tokens, "API_TOKENS") if name is WorkerName.API else None
    mail = _smtp_server(settings)

    def load() -> Configuration:
        loaded = load_configuration(*files, os.environ, settings.duties, tokens)
        check_channels(loaded.contact_points, settings.public_url, mail)
        check_calls(loaded.duties, settings.public_url, mail)
        return loaded

    configuration = Reloadable(load)
    announce = partial(_announce, name, settings)
    match name:
        case WorkerName.DISPATCHER:
            processes.run_dispatcher(_bootstrap(settings), _database_url(settings), configuration, utc_now, announce)
        case WorkerName.DELIVERY:
            channels = senders(
                configuration.in_force().contact_points,
                timeout_seconds=settings.webhook_timeout_seconds,
                public_url=settings.public_url,
                mail=mail,
            )
            make = partial(_deliverer, settings, configuration)
            asyncio.run(processes.run_delivery(make, channels, configuration, announce))
        case WorkerName.ESCALATOR:
            send = call_sender(mail, settings.public_url, settings.webhook_timeout_seconds)
            asyncio.run(processes.run_escalator(_database_url(settings), configuration, send, utc_now, announce))
        case WorkerName.API:
            at, judged_by = (settings.api_host, settings.api_port), rules(settings)
            where = _bootstrap(settings), _database_url(settings)
            asyncio.run(processes.run_api(*where, configuration, judged_by, at, utc_now, announce))
        case WorkerName.RECEIVER:
            beside = (settings.contact_points or points.BUNDLED).parent
            identities = {
                code: Identity(point.webhook.secret, local_token(beside, code))
                for code, point in configuration.in_force().contact_points.items()
                if point.webhook is not None
            }
            log, interface = settings.data_dir / RECEIVER_LOG, f"http://{HOST}:{settings.api_port}"
            receiver = Receiver(identities, interface, log, utc_now)
            processes.run_receiver(receiver, HOST, settings.receiver_port, announce)


def _deliverer(settings: Settings, configuration: "Reloadable", channels: "dict[points.Channel, Send]") -> "Deliverer":
    from consumers.deliverer import Deliverer
    from consumers.outbox import PACE

    waits = tuple(timedelta(seconds=int(one)) for one in settings.retry_seconds.split(","))
    return Deliverer(
        database_url=_database_url(settings),
        contact_points=lambda: configuration.in_force().contact_points,
        channels=channels,
        clock=utc_now,
        pace=replace(PACE, waits=waits, at_once=settings.deliveries_at_once),
    )


def _smtp_server(settings: Settings) -> "SmtpServer | None":
    """Return the mail server, None where none is named; raises `SettingsError` where half of one is."""
    from consumers.channels.email import SmtpServer
    from consumers.tls import TlsFiles

    if settings.smtp_host is None:
        return None
    password = settings.smtp_password
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        _needed(settings.smtp_sender, "SMTP_SENDER"),
        settings.smtp_username,
        password.get_secret_value() if password else None,
        settings.smtp_starttls,
        TlsFiles(authority=settings.smtp_certificate_authority),
    )


def _announce(
    name: WorkerName,
    settings: Settings,
    is_ready: Callable[[], bool],
    address: str | None = None,
    progress: Callable[[], dict[str, Any]] = dict,
) -> None:
    """Answer probes, and say where in the data directory."""
    health = HealthServer(is_ready, progress=progress, port=settings.health_port)
    Announcement(os.getpid(), health.address, address).write(settings.data_dir, name)


def duties(settings: Settings, codes: Collection[str]) -> Duties:
    """Return who is called where nobody answers; raises `schemas.errors.ConfigurationError`."""
    return load_duties(settings.duties, codes) if settings.duties else NO_DUTIES


def contact_points(settings: Settings) -> dict[str, points.ContactPoint]:
    """Return who can be told, with their secrets; of a running system of the own machine the local ones."""
    local = settings.data_dir / "contact-points" / "contact_points.yaml"
    if settings.contact_points is None and local.exists():
        return points.load_contact_points(local, os.environ)
    return points.load_contact_points(settings.contact_points or points.BUNDLED, os.environ)


def _bootstrap(settings: Settings) -> str:
    return _needed(settings.kafka_bootstrap, "KAFKA_BOOTSTRAP")


def _database_url(settings: Settings) -> str:
    url = settings.database_url
    return _needed(url.get_secret_value() if url else None, "DATABASE_URL")


def _needed(value: T | None, name: str) -> T:
    if value is None:
        raise SettingsError(f"BRDO_{name}", "is needed to run a single process; `brdo up` runs them all")
    return value


def preparation(settings: Settings) -> Callable[[str, str | None], dict[str, str]]:
    """Return `prepare` for these settings, as `system.running` calls it."""
    return partial(prepare, settings)
