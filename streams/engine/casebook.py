"""The case book: every incident, which alerts stand, and what one more event changes.

The state of record is the events, the dangers read in refused messages, and the last revision of
each alert; links, resolved incidents and the index by vehicle are derived from the events and never
stored. Because each alert is computed from the whole set of its events, the order of arrival does
not matter. Events of other types than incidents are kept: their ids are taken, no kind reads them yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast

from schemas.alerts import Alert, AlertKind
from schemas.codec import encode
from schemas.danger import Danger, read_danger
from schemas.errors import Refusal, RefusalReason
from schemas.events import Incident
from schemas.messages import CaseMessage, Stamped
from schemas.plates import PlateKey
from streams.engine.drafts import Draft
from streams.engine.entries import ALERT, DANGER, EVENT, read_danger_entry, read_event, write_stamped
from streams.engine.incidents import ResolvedIncident, resolve
from streams.engine.retention import Ages
from streams.engine.revisions import reconcile
from streams.engine.scopes import Scope, positions_of, scopes_of, vehicles_of
from streams.errors import EngineError
from streams.rules import Rules
from streams.typologies import life_at_risk, repeats

DangerKey = tuple[bool, bool, str]
"""Exercise; whether it stands beside an accepted event of that id; the id."""


class ApplyReason(StrEnum):
    """What became of an event; also a metric label."""

    CORRELATED = "correlated"
    KEPT = "kept"
    UNVERIFIED = "unverified"
    REPEATED = "repeated"
    ID_CONFLICT = "id_conflict"


@dataclass(frozen=True, slots=True)
class Effects:
    """What one event brought about: alerts and refusals to publish, and state to keep (None deletes)."""

    reason: ApplyReason
    alerts: tuple[Alert, ...] = ()
    refused: tuple[tuple[Stamped[CaseMessage], Refusal], ...] = ()
    changed: Mapping[bytes, bytes | None] = field(default_factory=dict)


class CaseBook:
    """The state, and the one way to change it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._events: dict[str, Stamped[CaseMessage]] = {}
        self._dangers: dict[DangerKey, Stamped[Danger]] = {}
        self._cyclic: set[str] = set()
        self._alerts: dict[str, Alert] = {}
        self._links: dict[str, set[str]] = defaultdict(set)
        self._incident_of: dict[str, ResolvedIncident] = {}
        self._by_vehicle: dict[tuple[bool, PlateKey], dict[str, ResolvedIncident]] = defaultdict(dict)
        self._alerts_in: dict[Scope, set[str]] = defaultdict(set)
        self._ages = Ages(rules.retention.kept)

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """Every alert that stands, by id."""
        return tuple(self._alerts[key] for key in sorted(self._alerts) if self._alerts[key].status == "open")

    def apply(self, stamped: Stamped[CaseMessage]) -> Effects:
        """Take in one event. The same event again changes nothing; the same id with other content is refused.

        Raises `EngineError`, with the case book as it was before, where a rule fails on this event.
        """
        event = stamped.event
        known = self._events.get(event.id)
        if known is not None:
            return Effects(ApplyReason.REPEATED) if known.event == event else _conflict(stamped)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        before = self._scopes(self._linked_with(event.id, *_links(event)))
        try:
            refused = self._insert(stamped)
            alerts = self._revise(before | self._scopes(self._linked_with(event.id)), stamped.ingested_at)
        except Exception as error:
            self._remove(event)
            raise EngineError(f"a rule failed on an event: {type(error).__name__}") from error
        reason = ApplyReason.CORRELATED if isinstance(event, Incident) else ApplyReason.KEPT
        return Effects(reason, alerts, refused, forgotten | self._keep(alerts, EVENT + event.id.encode(), stamped))

    def alarm(self, stamped: Stamped[Danger]) -> Effects:
        """Take in what a refused message says of a danger to life; of several under one id the first holds.

        Raises `EngineError`, with the case book as it was before, where a rule fails on it.
        """
        danger = stamped.event
        key = _danger_key(danger)
        if key in self._dangers:
            return Effects(ApplyReason.REPEATED)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        self._dangers[key] = stamped
        try:
            alerts = self._revise(self._scopes([danger.id]), stamped.ingested_at)
        except Exception as error:
            del self._dangers[key]
            raise EngineError(f"a rule failed on a danger to life: {type(error).__name__}") from error
        return Effects(ApplyReason.UNVERIFIED, alerts, (), forgotten | self._keep(alerts, _danger_entry(key), stamped))

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one entry of an earlier `changed`, in any order, each key once."""
        if key.startswith(EVENT):
            event = read_event(value)
            self._insert(event)
            self._ages.add(event.ingested_at, key)
        elif key.startswith(DANGER):
            danger = read_danger_entry(value)
            self._dangers[_danger_key(danger.event)] = danger
            self._ages.add(danger.ingested_at, key)
        else:
            self._remember(Alert.model_validate_json(value))

    def _revise(self, scopes: Iterable[Scope], updated_at: datetime) -> tuple[Alert, ...]:
        """Return the revisions that make the alerts of these scopes what the events say now."""
        scopes = sorted(scopes)
        current = {key: self._alerts[key] for scope in scopes for key in self._alerts_in.get(scope, ())}
        drafts = [draft for scope in scopes for draft in self._find(scope)]
        return reconcile(drafts, current, self._rules, updated_at=updated_at)

    def _insert(self, stamped: Stamped[CaseMessage]) -> tuple[tuple[Stamped[CaseMessage], Refusal], ...]:
        """Add an event, resolve what it is linked with, and return what that made impossible to accept."""
        event = stamped.event
        self._events[event.id] = stamped
        for other in _links(event):
            self._links[event.id].add(other)
            self._links[other].add(event.id)
        cyclic = self._resolve(self._linked_with(event.id))
        if event.id not in cyclic:
            return ()
        return tuple((self._events[key], _CYCLE) for key in sorted(cyclic))

    def _remove(self, event: CaseMessage) -> None:
        """Undo `_insert`."""
        group = self._linked_with(event.id)
        del self._events[event.id]
        for other in _links(event):
            self._links[event.id].discard(other)
            self._links[other].discard(event.id)
        self._resolve(group)

    def _resolve(self, group: set[str]) -> frozenset[str]:
        """Derive anew the incidents of linked events; return those that relay each other in a circle."""
        for key in group:
            if incident := self._incident_of.pop(key, None):
                for vehicle in vehicles_of(incident):
                    self._by_vehicle[vehicle].pop(key, None)
        resolution = resolve({key: report for key in group if (report := self._incident(key))})
        for incident in resolution.incidents:
            self._incident_of[incident.report.id] = incident
            for vehicle in vehicles_of(incident):
                self._by_vehicle[vehicle][incident.report.id] = incident
        self._cyclic = (self._cyclic - group) | resolution.in_relay_cycle
        return resolution.in_relay_cycle

    def _linked_with(self, *ids: str | None) -> set[str]:
        """Return the ids that updates and relays connect with these, themselves included."""
        found = {key for key in ids if key is not None}
        waiting = list(found)
        while waiting:
            new = self._links.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found

    def _scopes(self, ids: Iterable[str]) -> set[Scope]:
        """Return all that alerts about these events can be about, as the events resolve now."""
        scopes: set[Scope] = set()
        for key in ids:
            for exercise in (False, True):
                scopes.add((AlertKind.LIFE_AT_RISK, exercise, key))
            if incident := self._incident_of.get(key):
                for exercise, vehicle in vehicles_of(incident):
                    scopes.add((AlertKind.REPEAT_VEHICLE, exercise, f"{vehicle.country}/{vehicle.plate}"))
        return scopes

    def _find(self, scope: Scope) -> Iterator[Draft]:
        kind, exercise, about = scope
        match kind:
            case AlertKind.LIFE_AT_RISK:
                yield from self._find_danger(about, exercise=exercise)
            case AlertKind.REPEAT_VEHICLE:
                key = PlateKey(*about.split("/", 1))
                parts = [
                    repeats.VehicleIncident(incident, positions_of(incident, key))
                    for incident in self._by_vehicle.get((exercise, key), {}).values()
                ]
                yield from repeats.find(key, parts, self._rules.repeat_vehicle, self._rules.occurrence)

    def _find_danger(self, about: str, *, exercise: bool) -> Iterator[Draft]:
        """Return the alert of an incident, else of what a refused message under its id says."""
        incident = self._incident_of.get(about)
        if incident is not None and incident.report.exercise is exercise and incident.report.is_life_at_risk:
            yield from life_at_risk.find(incident, self._rules.life_at_risk)
            return
        danger = self._dangers.get((exercise, True, about))
        if danger is None and about not in self._events:  # a mended event speaks for itself
            danger = self._dangers.get((exercise, False, about))
        cyclic = self._incident(about) if about in self._cyclic else None
        if cyclic is not None and cyclic.event.exercise is exercise:
            danger = danger_in(cyclic, _CYCLE)
        if danger is not None:
            yield life_at_risk.find_unverified(danger, self._rules.life_at_risk)

    def _incident(self, key: str) -> Stamped[Incident] | None:
        stamped = self._events.get(key)
        return cast(Stamped[Incident], stamped) if stamped and isinstance(stamped.event, Incident) else None

    def _keep(self, alerts: Iterable[Alert], entry: bytes, stamped: Stamped[Any]) -> dict[bytes, bytes | None]:
        """Remember the revisions, and return all that is to be kept of this change."""
        entries: dict[bytes, bytes | None] = {entry: write_stamped(stamped)}
        for alert in alerts:
            self._remember(alert)
            entries[ALERT + alert.id.encode()] = encode(alert)
        self._ages.add(stamped.ingested_at, entry)
        return entries

    def _forget(self, now: datetime) -> Iterator[bytes]:
        """Forget what is too old, and the alerts of which nothing is left; return what to delete. Nobody is told."""
        for entry in self._ages.expired(now):
            yield entry
            yield from self._forget_entry(entry)

    def _forget_entry(self, entry: bytes) -> Iterator[bytes]:
        if entry.startswith(EVENT):
            event = self._events[entry.removeprefix(EVENT).decode()].event
            scopes = self._scopes(self._linked_with(event.id, *_links(event)))
            self._remove(event)
        else:
            exercise, conflict, identity = entry.removeprefix(DANGER).decode().split("/", 2)
            del self._dangers[exercise == "True", conflict == "True", identity]
            scopes = self._scopes([identity])
        for alert in {alert for scope in scopes for alert in self._alerts_in.get(scope, ())}:
            if not any(map(self._knows, self._alerts[alert].evidence)):
                for about in scopes_of(self._alerts.pop(alert)):
                    self._alerts_in[about].discard(alert)
                yield ALERT + alert.encode()

    def _knows(self, identity: str) -> bool:
        dangers = ((exercise, conflict, identity) for exercise in (False, True) for conflict in (False, True))
        return identity in self._events or any(key in self._dangers for key in dangers)

    def _remember(self, alert: Alert) -> None:
        self._alerts[alert.id] = alert
        for scope in scopes_of(alert):
            self._alerts_in[scope].add(alert.id)


_CYCLE: Final = Refusal(
    RefusalReason.RELAY_CYCLE, "relay_of", "these events relay each other in a circle, so none is the original"
)


def danger_in(stamped: Stamped[CaseMessage], refusal: Refusal) -> Stamped[Danger] | None:
    """Return the danger to life that a refused event speaks of, if it does."""
    danger = read_danger(encode(stamped.event), refusal.reason)
    return Stamped(danger, stamped.ingested_at, stamped.source) if danger else None


def _conflict(stamped: Stamped[CaseMessage]) -> Effects:
    refusal = Refusal(
        RefusalReason.ID_CONFLICT, "id", "an earlier event with this id says something else, and it holds"
    )
    return Effects(ApplyReason.ID_CONFLICT, refused=((stamped, refusal),))


def _links(event: CaseMessage) -> tuple[str, ...]:
    """Return the ids of the events that this one updates or relays."""
    return tuple(filter(None, (event.updates, event.relay_of))) if isinstance(event, Incident) else ()


def _danger_key(danger: Danger) -> DangerKey:
    return danger.exercise, danger.reason is RefusalReason.ID_CONFLICT, danger.id


def _danger_entry(key: DangerKey) -> bytes:
    return DANGER + "/".join(map(str, key)).encode()
