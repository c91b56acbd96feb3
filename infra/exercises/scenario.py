"""Scenarios: what is reported in an exercise. All of it is made up, and each event says that it is an exercise.

A scenario is a YAML file; `scenarios/` holds some, which are known by their names.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import Field, StringConstraints, model_validator

from consumers.contact_points import Code
from consumers.exercises import ExerciseEvent
from schemas.codec import decode
from schemas.configuration import Problem, Table, read_yaml
from schemas.errors import ConfigurationError, Refusal
from schemas.events import Incident, Sighting

BUNDLED: Final = Path(__file__).with_name("scenarios")
_SET_HERE: Final = frozenset({"schema_version", "occurred_at", "exercise"})
_MOST_EVENTS: Final = 50
"""An exercise is to be answered by people; and it shares the case book with what is real."""


class Report(Table, extra="allow"):
    """One report: fields of an `incident` or a `sighting`, with how long ago it is said to have happened."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,40}$")]
    minutes_ago: Annotated[float, Field(ge=0, le=30 * 24 * 60)] = 0

    @model_validator(mode="after")
    def _leaves_to_us_what_is_ours(self) -> Self:
        if ours := _SET_HERE & (self.model_extra or {}).keys():
            raise ValueError(f"{min(ours)} is not for a scenario to say")
        return self

    def line(self, exercise: str, now: datetime) -> bytes:
        """Return the event of an exercise that begins now, as JSON."""
        occurred_at = now - timedelta(minutes=self.minutes_ago)
        ours = {"id": f"{exercise}.{self.id}", "schema_version": "1.0", "exercise": True}
        return json.dumps({**(self.model_extra or {}), **ours, "occurred_at": occurred_at.isoformat()}).encode()


class Scenario(Table):
    """What is reported, and which contact points are to be told of it."""

    title: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    expected: tuple[Code, ...] = ()
    events: Annotated[tuple[Report, ...], Field(min_length=1, max_length=_MOST_EVENTS)]

    def lines(self, exercise: str, now: datetime) -> dict[ExerciseEvent, bytes]:
        """Return the events of an exercise that begins now, in their order."""
        made = [one.line(exercise, now) for one in self.events]
        return {_named(line): line for line in made}


def load_scenario(name: str, codes: frozenset[str]) -> Scenario:
    """Return a bundled scenario by its name, else that of a file; raises `ConfigurationError`."""
    bundled = {path.stem: path for path in sorted(BUNDLED.glob("*.yaml"))}
    path = bundled.get(name, Path(name))
    if not path.is_file():
        raise ConfigurationError(f"{name} is neither a file nor one of the scenarios {', '.join(bundled)}")

    def problems(scenario: Scenario) -> Iterator[Problem]:
        for number, code in enumerate(scenario.expected):
            if code not in codes:
                yield Problem(("expected", number), f"{code} is no contact point")
        known: set[str] = set()
        for number, one in enumerate(scenario.events):
            if one.id in known:
                yield Problem(("events", number, "id"), "stands twice")
            known.add(one.id)
            if text := _refusal(one):
                yield Problem(("events", number), text)

    return read_yaml(path, Scenario, problems)


def _refusal(one: Report) -> str | None:
    """Return why a report would be refused."""
    try:
        _named(one.line("ex-0", datetime.fromisoformat("2026-01-01T00:00:00+00:00")))
    except Refusal as refusal:
        return str(refusal)
    except TypeError:
        return "is neither an incident nor a sighting"
    return None


def _named(line: bytes) -> ExerciseEvent:
    message: Any = decode(line)
    match message:
        case Incident():
            return ExerciseEvent(message.id, message.originated_by)
        case Sighting():
            return ExerciseEvent(message.id, message.at.country)
    raise TypeError(type(message).__name__)
