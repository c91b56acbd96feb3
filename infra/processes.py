"""The delivering processes, each until it is told to stop; what they need comes as plain values from `wiring`."""

import asyncio
import signal
import threading
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from consumers.configuration import Reloadable
from infra.workers import Announce

if TYPE_CHECKING:
    from consumers.contact_points import Channel
    from consumers.deliverer import Deliverer, Send
    from consumers.escalator import SendCall
    from streams.rules import Rules

Clock = Callable[[], datetime]

_PUBLISHING_SECONDS: Final = 5.0
"""How long an answer that is on its way to Kafka may hold up the end; it is published at the next start, else."""


def run_dispatcher(
    bootstrap: str, database_url: str, configuration: Reloadable, clock: Clock, announce: Announce
) -> None:
    """Store what Kafka brings, with a delivery for each who is told."""
    from consumers.dispatcher import Dispatcher

    dispatcher = Dispatcher(
        bootstrap=bootstrap, database_url=database_url, configuration=configuration.in_force, clock=clock
    )
    signal.signal(signal.SIGHUP, lambda *_: configuration.ask())
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    announce(lambda: dispatcher.ready)
    dispatcher.run(stop)


async def run_delivery(
    make: "Callable[[dict[Channel, Send]], Deliverer]",
    channels: "AbstractAsyncContextManager[dict[Channel, Send]]",
    configuration: Reloadable,
    announce: Announce,
) -> None:
    """Send what is due to the contact points, by the deliverer that `make` returns for the open channels."""
    stop = _stop(configuration)
    async with channels as senders:
        deliverer = make(senders)
        announce(lambda: deliverer.ready)
        await deliverer.run(stop)


async def run_escalator(
    database_url: str, configuration: Reloadable, send: "SendCall | None", clock: Clock, announce: Announce
) -> None:
    """Call whoever is to be called where nobody has answered."""
    from consumers.escalator import Escalator

    stop = _stop(configuration)
    escalator = Escalator(database_url=database_url, configuration=configuration.in_force, send=send, clock=clock)
    announce(lambda: escalator.ready)
    await escalator.run(stop)


async def run_api(  # noqa: PLR0913, PLR0917 - what it is connected to
    bootstrap: str,
    database_url: str,
    configuration: Reloadable,
    rules: "Rules",
    at: tuple[str, int],
    clock: Clock,
    announce: Announce,
) -> None:
    """Answer contact points that fetch their records, and publish what they say; `rules` are for previews."""
    from consumers.api.app import Guarded, Interface, api
    from consumers.api.live import Live
    from consumers.database import engine as engine_of
    from consumers.publishing import Publisher
    from infra.desk.kafka import Acknowledged
    from infra.http_server import listen, serve
    from infra.telling import editions_of_bulletin

    stop, started = _stop(configuration), threading.Event()
    engine = engine_of(database_url)
    live = Live(engine, database_url)
    listener = listen(*at)
    interface = Interface(engine, configuration.in_force, live, partial(editions_of_bulletin, rules), clock)
    publisher, ended = Publisher(engine, Acknowledged(bootstrap).send), threading.Event()
    publishing = threading.Thread(target=publisher.run, args=(ended,), name="publishing", daemon=True)
    publishing.start()
    announce(started.is_set, f"http://{at[0]}:{listener.getsockname()[1]}")
    listening, closing_feeds = asyncio.create_task(live.listen()), asyncio.create_task(_close(live, stop))
    try:
        await serve(Guarded(api(interface)), listener, stop, started.set)
    finally:
        for task in (listening, closing_feeds):
            task.cancel()
        ended.set()
        await asyncio.to_thread(publishing.join, _PUBLISHING_SECONDS)
        engine.dispose()


async def run_console(database_url: str, at: tuple[str, int], clock: Clock, announce: Announce, *, https: bool) -> None:
    """Show duty officers their board."""
    from consumers.api.app import Guarded
    from consumers.console.app import console
    from consumers.console.context import Console
    from consumers.console.feed import Boards
    from consumers.database import engine as engine_of
    from infra.http_server import listen, require_https, serve

    require_https(at[0], https=https)
    stop, started = _stop(), threading.Event()
    engine = engine_of(database_url)
    boards = Boards(engine, database_url, clock)
    listener = listen(*at)
    announce(started.is_set, f"http://{at[0]}:{listener.getsockname()[1]}")
    tasks = [asyncio.create_task(one) for one in (boards.run(), _close(boards, stop))]
    try:
        app = console(Console(engine, boards, clock, secure=https))
        await serve(Guarded(app), listener, stop, started.set)
    finally:
        for task in tasks:
            task.cancel()
        engine.dispose()


async def run_gateway(bootstrap: str, tokens: Path | None, host: str, port: int, announce: Announce) -> None:
    """Take events over HTTP."""
    from infra.http_server import listen, serve
    from producers.gateway.access import load_access, require_loopback
    from producers.gateway.app import gateway_app
    from producers.gateway.publisher import GatewayPublisher

    loop, stop, started = asyncio.get_running_loop(), _stop(), threading.Event()
    access = load_access(tokens)
    require_loopback(host, access)
    listener = listen(host, port)

    def broken() -> None:
        loop.call_soon_threadsafe(stop.set)

    with closing(GatewayPublisher(bootstrap, on_broken=broken)) as publisher:  # it ends, and is started again
        address = f"http://{host}:{listener.getsockname()[1]}"
        announce(lambda: started.is_set() and publisher.ready, address)
        await serve(gateway_app(publisher, access), listener, stop, started.set)


def run_receiver(receiver: Any, host: str, port: int, announce: Announce) -> None:
    """Run the local receiver that stands for all contact points."""
    from aiohttp import web

    ready = threading.Event()
    application = receiver.application()

    async def say_ready(_: web.Application) -> None:
        ready.set()

    application.on_startup.append(say_ready)
    announce(ready.is_set)
    web.run_app(application, host=host, port=port, print=None, access_log=None)


def run(work: Awaitable[None]) -> None:
    """Run an asynchronous process to its end."""

    async def to_the_end() -> None:
        await work

    asyncio.run(to_the_end())


def _stop(configuration: Reloadable | None = None) -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; SIGHUP has the configuration read again."""
    if configuration is not None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, configuration.ask)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


async def _close(live: Any, stop: asyncio.Event) -> None:
    await stop.wait()
    live.close()
