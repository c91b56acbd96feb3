"""Scenarios in which what comes in is broken, too much of one, repeated, late or out of order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from confluent_kafka import KafkaError, Message, Producer
from factory import a_sighting, a_vehicle, an_incident, as_line, at
from trial import Event, Trial

from schemas import topics
from schemas.records import line_record
from schemas.topics import LARGEST_EVENT_BYTES, Topic

LATE_SHARE: Final = 0.1
OF_INTEREST: Final = 300
"""Sightings of a hot plate that an alert lists."""
OFF: Final = (timedelta(hours=-1), timedelta(hours=1))
INSIDE: Final = (topics.PASSAGES, topics.INTERESTS, topics.ROADSIDE, topics.CASEBOOK)
"""What watch and case book read: our own processes write it, and nobody else should."""
Poison = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...]]
"""Key, value and headers."""


class Raw:
    """Publishes what the product's own publisher would not: any bytes, any time stamp; knows where each record is."""

    def __init__(self, bootstrap: str) -> None:
        largest = LARGEST_EVENT_BYTES + 1024 * 1024
        self._producer = Producer({"bootstrap.servers": bootstrap, "acks": "all", "message.max.bytes": largest})
        self.sources: list[str] = []

    def send(self, topic: str, poison: Poison, *, at_milliseconds: int = 0) -> None:
        """Queue a record."""
        key, value, headers = poison
        self._producer.produce(
            topic, key=key, value=value, headers=list(headers), timestamp=at_milliseconds, on_delivery=self._on_delivery
        )
        self._producer.poll(0)

    def flush(self) -> None:
        """Wait for Kafka's word on each."""
        assert self._producer.flush(60) == 0

    def _on_delivery(self, error: KafkaError | None, message: Message) -> None:
        assert error is None, error
        self.sources.append(f"{message.topic()}/{message.partition()}/{message.offset()}")


