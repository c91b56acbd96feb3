"""Kafka's jars: fetched once by jgo from a Maven repository, checked, and kept in the cache.

Everything is under the cache directory it is given. Jars arrive in `kafka-<version>.partial`, and
the directory gets its final name when all are there: whatever interrupts a download, what the
final name shows is whole, and the next attempt continues with the jars that had arrived.
"""

from __future__ import annotations

import hashlib
import shutil
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import certifi
import httpx
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import Artifact, MavenContext, PythonResolver

from infra.services.errors import DirectoryError, DownloadError
from infra.services.kafka_lock import BROKER, LOCK, LOG_BINDING, VERSION
from infra.services.lock import make_private_directory, wait_for_lock
from infra.services.progress import OnProgress

_LABEL = f"Apache Kafka {VERSION}"
_TIMEOUT_SECONDS = 15.0
_CHUNK_BYTES = 65_536
_PARALLEL_DOWNLOADS = 4


class LockedJar(NamedTuple):
    """One jar of the lock: Maven coordinate, size in bytes, SHA-256 in hex."""

    coordinate: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """Its file name in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def locked_jars() -> list[LockedJar]:
    """All jars of the lock."""
    words = (line.split() for line in LOCK.strip().splitlines())
    return [LockedJar(coordinate, int(size), sha256) for coordinate, size, sha256 in words]


def ensure_jars(cache_dir: Path, on_progress: OnProgress, *, repository: str = MAVEN_CENTRAL_URL) -> Path:
    """Return the directory that holds all jars, downloading what is missing from `repository`.

    Of two processes that need them at once, one downloads and the other waits. Raises
    DownloadError, which names the way without a download, and DirectoryError.
    """
    home = cache_dir / f"kafka-{VERSION}"
    if is_cached(cache_dir):
        return home
    make_private_directory(cache_dir)
    with wait_for_lock(cache_dir / f"kafka-{VERSION}.lock"):
        if not _is_complete(home):
            partial = cache_dir / f"kafka-{VERSION}.partial"
            try:
                _fill(partial, home, on_progress, repository)
            except PermissionError as error:
                raise DirectoryError(
                    f"The cache directory cannot be written: {error.strerror}.",
                    where=str(cache_dir),
                    remedy="Choose a cache directory that this user can write.",
                ) from error
    return home


def is_cached(cache_dir: Path) -> bool:
    """Whether all jars are in the cache, so that a start needs no network."""
    return _is_complete(cache_dir / f"kafka-{VERSION}")


def _is_complete(home: Path) -> bool:
    try:
        return all((home / jar.name).stat().st_size == jar.size for jar in locked_jars())
    except FileNotFoundError:
        return False


def _fill(partial: Path, home: Path, on_progress: OnProgress, repository: str) -> None:
    if home.exists():  # someone removed or cut a jar: keep the good ones
        shutil.rmtree(partial, ignore_errors=True)
        home.rename(partial)
    repo_cache = partial / "repository"
    shutil.rmtree(repo_cache, ignore_errors=True)  # may hold half a file
    repo_cache.mkdir(parents=True)
    wanted = locked_jars()
    missing = [jar for jar in wanted if not _is_good(partial / jar.name, jar)]
    total = sum(jar.size for jar in wanted)
    meter = _Meter(on_progress, total - sum(jar.size for jar in missing), total)

    with httpx.Client(verify=_certificates(), follow_redirects=True, timeout=_TIMEOUT_SECONDS) as client:
        context = MavenContext(
            resolver=_Resolver(client, meter),
            repo_cache=repo_cache,
            remote_repos={"repository": repository},
        )
        pool = ThreadPoolExecutor(_PARALLEL_DOWNLOADS)
        try:
            futures = [pool.submit(_fetch, jar, partial, context, repository) for jar in missing]
            for future in as_completed(futures):
                future.result()
        finally:
            pool.shutdown(cancel_futures=True)
    shutil.rmtree(repo_cache)
    partial.rename(home)


def _fetch(jar: LockedJar, partial: Path, context: MavenContext, repository: str) -> None:
    try:
        arrived = context.create_dependency(jar.coordinate).artifact.resolve()
    except PermissionError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:  # of the network, or a full disk
        what = f"{jar.coordinate} could not be downloaded: {error}"
        raise _download_error(what, repository) from error
    if not _is_good(arrived, jar):
        raise _download_error(f"{jar.coordinate} is not the file that was locked", repository)
    arrived.replace(partial / jar.name)


def _download_error(what: str, repository: str) -> DownloadError:
    return DownloadError(
        f"{_LABEL} is not on this machine yet, and {what}.",
        where=repository,
        remedy=(
            "Connect this machine to the network for the first start and try again (what has "
            "arrived is kept), or set BRDO_KAFKA_BOOTSTRAP to the host:port of an existing broker."
        ),
    )


def _is_good(path: Path, jar: LockedJar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


class _Meter:
    """Adds up the bytes of parallel downloads."""

    def __init__(self, on_progress: OnProgress, done: int, total: int) -> None:
        self._on_progress, self._done, self._total = on_progress, done, total
        self._lock = threading.Lock()
        self.add(0)

    def add(self, count: int) -> None:
        with self._lock:
            self._done += count
            self._on_progress(self._done, self._total, _LABEL)


class _Resolver(PythonResolver):
    """jgo's resolver with another way to fetch: counted, and with the certificates of this machine.

    jgo's own trusts certifi alone, and so fails where a network inspects TLS under its own authority.
    """

    def __init__(self, client: httpx.Client, meter: _Meter) -> None:
        super().__init__()
        self._client, self._meter = client, meter

    def download(self, artifact: Artifact) -> Path:
        """Fetch one file into jgo's cache. Raises httpx.HTTPError, httpx.InvalidURL and OSError."""
        (repository,) = artifact.context.remote_repos.values()
        folder = artifact.component.path_prefix
        path: Path = artifact.context.repo_cache / folder / artifact.cached_filename
        path.parent.mkdir(parents=True, exist_ok=True)
        url = f"{repository}/{folder.as_posix()}/{artifact.filename}"
        with self._client.stream("GET", url) as response, path.open("wb") as file:
            response.raise_for_status()
            for chunk in response.iter_raw(_CHUNK_BYTES):
                file.write(chunk)
                self._meter.add(len(chunk))
        return path


def _certificates() -> ssl.SSLContext:
    """Return the authorities that this machine trusts, and those of certifi where it has none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def relock(repo_cache: Path) -> list[str]:
    """Return the lines of the lock as jgo resolves them today; downloads into `repo_cache`.

    The log binding goes in without its dependencies: they are Kafka's too, and resolved together
    its parent would lower the versions of Kafka's.
    """
    context = MavenContext(repo_cache=repo_cache, remote_repos={"repository": MAVEN_CENTRAL_URL})
    broker, transitive = context.resolver.resolve([context.create_dependency(BROKER)])
    needed = [needed for needed in transitive if needed.scope in {"compile", "runtime"}]
    artifacts = [dependency.artifact for dependency in (*broker, *needed)]
    artifacts.append(context.create_dependency(LOG_BINDING).artifact)
    return sorted(map(_line, artifacts))


def _line(artifact: Artifact) -> str:
    path = artifact.resolve()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return f"{coordinate} {path.stat().st_size} {digest}"
