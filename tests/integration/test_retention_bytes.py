"""A sighting that matched nothing leaves every disk: its bytes are looked for, on a line where a day is three seconds.

The catalogue's times and the rules' retention are scaled alike; how often the broker looks (every 10 s), how long its
cleaner rests (15 s) and how often RocksDB's files are merged (a minute at most) stay as they are.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource  # type: ignore[attr-defined]
from factory import a_sighting, a_vehicle, an_incident, as_line, lately
from line import a_system, settings_for
from started import wait_until

from infra.kafka_topics import ensure_topics
from infra.wiring import RECEIVER_LOG
from producers.client import StationClient
from producers.publisher import Publisher
from schemas import topics
from schemas.records import Record, line_record
from schemas.topics import CATALOGUE, DAY, PASSAGES, Topic
from streams.batches.wire import partition_of
from streams.rules import DEFAULT_RULES

SECONDS_A_DAY = 3
KEPT_SECONDS = 7 * SECONDS_A_DAY
BUSY = (b"ZG7731QX", b"ZG 7731-QX", b"Wolkenstein", b"PB2209187", b"1981-07-23")
"""What is to be read of a passage where others follow: plate as compared and as read, name, document, birth date."""
QUIET = (b"NS5512HK", b"NS 5512-HK", b"Ottokarin", b"PB3318841", b"1979-02-11")
"""The same where nothing follows, neither at the station nor of the plate."""
REFUSED = (b"KR9917QW", b"KR 9917-QW", b"Sternberger", b"PB5520913")
LEAVE = (*BUSY, *QUIET, *REFUSED)
WAY = {"border.sightings", "border.passages", "border.roadside", "brdo-watch-watch-changelog", "rocksdb"}
GONE_SECONDS = KEPT_SECONDS + 110
"""A day's lag and a quarter's segment of the changelog, the broker's looks, and twice the minute between merges."""
STAYS = b"MB 4400-ZZ"
"""Of an incident, which is kept: the search is not blind."""
VICTIM = b"Zelmirovska"
WHERE_REPORTS_ARE = {"border.incidents", "border.casebook", "brdo-casebook-casebook-changelog", "rocksdb"}


def scaled(topic: Topic) -> Topic:
    """Return the topic with a day of three seconds, its files let go of after one."""
    times = {name: int(value) for name, value in topic.config.items() if name.endswith(".ms") and value != "-1"}
    short = {name: str(max(1, milliseconds * SECONDS_A_DAY // DAY)) for name, milliseconds in times.items()}
    return replace(topic, extra={**topic.extra, **short, "file.delete.delay.ms": "1000"})


def passage(station: str, country: str, traces: tuple[bytes, ...]) -> dict[str, Any]:
    _, plate, name, document, birth_date = (trace.decode() for trace in traces)
    person = {"family_name": name, "birth_date": birth_date, "documents": [{"type": "passport", "number": document}]}
    return a_sighting(station=station, occurred_at=lately(), vehicle=a_vehicle(plate, country), persons=[person])


def partition(plate: str, country: str) -> int:
    return partition_of(f"{plate} ({country})".encode(), PASSAGES.partitions)


def traffic_behind(number: int) -> Iterator[bytes]:
    """Return passages without end at Obrežje, of Croatian vehicles of this partition."""
    plates = (f"RI{one:04}AA" for one in cycle(range(1000)))
    for plate in plates:
        if partition(plate, "HR") == number:
            yield as_line(a_sighting(occurred_at=lately(), vehicle=a_vehicle(plate, "HR")))


def found(traces: Iterable[bytes], directory: Path, *, everything: bool = False) -> set[tuple[str, bytes]]:
    """Return which bytes stand in which folder; Kafka's indexes, which hold offsets, are read where everything is."""
    seen = set()
    for path in directory.rglob("*"):
        if not path.is_file() or (path.suffix in {".index", ".timeindex"} and not everything):
            continue
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # it went meanwhile
            continue
        owner = "rocksdb" if "faust" in path.parts else path.parent.name.rpartition("-")[0]
        seen |= {(owner, trace) for trace in traces if trace in content}
    return seen


def holders(traces: Iterable[bytes], directory: Path) -> set[str]:
    return {owner for owner, _ in found(traces, directory)}


def settings_of(bootstrap: str, topic: Topic) -> dict[str, str]:
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic.name)
    admin = AdminClient({"bootstrap.servers": bootstrap})
    (done,) = admin.describe_configs([resource]).values()
    return {name: entry.value for name, entry in done.result().items() if name in topic.config}


@pytest.mark.timeout(300)
def test_what_matched_nothing_leaves_every_disk(
    tmp_path: Path, kafka_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = tmp_path / "rules.yaml"
    text = DEFAULT_RULES.read_text().replace("sightings_days: 7 ", f"sightings_days: {KEPT_SECONDS / DAY:.9f} ")
    rules.write_text(text)
    for name, value in {"BRDO_RULES": str(rules), "BRDO_LOG_LEVEL": "debug"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("infra.kafka_topics.CATALOGUE", tuple(map(scaled, CATALOGUE)))
    busy = partition("ZG7731QX", "HR")
    assert partition("NS5512HK", "RS") != busy
    with a_system(settings_for(tmp_path, kafka_cache)) as system, Publisher(system.bootstrap) as publisher:
        with StationClient(system.bootstrap, station="RS-HOR", spool=tmp_path / "spool-of-RS-HOR") as station:
            station.publish(as_line(passage("RS-HOR", "RS", QUIET)))
        refused = passage("SI-OBR", "HR", (*REFUSED, b"1990-01-02")) | {"hair": "red"}
        publisher.send(line_record(as_line(passage("SI-OBR", "HR", BUSY))))
        publisher.send(Record(topics.SIGHTINGS.name, b"SI-OBR", as_line(refused)))
        danger = an_incident(occurred_at=lately(), vehicles=[a_vehicle(STAYS.decode())], life_at_risk=True)
        publisher.send(
            line_record(as_line(danger | {"persons": [{"status": "victim", "family_name": VICTIM.decode()}]}))
        )
        for traces in (BUSY, QUIET):
            wait_until(lambda: holders(traces, tmp_path) == WAY, KEPT_SECONDS)  # noqa: B023 - called at once
        wait_until(lambda: holders(REFUSED, tmp_path) == {"border.sightings", "border.refused-sightings"}, KEPT_SECONDS)
        others = traffic_behind(busy)

        def is_gone() -> bool:
            publisher.send(line_record(next(others)))
            return not found(LEAVE, tmp_path)

        wait_until(is_gone, GONE_SECONDS)
        assert found(LEAVE, tmp_path, everything=True) == set()
        assert holders([STAYS], tmp_path) >= {"border.incidents", "border.casebook", "border.alerts"}
        assert STAYS in (tmp_path / RECEIVER_LOG).read_bytes(), "told to contact points"
        assert holders([VICTIM], tmp_path) <= WHERE_REPORTS_ARE, "and nowhere else: no log, no alert, no database"
        monkeypatch.undo()
        ensure_topics(system.bootstrap)
        assert settings_of(system.bootstrap, topics.WATCH_STATE) == topics.WATCH_STATE.config, "set where it is there"
