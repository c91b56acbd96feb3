"""Victims, witnesses and smuggled persons: no name, birth date or document number of theirs is in any output."""

import json
import logging
import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from desk_rig import a_desk, assigned, granted, lines_of, pressed
from factory import DAY_ONE, a_sighting, a_vehicle, an_entry, an_incident, as_line, at
from mixed_people import Someone, passport_zone
from mixed_traffic import false_match, retraction
from offline_rig import RULES, alerts_in, told
from prometheus_client import generate_latest

from consumers.audience import decide, visible
from consumers.deliveries import Draft, notice_of
from consumers.routing import Assignment, RouteReason
from schemas import topics
from schemas.alerts import Alert, Edition
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.offline import OfflineLine

HIDDEN = Someone((("Tarabuk", "Zelmira"),), "TARABUK<<ZELMIRA", "1993-11-17", "PX7171717", "SRB")
TRACES = ("TARABUK", "ZELMIRA", "1993-11-17", "931117", "PX7171717")
PARTS: tuple[dict[str, str], ...] = (
    {"status": "victim"},
    {"status": "witness"},
    {"role": "smuggled"},
    {"status": "victim", "role": "driver"},
    {"status": "witness", "role": "organiser"},
    {"status": "suspect", "role": "smuggled"},
)
WHOLE = {topics.PASSAGES.name, topics.CASEBOOK.name, *topics.REFUSED_NAMES}
"""Where an event stands whole, for correlation or to be mended; who looks into the last is written down first."""
FRESH = DAY_ONE + timedelta(days=4, minutes=1)
"""When the cars that are sighted may still be there, so that stations are told."""
CONTACT_POINTS = ("SI", "HR", "RS", "EUROPOL", "FRONTEX")


def hidden(part: dict[str, str], *, by_zone: bool = False) -> dict[str, Any]:
    """Return the person in this part, named in words or by the machine readable zone alone."""
    if by_zone:
        return {**part, "documents": [{"type": "passport", "mrz": passport_zone(HIDDEN, HIDDEN)}]}
    (family, given), *_ = HIDDEN.spellings
    document = {"type": "passport", "number": HIDDEN.number, "issuer": HIDDEN.issuer}
    return {
        **part,
        "family_name": family,
        "given_names": given,
        "birth_date": HIDDEN.born,
        "documents": [document],
    }


def reports(name: str, part: dict[str, str], *, by_zone: bool, exercise: bool) -> Iterator[dict[str, Any]]:
    """Return a vehicle's story with the person in every report of it, and a driver beside them."""
    van = a_vehicle(f"ZG {len(name):04}-{name[-2:]}", "HR")
    driver = {"role": "driver", "family_name": "Kovač", "given_names": "Ivo", "birth_date": "1980-03-04"}
    people = [driver, hidden(part, by_zone=by_zone)]
    base = {"vehicles": [van], "persons": people, "exercise": exercise}
    yield an_incident(id=f"{name}-1", occurred_at=at(0), **base)
    yield an_incident(id=f"{name}-2", station="HR-MAC", occurred_at=at(2), **base, life_at_risk=True)
    yield an_incident(id=f"{name}-3", station="HR-MAC", occurred_at=at(3), **base, updates=f"{name}-2")
    yield an_incident(id=f"{name}-4", station="AT-SPI", occurred_at=at(3), **base, relay_of=f"{name}-1")
    yield an_incident(id=f"{name}-5", occurred_at=at(5), **base, kind="return_or_readmission")
    yield an_entry(id=f"{name}-6", vehicle=van, exercise=exercise)
    yield a_sighting(
        id=f"{name}-7", station="RS-HOR", occurred_at=at(4), vehicle=van, persons=people, exercise=exercise
    )
    yield a_sighting(
        id=f"{name}-8", station="AL-HOT", occurred_at=at(4), vehicle=van, persons=people, exercise=exercise
    )
    yield an_incident(id=f"{name}-9", occurred_at=at(6), **base, life_at_risk=True, nickname="unknown field")
    yield an_incident(id=f"{name}-1", occurred_at=at(6), **base, life_at_risk=True)  # another under a known id
    yield an_incident(id=f"{name}-A", occurred_at="2026-05-07T08:00:00", **base, life_at_risk=True)
    parts = [(f"{name}-1", "persons/1"), (f"{name}-7", "persons/1")]
    yield {**false_match(random.Random(0), f"{name}-B", parts), "at": at(7), "exercise": exercise}
    yield retraction(random.Random(0), an_incident(id=f"{name}-2", station="HR-MAC", exercise=exercise), f"{name}-C")


