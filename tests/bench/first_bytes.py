"""A receiver of webhooks that does as little as it can, and writes down when the first byte of each came.

`python first_bytes.py PORT_FILE LOG`; a line of the log is [seconds since 1970, contact point, alert, revision].
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from pathlib import Path
from typing import TextIO

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)


class FirstByte(asyncio.Protocol):
    """One connection: requests one after another, each answered with 204."""

    def __init__(self, log: TextIO) -> None:
        self._log = log
        self._read = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Note the moment of a first byte, and the request once it is whole."""
        if not self._read:
            self._began = time.time()
        self._read += data
        head, found, body = self._read.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        if not found or length is None or len(body) < int(length[1]):
            return
        self._read = b""
        self._transport.write(_ANSWER)
        said = json.loads(body)
        if said["type"] == "alert.revision":
            told = said["data"]
            self._log.write(json.dumps([self._began, told["contact_point"], told["alert"], told["revision"]]) + "\n")
            self._log.flush()


async def receive(port_file: Path, log: TextIO) -> None:
    """Receive until killed."""
    server = await asyncio.get_running_loop().create_server(lambda: FirstByte(log), "127.0.0.1", 0)
    part = port_file.with_suffix(".part")
    part.write_text(str(server.sockets[0].getsockname()[1]), encoding="ascii")
    part.rename(port_file)
    await server.serve_forever()


if __name__ == "__main__":
    with Path(sys.argv[2]).open("w", encoding="utf-8") as written:
        asyncio.run(receive(Path(sys.argv[1]), written))
