"""A small webhook receiver for trying out and for tests: it stands for every contact point.

It verifies each signature and writes each accepted request as one JSON line, on disk before it
answers. What it was told, and when, is judged by this log alone.
"""

import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from aiohttp import web
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

LARGEST_BODY_BYTES: Final = 8 * 1024 * 1024


class Receiver:
    """Receives for the contact points whose secrets it has."""

    def __init__(self, secrets: Mapping[str, str], log_path: Path, clock: Callable[[], datetime]) -> None:
        self._webhooks = {code: Webhook(secret) for code, secret in secrets.items()}
        self._log_path = log_path
        self._clock = clock

    def application(self) -> web.Application:
        """Return the web application."""
        application = web.Application(client_max_size=LARGEST_BODY_BYTES)
        application.router.add_post("/contact-points/{code}", self._receive)
        return application

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
        self._write(json.dumps(line, ensure_ascii=False))
        return web.Response(status=204)

    def _write(self, line: str) -> None:
        descriptor = os.open(self._log_path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