def poison(trial: Trial) -> None:
    """Put each kind of poison into each inbound topic and into those of watch and case book, between good events."""
    events = trial.traffic(trial.pick(200, 1_500))
    raw = Raw(trial.line.bootstrap)
    doses = [(topic.name, one) for topic in (*topics.INBOUND, *INSIDE) for one in poisons(trial)]
    doses += [(topic.name, one) for topic in INSIDE for one in only_inside(trial, topic)]
    trial.chance.shuffle(doses)
    with trial.flow(events, per_second=40) as flow:
        for number, (topic, dose) in enumerate(doses):
            flow.wait_for(number * len(events) // len(doses))
            raw.send(topic, dose)
        raw.flush()
    trial.must_be_refused |= set(raw.sources)
    trial.settle()


def poisons(trial: Trial) -> list[Poison]:
    """Return one of each kind."""
    station, bad = b"SI-OBR", {"type": 1, "schema_version": [], "id": {}, "station": 5, "occurred_at": True}
    plain = (("content-type", b"application/json"),)
    return [
        (station, b'{"type": "incident", "id": ', plain),
        (station, json.dumps(bad).encode(), plain),
        (station, json.dumps({"type": "incident", "schema_version": "1.0", "vehicles": "none"}).encode(), plain),
        (station, b'{"filling": "' + b"x" * LARGEST_EVENT_BYTES + b'"}', plain),
        (b"\x00", b"\x00", ()),
        (station, b"[" * 100_000, plain),
        (station, b'{"type": "incident", "id": "\xff\xfe"}', plain),
        (station, trial.chance.randbytes(1_000), (("ce_id", b"\xff\x00"), ("ce_time", None))),
        (None, None, ()),
    ]


def only_inside(trial: Trial, topic: Topic) -> list[Poison]:
    """Return what is well for a station's topic and not for this one: intake's stamp is not there, or is none."""
    now = datetime.now(UTC).isoformat().encode()
    incident = as_line(an_incident(id=f"{trial.prefix}-X", vehicles=[]))
    sighting = as_line(a_sighting(id=f"{trial.prefix}-Y"))
    good = sighting if topic is topics.PASSAGES else incident
    stamp = (("brdo_ingested_at", now),)
    return [
        (b"X", good, ()),
        (b"X", good, stamp),
        (b"X", good, (("brdo_ingested_at", b"yesterday"),)),
        (b"X", good, (("brdo_ingested_at", b"\xff"),)),
        (b"X", b"{}", (("brdo_form", b"unverified_danger"), *stamp)),
        (b"Y", sighting, stamp),
        (b"Z", b'{"type": "interest", "id": "", "exercise": false}', stamp),
        (b"Z", b'{"type": "interest", "id": "Z", "exercise": false, "keys": "all"}', stamp),
    ]


def poison_in_our_headers(trial: Trial) -> None:
    """Put records into the topics of case book and watch whose stamp is there, and is no stamp."""
    good = as_line(an_incident(id=f"{trial.prefix}-X", vehicles=[]))
    sighting = as_line(a_sighting(id=f"{trial.prefix}-Y"))
    events = trial.traffic(100)
    raw = Raw(trial.line.bootstrap)
    half = len(events) // 2
    for some, stamps in zip((events[:half], events[half:]), no_stamps(), strict=True):
        trial.publish(some)
        raw.send(topics.CASEBOOK.name, (b"X", good, stamps))
        raw.send(topics.PASSAGES.name, (b"Y", sighting, stamps))
        raw.flush()
    trial.settle(90)


def no_stamps() -> Iterator[tuple[tuple[str, bytes], ...]]:
    """Return headers that look like intake's and cannot be."""
    now = datetime.now(UTC)
    yield ("brdo_ingested_at", now.isoformat().encode()), ("brdo_source", b"\xff")
    naive = now.replace(tzinfo=None).isoformat().encode()
    yield ("brdo_ingested_at", naive), ("brdo_source", b"border.incidents/0/1000000")


def hot_key(trial: Trial) -> None:
    """Report one plate again and again: very many sightings, hundreds of incidents, and some sightings after those.

    The very many come before the first incident and at one place: they are no evidence, and nobody's alert lists them.
    """
    sightings, incidents = trial.pick(2_000, 100_000), trial.pick(100, 300)
    vehicle, prefix = a_vehicle(f"{trial.prefix} HOT"), trial.prefix
    stations = ["SI-OBR", "HR-BRE", "SI-GRU", "RS-HOR"]
    moments = [trial.chance.uniform(0, 200) for _ in range(incidents)]
    before = [(trial.chance.uniform(-100, 0), stations[number % 2]) for number in range(sightings - OF_INTEREST)]
    seen = [(trial.chance.uniform(0, 200), trial.chance.choice(stations)) for _ in range(OF_INTEREST)]
    events: list[Event] = [
        an_incident(
            id=f"{prefix}-I-{number}", station=trial.chance.choice(stations), occurred_at=at(moment), vehicles=[vehicle]
        )
        for number, moment in enumerate(moments)
    ]
    events += [
        a_sighting(
            id=f"{prefix}-S-{number}",
            station=station,
            occurred_at=at(moment),
            vehicle=vehicle,
        )
        for number, (moment, station) in enumerate([*before, *seen])
    ]
    trial.chance.shuffle(events)
    trial.expect(events)
    trial.publish(events)
    trial.settle(600)


def twice(trial: Trial) -> None:
    """Publish everything a second time, in another order."""
    events = trial.traffic(trial.pick(200, 2_000))
    trial.publish(events)
    trial.publish(trial.chance.sample(events, len(events)))
    trial.settle()


def late(trial: Trial) -> None:
    """Hold a tenth back until all else is there, however long ago it happened."""
    events = sorted(trial.traffic(trial.pick(200, 2_000)), key=moment)
    ids = sorted({event["id"] for event in events})
    held_back = set(trial.chance.sample(ids, int(LATE_SHARE * len(ids))))
    trial.publish([event for event in events if event["id"] not in held_back])
    trial.publish([event for event in events if event["id"] in held_back])
    trial.settle()


def clocks(trial: Trial) -> None:
    """Set stations' clocks an hour off, one way or the other: what they write, and their records' time stamps."""
    wrong = [shifted(event) for event in trial.traffic(trial.pick(200, 2_000))]
    trial.events.clear()
    trial.expect(wrong)
    _ = trial.must_hold
    raw = Raw(trial.line.bootstrap)
    for event in wrong:
        record = line_record(as_line(event))
        stamp = datetime.now(UTC) + off(event)
        raw.send(
            record.topic, (record.key, record.value, record.headers), at_milliseconds=int(stamp.timestamp() * 1000)
        )
    raw.flush()
    trial.sent += len(raw.sources)
    trial.settle()


def off(event: Event) -> timedelta:
    """Return how wrong the clock is where the event comes from."""
    return OFF[sum((event.get("station") or event["originator"]).encode()) % 2]


def shifted(event: Event) -> Event:
    """Return the event as its station would write it; the watchlist comes from elsewhere."""
    return event | ({"occurred_at": (moment(event) + off(event)).isoformat()} if "station" in event else {})


def reversed_order(trial: Trial) -> None:
    """Publish the newest first."""
    trial.publish(sorted(trial.traffic(trial.pick(200, 2_000)), key=moment, reverse=True))
    trial.settle()


def shuffled(trial: Trial) -> None:
    """Publish in no order at all."""
    trial.publish(trial.traffic(trial.pick(200, 2_000)))
    trial.settle()


def moment(event: Event) -> datetime:
    """Return when it happened, or was decided."""
    return datetime.fromisoformat(event.get("occurred_at") or event["at"])
