"""Connections that go only where they may: a name is resolved once, and what is connected to is the address judged."""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

from consumers.reach import Reach, literal_address


class OutOfReachError(httpcore.ConnectError):
    """A name resolves only to addresses that may not be connected to."""


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """Connects to public addresses, or as far as `reach` goes.

    TLS and the Host header keep the name, so that the certificate is verified against it; a name that resolves to
    another address a moment later changes nothing.
    """

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - as httpcore has it
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Return a connection to the first address that answers; raises `OutOfReachError` where none may be asked."""
        addresses = await _resolve(host, port)
        allowed = [address for address in addresses if self._reach.allows(ipaddress.ip_address(address))]
        if not allowed:
            raise OutOfReachError(f"leads only to what is not {self._reach}")
        each = timeout / len(allowed) if timeout else None  # an address that does not answer leaves time for the next
        for address in allowed[:-1]:
            try:
                return await self._plain.connect_tcp(address, port, each, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._plain.connect_tcp(allowed[-1], port, each, local_address, socket_options)

    async def sleep(self, seconds: float) -> None:
        """Wait; httpcore does between its own tries."""
        await asyncio.sleep(seconds)


async def _resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, each once, in the order in which the system would try them."""
    if literal_address(host) is not None:
        return [host]
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # UnicodeError: a name that cannot be one
        raise httpcore.ConnectError(type(error).__name__) from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
