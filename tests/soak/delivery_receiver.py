"""All contact points of the soak in one process: they misbehave in every way, and write down whatever reaches them.

`python delivery_receiver.py DIRECTORY SEED DARK_SECONDS` writes its ports to `ports.json` there, and a line for each
notice to `received.jsonl`: for whom it was, what it said, what was done to it, and whether it was taken. Taken is what
was kept, whatever the sender learnt of it: an answer that comes too late or gets lost makes it send again.
"""

from __future__ import annotations

import asyncio
import email
import hashlib
import hmac
import json
import logging
import random
import re
import socket
import struct
import sys
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from email.policy import default
from functools import partial
from pathlib import Path
from typing import Any, Final, TextIO

from aiohttp import web
from aiosmtpd.smtp import SMTP, Envelope, Session
from endpoints import secret_of, serving

from infra.services.ports import HOST

TIMEOUT_SECONDS: Final = 2.0
"""How long the sender waits."""

DARK: Final = "RS"
"""It refuses all webhooks at first, so that its mail is needed."""

WEBHOOK_FAULTS: Final[Mapping[str, int]] = {
    "none": 850,
    "slow": 30,
    "answered twice": 20,
    "500": 30,
    "429": 20,
    "hung": 10,
    "reset": 15,
    "taken, then reset": 10,
    "taken, answered late": 15,
}
MAIL_FAULTS: Final[Mapping[str, int]] = {
    "none": 880,
    "slow": 30,
    "451": 30,
    "hung": 10,
    "reset": 20,
    "taken, then reset": 15,
    "taken, answered late": 15,
}
_NEVER: Final = 3600.0
_MAIL: Final = re.compile(r"Alert: (al-\w+)\s+Revision: (\d+)\s+Delivery: (dl-\w+)\s+Contact point: (\w+)")


class Receiver:
    """What is done to each notice, by chance, and the log of all."""

    def __init__(self, log: TextIO, chance: random.Random, dark_seconds: float) -> None:
        self._log, self._chance = log, chance
        self._dark_until = time.monotonic() + dark_seconds

    def application(self) -> web.Application:
        """Return what takes webhooks."""
        application = web.Application()
        application.router.add_post("/{code}", self._webhook)
        return application

    async def _webhook(self, request: web.Request) -> web.Response:
        code, body = request.match_info["code"], await request.read()
        said = json.loads(body)
        if said["type"] == "heartbeat":
            return web.Response(status=204)
        fault = self._choose(WEBHOOK_FAULTS)
        if code == DARK and time.monotonic() < self._dark_until:
            fault = "dark"
        told = {name: said["data"][name] for name in ("contact_point", "alert", "revision", "sequence", "digest")}
        authentic = is_signed(code, request.headers, body) and said["data"]["delivery"] == request.headers["webhook-id"]
        self._write(code, "webhook", fault, {"id": said["data"]["delivery"], **told, "authentic": authentic})
        match fault:
            case "500" | "dark":
                return web.Response(status=500 if fault == "500" else 503)
            case "429":
                return web.Response(status=429, headers={"Retry-After": "1"})
            case "reset" | "taken, then reset":
                reset(request.transport)
            case "answered twice":
                assert request.transport is not None
                request.transport.write(b"HTTP/1.1 204 No Content\r\n\r\n")
            case _:
                await asyncio.sleep(self._seconds(fault))
        return web.Response(status=204)

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        """Take a mail, or not."""
        assert isinstance(envelope.content, bytes)
        fault = self._choose(MAIL_FAULTS)
        code = envelope.rcpt_tos[0].partition("@")[0].upper()
        message = email.message_from_bytes(envelope.content, policy=default)
        text = message.get_body(("plain",))
        said = _MAIL.search(text.get_content()) if text is not None else None
        told: dict[str, Any] = {"id": "", "alert": "", "revision": 0, "contact_point": "", "authentic": False}
        if said is not None:
            told = {"id": said[3], "alert": said[1], "revision": int(said[2]), "contact_point": said[4]}
            told["authentic"] = said[3] in message["Message-ID"]
        self._write(code, "email", fault, told)
        match fault:
            case "451":
                return "451 try again later"
            case "reset" | "taken, then reset":
                reset(server.transport)
            case _:
                await asyncio.sleep(self._seconds(fault))
        return "250 OK"

    def _choose(self, faults: Mapping[str, int]) -> str:
        return self._chance.choices(list(faults), list(faults.values()))[0]

    def _seconds(self, fault: str) -> float:
        match fault:
            case "slow":
                return self._chance.uniform(0.1, 0.8 * TIMEOUT_SECONDS)
            case "taken, answered late":
                return TIMEOUT_SECONDS + 0.5
            case "hung":
                return _NEVER
            case _:
                return 0

    def _write(self, code: str, channel: str, fault: str, told: Mapping[str, Any]) -> None:
        taken = fault in {"none", "slow", "answered twice"} or fault.startswith("taken")
        line = {"reached": code, "channel": channel, "fault": fault, "taken": taken, **told}
        self._log.write(json.dumps(line) + "\n")
        self._log.flush()


def is_signed(code: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a webhook is signed with the secret of this contact point, as Standard Webhooks says."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = b64decode(secret_of(code).removeprefix("whsec_"))
    mac = b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return f"v1,{mac}" in headers["webhook-signature"].split()


def reset(transport: asyncio.BaseTransport | None) -> None:
    """Break a connection off with RST."""
    assert isinstance(transport, asyncio.Transport)
    own: socket.socket = transport.get_extra_info("socket")
    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


async def receive(directory: Path, seed: int, dark_seconds: float) -> None:
    """Receive until killed."""
    loop = asyncio.get_running_loop()
    with (directory / "received.jsonl").open("w", encoding="utf-8") as log:
        receiver = Receiver(log, random.Random(seed), dark_seconds)
        mail = await loop.create_server(partial(SMTP, receiver, hostname="soak", loop=loop), HOST, 0)
        async with serving(receiver.application()) as port, mail:
            ports = {"webhook": port, "mail": mail.sockets[0].getsockname()[1]}
            part = directory / "ports.part"
            part.write_text(json.dumps(ports), encoding="ascii")
            part.rename(directory / "ports.json")
            await asyncio.Event().wait()


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # connections that break are the purpose
    asyncio.run(receive(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