def everything() -> Iterator[bytes]:
    for number, (part, by_zone) in enumerate(product(PARTS, (False, True))):
        exercise = number % 4 > 1
        events = [as_line(event) for event in reports(f"R{number:02}AB", part, by_zone=by_zone, exercise=exercise)]
        yield from events
        yield events[1].replace(b"R", b"S", 1)[:-1]  # cut off
        yield json.dumps(json.loads(events[1]) | {"id": "deep"}).encode().replace(b'"H1"', b"[" * 400)


def outputs(records: Iterable[Record]) -> Iterator[tuple[str, str]]:
    """Return what goes out, as (which output, its text)."""
    for record in records:
        said = (record.key, *(value for _, value in record.headers)) if record.topic in WHOLE else record
        yield record.topic, repr(said)
        if record.topic == topics.ALERTS.name:
            yield from shown(Alert.model_validate_json(record.value))


def shown(alert: Alert) -> Iterator[tuple[str, str]]:
    """Return what contact points get of an alert, and what their desks show."""
    for code in CONTACT_POINTS:
        edition = Edition(alert=alert)
        view = decide(edition, code, told_before=True).view
        body = visible(alert, view)
        if body is not None:
            yield "record", json.dumps(body, ensure_ascii=False)
            draft = Draft(edition, Assignment(code, RouteReason.PLACE, "", ()), view, body)
            yield "webhook", notice_of(draft, 1, None).text()
    desk = a_desk(assigned(alert))
    yield "desk", "\n".join(lines_of(desk, width=160, height=90))
    opened, effects = pressed(desk, "enter")
    yield "desk", "\n".join(lines_of(granted(opened, effects), width=160, height=90))


def leaks(said: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(where, trace) for where, text in said for trace in TRACES if trace in text.upper()}


def test_nothing_of_theirs_is_in_any_output(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    line, kinds, where, number = OfflineLine(RULES), set(), set(), 0
    for number, value in enumerate(everything()):
        came = list(line.take_in(InputRecord("border.incidents", 0, number, None, value, {}), FRESH))
        kinds |= {alert.kind.value for alert in alerts_in(came)}
        said = [*outputs(came)]
        where |= {name for name, _ in said}
        assert leaks(said) == set(), value
    assert kinds >= {"life_at_risk", "repeat_vehicle", "known_vehicle_sighted", "watchlist_hit", "repeat_person"}
    assert where >= {"webhook", "desk", topics.NOTICES.name, topics.INTERESTS.name, topics.DEAD_LETTERS.name}
    assert (
        leaks([("metrics", generate_latest().decode()), ("logs", caplog.text), ("logs", "".join(capfd.readouterr()))])
        == set()
    )


@pytest.mark.parametrize("by", ["update", "retraction"])
def test_who_turns_out_to_be_protected_is_not_named_again(by: str) -> None:
    """Not even where those who were told are told that it no longer stands."""
    suspected = [hidden({"role": "driver"})]
    line = OfflineLine(RULES)
    for number in (1, 2):
        before = told(line, an_incident(id=f"I-{number}", occurred_at=at(number), persons=suspected))
    (alert,) = alerts_in(before)
    assert leaks(outputs(before)), "they were named, as the driver twice"
    if by == "update":
        correction = an_incident(id="I-3", occurred_at=at(3), updates="I-2", persons=[hidden({"status": "victim"})])
    else:
        correction = retraction(random.Random(0), an_incident(id="I-2"), "I-3")
    after = told(line, correction)
    (withdrawn,) = alerts_in(after)
    assert (withdrawn.id, withdrawn.status) == (alert.id, "withdrawn")
    told_to_people = [(where, text) for where, text in outputs(after) if where != topics.INTERESTS.name]
    assert leaks(told_to_people) == set(), "the first report still says that they drove, and is looked out for"
