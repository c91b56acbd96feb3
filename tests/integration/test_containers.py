"""Without a working container engine the error comes in time and names the embedded way."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from infra.services.containers import start_kafka_container, start_postgres_container
from infra.services.errors import ContainerError
from infra.services.kafka import Kafka
from infra.services.postgres import Postgres

STARTS = pytest.mark.parametrize("start", [start_kafka_container, start_postgres_container])


@pytest.fixture
def stuck_engine() -> Iterator[str]:
    """Answer that the engine lives, and then keep every request waiting."""
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.endswith(("/_ping", "/version")):
                over.wait(60)
            body = b'{"ApiVersion": "1.44"}'
            self.send_response(HTTPStatus.OK)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the server's name for it

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        over.set()
        server.shutdown()
        thread.join()


@STARTS
def test_no_engine(start: Callable[[], Kafka | Postgres], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{port}")

    with pytest.raises(ContainerError, match="no container engine answers") as caught:
        start()

    assert "the embedded" in caught.value.remedy


@STARTS
def test_an_engine_that_hangs(
    start: Callable[..., Kafka | Postgres], stuck_engine: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", stuck_engine)
    begun = time.monotonic()

    with pytest.raises(ContainerError, match=r"within 0\.5 seconds") as caught:
        start(seconds=0.5)

    assert time.monotonic() - begun < 5
    assert "the embedded" in caught.value.remedy
