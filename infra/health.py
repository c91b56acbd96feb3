"""`/healthz`, `/readyz`, `/progress` and `/metrics` of a process, on loopback unless told otherwise."""

import json
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from prometheus_client import make_wsgi_app

log = structlog.get_logger()

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


class _QuietServer(WSGIServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log in our own form that a probe went away in the middle of its answer."""
        del request, client_address
        log.info("probe_broken_off", error=type(sys.exception()).__name__)


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Log nothing: probes come every few seconds."""


class HealthServer:
    """Answers probes on a thread of its own, so that a busy worker still answers."""

    def __init__(
        self,
        is_ready: Callable[[], bool],
        *,
        progress: Callable[[], dict[str, Any]] = dict,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._is_ready = is_ready
        self._progress = progress
        self._metrics = make_wsgi_app()
        self._server: WSGIServer = make_server(host, port, self._answer, _QuietServer, _QuietHandler)
        self.address = f"http://{host}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        match environ["PATH_INFO"]:
            case "/metrics":
                return self._metrics(environ, start_response)  # type: ignore[no-any-return]
            case "/healthz":
                return _text(start_response, "200 OK", "alive")
            case "/readyz":
                if self._is_ready():
                    return _text(start_response, "200 OK", "ready")
                return _text(start_response, "503 Service Unavailable", "not ready")
            case "/progress":
                return _text(start_response, "200 OK", json.dumps(self._progress()))
            case _:
                return _text(start_response, "404 Not Found", "not found")


def _text(start_response: StartResponse, status: str, body: str) -> list[bytes]:
    start_response(status, [("Content-Type", "text/plain; charset=utf-8")])
    return [f"{body}\n".encode()]
