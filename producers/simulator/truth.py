"""What is true of a simulation, kept apart from its events: who each subject really is, and what was planted.

Two kinds of lines (JSON Lines):

- ``{"truth": "event", "event": ID, "subjects": {"vehicle": "V000123", "persons/0": "P000077"}, "read": {"vehicle":
  ["plate misread"]}}``: the true entity behind each subject of an event, by the subject's position; and of each that
  was not read or written down as it is, what went wrong (`ReadFault`). Of a watchlist entry the positions are
  ``vehicle`` and ``person``. An event that is sent twice has one line.
- ``{"truth": "case", "case": KIND, "id": "C0001", "story": …, "events": [IDs], "entities": [entities],
  "expects": [kinds of alert], "expects_not": [kinds of alert]}``: a planted case. Each kind in `expects` must be
  raised with evidence among `events`; no alert of a kind in `expects_not` may rest on two of `events` or more
  (on one, where the kind needs but one), once everything has come.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from producers.simulator.descriptions import Subjects

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Case:
    """A planted case: its story in plain English, and what must and must not be raised from it."""

    case: str
    id: str
    story: str
    events: tuple[str, ...]
    entities: tuple[str, ...]
    expects: tuple[str, ...]
    expects_not: tuple[str, ...]

    @property
    def line(self) -> bytes:
        """The case as a line of the truth, without line end."""
        return json_line(
            {
                "truth": "case",
                "case": self.case,
                "id": self.id,
                "story": self.story,
                "events": self.events,
                "entities": self.entities,
                "expects": self.expects,
                "expects_not": self.expects_not,
            }
        )


def event_truth(event: str, subjects: Subjects) -> dict[str, Any]:
    """Return who an event's subjects truly are and how they were read, as a line of the truth says it."""
    return {
        "truth": "event",
        "event": event,
        "subjects": {position: one.entity for position, one in subjects.items()},
        "read": {position: one.faults for position, one in subjects.items() if one.faults},
    }


def json_line(said: Mapping[str, Any]) -> bytes:
    """Return an object as one line of JSON, without line end."""
    return _ENCODER.encode(said).encode()
