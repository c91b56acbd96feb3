"""A dispatcher or a deliverer of the soak: the product's own, at a pace at which the soak ends.

`python delivery_child.py (dispatcher|delivery) DIRECTORY`; `child.json` there says the rest.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Self
from unittest import mock

from consumers import deliveries
from consumers.channels.email import EmailChannel, SmtpServer
from consumers.channels.webhook import WebhookChannel
from consumers.configuration import Configuration, load_configuration
from consumers.contact_points import Channel
from consumers.deliverer import Deliverer
from consumers.dispatcher import Dispatcher
from consumers.outbox import Pace
from infra.logs import configure_logs
from infra.services.ports import HOST


@dataclass(frozen=True, slots=True)
class Shortened:
    """The waits of the soak, in seconds."""

    lease_seconds: float = 8
    waits_seconds: tuple[float, ...] = (0.2, 0.5, 1, 2)
    timeout_seconds: float = 2
    next_channel_after_seconds: float = 5
    heartbeat_seconds: float = 5


@dataclass(frozen=True, slots=True)
class Given:
    """What a child is given: where everything is."""

    bootstrap: str
    database_url: str
    mail_port: int
    routes: str
    contact_points: str

    def write(self, directory: Path) -> None:
        """Leave it where a child looks for it."""
        (directory / "child.json").write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Return what was left there."""
        return cls(**json.loads((directory / "child.json").read_text(encoding="utf-8")))

    def configuration(self) -> Configuration:
        """Return who is told, and how."""
        return load_configuration(Path(self.routes), Path(self.contact_points), os.environ)


def dispatch(given: Given, pace: Shortened) -> None:
    """Run a dispatcher until SIGTERM."""
    configuration, stop = given.configuration(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    after = timedelta(seconds=pace.next_channel_after_seconds)
    with mock.patch.object(deliveries, "NEXT_CHANNEL_AFTER", after):
        Dispatcher(
            bootstrap=given.bootstrap,
            database_url=given.database_url,
            configuration=lambda: configuration,
            clock=lambda: datetime.now(UTC),
        ).run(stop)


async def deliver(given: Given, pace: Shortened) -> None:
    """Run a deliverer until SIGTERM."""
    configuration, stop = given.configuration(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = SmtpServer(HOST, given.mail_port, "alerts@brdo.example", starttls=False)
    mail = EmailChannel(server, "https://brdo.example", pace.timeout_seconds)
    waits = tuple(timedelta(seconds=seconds) for seconds in pace.waits_seconds)
    async with WebhookChannel(pace.timeout_seconds) as webhook:
        await Deliverer(
            database_url=given.database_url,
            contact_points=lambda: configuration.contact_points,
            channels={Channel.WEBHOOK: webhook.send, Channel.EMAIL: mail.send},
            clock=lambda: datetime.now(UTC),
            pace=Pace(timedelta(seconds=pace.lease_seconds), waits),
            heartbeat=timedelta(seconds=pace.heartbeat_seconds),
        ).run(stop)


if __name__ == "__main__":
    name, where = sys.argv[1], Path(sys.argv[2])
    configure_logs(name, "WARNING")
    if name == "dispatcher":
        dispatch(Given.read(where), Shortened())
    else:
        asyncio.run(deliver(Given.read(where), Shortened()))
