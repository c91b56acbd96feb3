"""A sighting that matched nothing leaves every disk: its bytes are looked for, on a line where a day is three seconds.

The catalogue's times and the rules' retention are scaled alike; how often the broker looks (every 10 s), how long its
cleaner rests (15 s) and how often RocksDB's files are merged (a minute at most) stay as they are.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from factory import a_person, a_sighting, a_vehicle, an_incident, as_line, lately
from line import a_system, settings_for
from started import wait_until

from producers.client import StationClient
from producers.publisher import Publisher
from schemas import topics
from schemas.records import Record, line_record
from schemas.topics import CATALOGUE, DAY, Topic
from streams.rules import DEFAULT_RULES

SECONDS_A_DAY = 3
KEPT_SECONDS = 7 * SECONDS_A_DAY
TRACES = (b"ZG7731QX", b"ZG 7731-QX", b"Wolkenstein", b"PB2209187", b"1981-07-23")
"""What is to be read of the passage: plate as compared and as read, name, document, birth date."""
REFUSED = (b"KR9917QW", b"KR 9917-QW", b"Sternberger", b"PB5520913")
STAYS = (b"MB 4400-ZZ",)
"""Of an incident, which is kept: the search is not blind."""


def scaled(topic: Topic) -> Topic:
    """Return the topic with a day of three seconds, its files let go of after one."""
    times = {name: int(value) for name, value in topic.config.items() if name.endswith(".ms") and value != "-1"}
    short = {name: str(max(1, milliseconds * SECONDS_A_DAY // DAY)) for name, milliseconds in times.items()}
    return replace(topic, extra={**topic.extra, **short, "file.delete.delay.ms": "1000"})


def found(traces: Iterable[bytes], directory: Path, *, everything: bool = False) -> set[tuple[str, bytes]]:
    """Return which bytes stand in which folder; offsets alone (Kafka's indexes) are read where everything is."""
    seen = set()
    for path in directory.rglob("*"):
        if not path.is_file() or (path.suffix in {".index", ".timeindex"} and not everything):
            continue
        try:
            content = path.read_bytes()
        except FileNotFoundError:  # it went meanwhile
            continue
        seen |= {(path.parent.name, trace) for trace in traces if trace in content}
    return seen


def folders(seen: Iterable[tuple[str, bytes]]) -> set[str]:
    return {folder.rpartition("-")[0] if folder[-1].isdigit() else folder for folder, _ in seen}


@pytest.mark.timeout(300)
def test_what_matched_nothing_leaves_every_disk(
    tmp_path: Path, kafka_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.kafka_topics.CATALOGUE", tuple(map(scaled, CATALOGUE)))
    rules = tmp_path / "rules.yaml"
    rules.write_text(
        DEFAULT_RULES.read_text().replace("sightings_days: 7 ", f"sightings_days: {KEPT_SECONDS / DAY:.9f} ")
    )
    for name, value in {"BRDO_RULES": str(rules), "BRDO_LOG_LEVEL": "debug"}.items():
        monkeypatch.setenv(name, value)
    person = a_person(
        document="PB2209187", role=None, family_name="Wolkenstein", given_names="Ada", birth_date="1981-07-23"
    )
    passage = a_sighting(
        occurred_at=lately(), vehicle=a_vehicle("ZG 7731-QX", "HR"), persons=[{k: v for k, v in person.items() if v}]
    )
    refused = a_sighting(
        occurred_at=lately(),
        vehicle=a_vehicle("KR 9917-QW", "HR"),
        persons=[{"family_name": "Sternberger", "nickname": "S", "documents": [{"number": "PB5520913"}]}],
    )
    incident = an_incident(occurred_at=lately(), vehicles=[a_vehicle("MB 4400-ZZ")])
    with a_system(settings_for(tmp_path, kafka_cache, BRDO_RULES=str(rules))) as system:
        with StationClient(system.bootstrap, station="SI-OBR", spool=tmp_path / "spool") as station:
            station.publish(as_line(passage))
        with Publisher(system.bootstrap) as publisher:
            publisher.send(Record(topics.SIGHTINGS.name, b"SI-OBR", as_line(refused)))
            publisher.send(line_record(as_line(incident)))
        held = {"border.sightings", "border.passages", "border.roadside", "brdo-watch-watch-changelog"}
        wait_until(lambda: held <= folders(found(TRACES, tmp_path)), KEPT_SECONDS)
        wait_until(
            lambda: folders(found(REFUSED, tmp_path)) == {"border.sightings", "border.refused-sightings"}, KEPT_SECONDS
        )
        wait_until(lambda: not found((*TRACES, *REFUSED), tmp_path), 150)
        assert found((*TRACES, *REFUSED), tmp_path, everything=True) == set()
        assert folders(found(STAYS, tmp_path)) >= {"border.incidents", "border.casebook"}
