"""Kafka's jars arrive whole or not at all, from a real small Maven repository that misbehaves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from infra.services.errors import DownloadError
from infra.services.jars import ensure_jars, locked_jars

LARGEST = max(locked_jars(), key=lambda jar: jar.size).name
TOTAL = sum(jar.size for jar in locked_jars())


class Repository:
    """Serves the jars of a full cache in Maven's layout; `cut` and `garbled` say which it spoils."""

    def __init__(self, jars: Path) -> None:
        self.cut: set[str] = set()
        self.garbled: set[str] = set()
        self.requested: list[str] = []
        self.url = ""
        self._jars = jars

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        name = request.path.rsplit("/", 1)[1]
        path = self._jars / name
        if not path.exists():  # a checksum
            request.send_error(HTTPStatus.NOT_FOUND)
            return
        self.requested.append(name)
        content = path.read_bytes()
        request.send_response(HTTPStatus.OK)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        if name in self.garbled:
            content = content[::-1]
        request.wfile.write(content[: len(content) // 2] if name in self.cut else content)


@contextmanager
def serving(repository: Repository) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            repository.answer(self)

        def log_message(self, *_arguments: object) -> None:
            """Keep quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        repository.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def repository(kafka_cache: Path) -> Iterator[Repository]:
    served = Repository(ensure_jars(kafka_cache, lambda _done, _total, _label: None))
    with serving(served):
        yield served


def fetch(cache_dir: Path, repository: Repository) -> list[tuple[int, int | None]]:
    seen: list[tuple[int, int | None]] = []
    ensure_jars(cache_dir, lambda done, total, _label: seen.append((done, total)), repository=repository.url)
    return seen


def test_a_download_cut_short_does_not_spoil_the_next_which_continues(repository: Repository, tmp_path: Path) -> None:
    repository.cut = {LARGEST}
    with pytest.raises(DownloadError, match="what has arrived is kept"):
        fetch(tmp_path, repository)
    arrived = {path.name for path in tmp_path.glob("*.partial/*.jar")}
    assert LARGEST not in arrived
    repository.cut = set()
    repository.requested.clear()

    fetch(tmp_path, repository)

    assert set(repository.requested) == {jar.name for jar in locked_jars()} - arrived
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kafka-4.1.0", "kafka-4.1.0.lock"]


def test_other_bytes_than_those_locked_are_refused(repository: Repository, tmp_path: Path) -> None:
    repository.garbled = {LARGEST}
    with pytest.raises(DownloadError, match="not the file that was locked"):
        fetch(tmp_path, repository)
    assert not (tmp_path / "kafka-4.1.0").exists()


def test_two_starts_at_once_download_once(repository: Repository, tmp_path: Path) -> None:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda _: fetch(tmp_path, repository), range(2)))
    assert len(repository.requested) == len(locked_jars())


def test_progress_counts_every_byte_once_and_a_lost_jar_comes_again(repository: Repository, tmp_path: Path) -> None:
    seen = fetch(tmp_path, repository)
    assert seen == sorted(seen)
    assert seen[0] == (0, TOTAL)
    assert seen[-1] == (TOTAL, TOTAL)
    (tmp_path / "kafka-4.1.0" / LARGEST).unlink()
    repository.requested.clear()

    seen = fetch(tmp_path, repository)

    assert repository.requested == [LARGEST]
    assert seen[-1] == (TOTAL, TOTAL)
    assert fetch(tmp_path, repository) == [], "a full cache asks nobody"
