"""Free ports of the loopback interface, kept over restarts of one data directory."""

from __future__ import annotations

import random
import socket
from pathlib import Path

from infra.services.errors import StartError

HOST = "127.0.0.1"

# Below the ports that Linux (32768 and up) and macOS (49152 and up) lend to outgoing connections:
# one of those could sit on our port while a service restarts.
_FIRST, _LAST = 20_000, 32_000
_HIGHEST = 65_535
_ATTEMPTS = 200


def choose_ports(path: Path, count: int) -> list[int]:
    """Return the ports kept in the file at `path`, each replaced by a new one if it is occupied.

    Writes the choice back. Raises StartError if no free port can be found.
    """
    kept = _read(path)
    chosen: list[int] = []
    for place in range(count):
        port = kept[place] if place < len(kept) else None
        if port is None or port in chosen or not is_free(port):
            port = _free_port(exclude=chosen)
        chosen.append(port)
    if chosen != kept:
        path.write_text(" ".join(map(str, chosen)) + "\n", encoding="ascii")
    return chosen


def is_free(port: int) -> bool:
    """Whether nobody listens on this port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of the previous run that still linger in TIME_WAIT do not occupy the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _free_port(exclude: list[int]) -> int:
    for _ in range(_ATTEMPTS):
        port = random.randrange(_FIRST, _LAST)  # noqa: S311 - nobody gains by guessing a port
        if port not in exclude and is_free(port):
            return port
    raise StartError(
        f"No free port was found in {_ATTEMPTS} attempts.",
        where=f"{HOST}, ports {_FIRST} to {_LAST - 1}",
        remedy="Stop programs that listen on this machine, then start again.",
    )


def _read(path: Path) -> list[int]:
    try:
        words = path.read_text(encoding="ascii", errors="replace").split()
    except FileNotFoundError:
        return []
    return [int(word) for word in words if word.isdigit() and 0 < int(word) <= _HIGHEST]
