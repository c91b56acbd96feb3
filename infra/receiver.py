"""A small receiver for trying out and for tests: it stands for every contact point.

It does what a contact point's own system does: it verifies the signature of a notice, fetches the record behind it with
its contact point's token, and writes both as one JSON line, on disk before it answers. What it was told, and when,
is judged by this log alone. Heartbeats go to a log beside it.
"""

import json
import os
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

LARGEST_BODY_BYTES: Final = 64 * 1024
HEARTBEATS: Final = "heartbeats.jsonl"
_FETCH_SECONDS: Final = 10.0
_NOT_SHOWN: Final = frozenset({403, 404, 410})


@dataclass(frozen=True, slots=True)
class Identity:
    """What a contact point's system needs: the secret that signs its notices, and its token at the interface."""

    secret: str = field(repr=False)
    token: str = field(repr=False)


class Receiver:
    """Receives for these contact points; `interface` is the address of the deliveries' interface."""

    def __init__(
        self, identities: Mapping[str, Identity], interface: str, log_path: Path, clock: Callable[[], datetime]
    ) -> None:
        self._webhooks = {code: Webhook(one.secret) for code, one in identities.items()}
        self._tokens = {code: one.token for code, one in identities.items()}
        self._interface = interface
        self._log_path = log_path
        self._clock = clock

    def application(self) -> web.Application:
        """Return the web application."""
        application = web.Application(client_max_size=LARGEST_BODY_BYTES)
        application.router.add_post("/contact-points/{code}", self._receive)
        application.cleanup_ctx.append(self._connected)
        return application

    async def _connected(self, _: web.Application) -> AsyncIterator[None]:
        async with httpx.AsyncClient(base_url=self._interface, timeout=_FETCH_SECONDS, trust_env=False) as self._client:
            yield

    async def _receive(self, request: web.Request) -> web.Response:
        received_at = self._clock().astimezone(UTC)
        code = request.match_info["code"]
        body = await request.read()
        webhook = self._webhooks.get(code)
        if webhook is None:
            return web.Response(status=404)
        try:
            webhook.verify(body, dict(request.headers), json_parse=False)
        except (WebhookVerificationError, ValueError):  # ValueError: a signature or a body that is malformed
            return web.Response(status=401)
        try:
            payload = json.loads(body)
        except ValueError:
            return web.Response(status=400)
        line = {
            "received_at": received_at.isoformat(),
            "contact_point": code,
            "webhook_id": request.headers["webhook-id"],
            "payload": payload,
        }
        if payload.get("type") == "heartbeat":
            self._write(self._log_path.with_name(HEARTBEATS), line)
            return web.Response(status=204)
        try:
            line["record"] = await self._record(code, payload["data"]["link"])
        except (httpx.HTTPError, KeyError, TypeError):  # the notice comes again
            return web.Response(status=503)
        self._write(self._log_path, line)
        return web.Response(status=204)

    async def _record(self, code: str, link: str) -> Any:
        """Return the record behind a notice; None where it is not shown any more."""
        answer = await self._client.get(link, headers={"Authorization": f"Bearer {self._tokens[code]}"})
        if answer.status_code in _NOT_SHOWN:
            return None
        return answer.raise_for_status().json()

    def _write(self, path: Path, line: Mapping[str, Any]) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, json.dumps(line, ensure_ascii=False).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
