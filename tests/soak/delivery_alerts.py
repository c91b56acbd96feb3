"""Alert revisions for the soak of the delivery side, and, worked out by hand, to whom each is due.

The routes of this soak name nobody: an alert is for its originators, and for whoever was told of it before. So its
originators say all, beside the rule of need to know: what is H2 of one originator goes to that one alone, in an edition
of its own or in the common one, and when such an alert is withdrawn the others learn just that, if they knew of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, Final, NamedTuple

from factory import an_alert

from schemas.alerts import Alert, AlertKind, Edition, Severity

CODES: Final = ("AL", "AT", "BA", "HR", "HU", "IT", "ME", "MK", "RS", "SI", "XK", "EUROPOL", "FRONTEX")
ROUTES: Final = {"routes": [{"name": "who reported", "to": ["@originators"]}], "fallback": ["FRONTEX"]}

_KINDS: Final = (AlertKind.REPEAT_VEHICLE, AlertKind.KNOWN_VEHICLE_SIGHTED, AlertKind.CONVOY, AlertKind.SURGE)
_RECALL: Final = ("type", "schema_version", "id", "revision", "status", "kind", "exercise", "updated_at")
_BASE: Final = an_alert()


class Due(NamedTuple):
    """What a contact point is to be told of once."""

    contact_point: str
    alert: str
    revision: int


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: its editions as they go to Kafka, and of each to whom it is due the digest of what it shows."""

    editions: tuple[Edition, ...]
    due: Mapping[Due, str]


@dataclass
class _Story:
    """One alert as it grows: who was told of it by now, and whose its H2 information is."""

    id: str
    chance: Random
    kind: AlertKind
    exercise: bool
    severity: Severity
    originators: tuple[str, ...]
    owner: str
    shape: str
    told: set[str] = field(default_factory=set)

    def step(self, revision: int, *, last: bool) -> Step:
        """Return the next revision."""
        if revision > 1 and self.chance.random() < 0.3:  # one more report, and one that was taken back
            others = [code for code in self.originators if code != self.owner]
            self.originators = tuple(sorted({self.owner, *others[1:], self.chance.choice(CODES)}))
        restricted = self.shape == "restricted" and revision >= 2
        own = self.shape == "own edition"
        common = self._alert(revision, last=last, h2=restricted)
        theirs = self._alert(revision, last=last, h2=True) if own else common
        everybodys = Edition(alert=common, apart=(self.owner,) if own else ())
        editions = (Edition(alert=theirs, reader=self.owner), everybodys) if own else (everybodys,)
        if not restricted:
            self.told |= {*self.originators}
        shown = {code: digest(as_json(theirs if code == self.owner else common)) for code in self.told}
        if restricted:
            recall = {name: as_json(common)[name] for name in _RECALL}
            shown = {code: digest(recall) for code in self.told if last} | {self.owner: shown[self.owner]}
        return Step(editions, {Due(code, self.id, revision): one for code, one in shown.items()})

    def _alert(self, revision: int, *, last: bool, h2: bool) -> Alert:
        moment = _BASE.updated_at + timedelta(minutes=revision)
        return _BASE.model_copy(
            update={
                "id": self.id,
                "revision": revision,
                "status": "withdrawn" if last else "open",
                "withdrawn_reason": "no_longer_supported" if last else None,
                "kind": self.kind,
                "severity": self.severity,
                "life_at_risk": self.kind is AlertKind.LIFE_AT_RISK,
                "exercise": self.exercise,
                "originators": self.originators,
                "handling_codes": ("H1", "H2") if h2 else ("H1",),
                "handling": "H2" if h2 else "H1",
                "restricted_by": (self.owner,) if h2 else (),
                "summary": f"Revision {revision} as {self.owner if h2 else 'everybody'} reads it.",
                "updated_at": moment,
            }
        )


def steps(revisions: int, seed: int) -> Iterator[Step]:
    """Return so many revisions; those of an alert follow each other with those of others between them."""
    chance = Random(seed)
    under_way: list[tuple[_Story, int, int]] = []
    number = 0
    for _ in range(revisions):
        if len(under_way) < 50:
            number += 1
            under_way.append((_a_story(number, chance), 1, chance.randint(1, 6)))
        place = chance.randrange(len(under_way))
        story, revision, length = under_way[place]
        yield story.step(revision, last=revision == length and length > 1 and chance.random() < 0.5)
        if revision == length:
            under_way.pop(place)
        else:
            under_way[place] = story, revision + 1, length


def _a_story(number: int, chance: Random) -> _Story:
    shape = chance.choices(("plain", "own edition", "restricted"), (70, 15, 15))[0]
    originators = tuple(sorted(chance.sample(CODES, chance.randint(2, 5))))
    dangerous = shape == "plain" and chance.random() < 0.1
    return _Story(
        id=f"al-{hashlib.sha256(f'{chance.random()}|{number}'.encode()).hexdigest()[:20]}",
        chance=chance,
        kind=AlertKind.LIFE_AT_RISK if dangerous else chance.choice(_KINDS),
        exercise=chance.random() < 0.1,
        severity=chance.choice(list(Severity)),
        originators=originators,
        owner=chance.choice(originators),
        shape=shape,
    )


def as_json(alert: Alert) -> dict[str, Any]:
    """Return an alert as it stands in Kafka, without what is empty."""
    said: dict[str, Any] = json.loads(alert.model_dump_json(exclude_none=True))
    return said


def digest(shown: Mapping[str, Any]) -> str:
    """Return the digest of this as the README says that a notice has it."""
    text = json.dumps(shown, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return f"sha-256={hashlib.sha256(text.encode()).hexdigest()}"
