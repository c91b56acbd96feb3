"""Serving an application over HTTP: on loopback unless told otherwise, until told to stop."""

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable, Generator
from typing import Any, Final

import uvicorn

from consumers.reach import names_loopback
from infra.errors import NotListeningError

_BACKLOG: Final = 128
_GRACE_SECONDS: Final = 8
"""Less than a process is given to stop in; a request that is cut off was promised nothing."""


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, on_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_started = on_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._on_started()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the process, which stops the server in its own way."""
        yield


def require_https(host: str, *, https: bool) -> None:
    """Let a server of pages that people sign in to go beyond loopback only behind HTTPS; raises `NotListeningError`."""
    if not https and not names_loopback(host):
        raise NotListeningError(f"refuses to listen on {host} without HTTPS before it (BRDO_CONSOLE_HTTPS=true)")


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket (port 0: a free one); raises `NotListeningError`."""
    family = socket.AF_INET6 if _is_ipv6(host) else socket.AF_INET
    # Named as TCP, because asyncio sends without delay only there: else an answer waits 40 ms for its second half.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise NotListeningError(f"cannot listen on {host} port {port}: {error.strerror}") from None
    return listener


async def serve(app: Any, listener: socket.socket, stop: asyncio.Event, on_started: Callable[[], None]) -> None:
    """Serve until `stop` is set; requests in hand are answered first. Closes the listener."""
    config = uvicorn.Config(
        app,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    server = _Server(config, on_started)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        server.should_exit = True
        await serving
    finally:
        stopping.cancel()
        listener.close()


def _is_ipv6(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).version == 6  # noqa: PLR2004 - IPv6
    except ValueError:
        return False
