"""The case book: every case, which alerts stand, and what one more event changes.

The state of record is the events, the dangers read in refused messages, and the last revision of
each alert; everything else is derived from the events and never stored. Because each alert is computed
from the whole set of its events, the order of arrival does not matter. Of sightings it holds those that
the watch passed on. Verdicts but for false matches are kept: their ids are taken, no kind reads them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from schemas.alerts import Alert
from schemas.codec import encode
from schemas.danger import Danger
from schemas.devices import Notice
from schemas.errors import Refusal, RefusalReason
from schemas.events import Incident, Sighting
from schemas.feedback import Bulletin, Retraction, Verdict
from schemas.messages import CaseMessage, Stamped
from schemas.watchlist import WatchlistEntry
from streams.engine.background import Background
from streams.engine.entries import ALERT, BACKGROUND, DANGER, EVENT, read_danger_entry, read_event, write_stamped
from streams.engine.interests import Interest, changes
from streams.engine.notices import notices
from streams.engine.register import DangerKey, Register, danger_key
from streams.engine.retention import Ages
from streams.engine.revisions import reconcile
from streams.engine.standing import StandingAlerts
from streams.engine.touched import Scope
from streams.errors import EngineError
from streams.rules import Rules


class ApplyReason(StrEnum):
    """What became of an event; also a metric label."""

    CORRELATED = "correlated"
    KEPT = "kept"
    UNVERIFIED = "unverified"
    BACKGROUND = "background"
    TICK = "tick"
    REPEATED = "repeated"
    ID_CONFLICT = "id_conflict"


@dataclass(frozen=True, slots=True)
class Effects:
    """What one event brought about: what to publish and tell, and state to keep (None deletes)."""

    reason: ApplyReason
    alerts: tuple[Alert, ...] = ()
    refused: tuple[tuple[Stamped[CaseMessage], Refusal], ...] = ()
    changed: Mapping[bytes, bytes | None] = field(default_factory=dict)
    interests: tuple[Interest, ...] = ()
    notices: tuple[Notice, ...] = ()


class CaseBook:
    """The state, and the one way to change it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._register = Register(rules)
        self._alerts = StandingAlerts()
        self._ages = Ages(rules.retention.kept)
        self._sighting_ages = Ages(rules.retention.sightings_kept)
        self._ended: list[Interest] = []
        self._newest = datetime.min.replace(tzinfo=UTC)

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """Every alert that stands, by id."""
        return self._alerts.open

    def apply(self, stamped: Stamped[CaseMessage]) -> Effects:
        """Take in one event. The same event again changes nothing; the same id with other content is refused.

        Raises `EngineError`, with the case book as it was before, where a rule fails on this event.
        """
        event = stamped.event
        known = self._register.get(event.id)
        if known is not None:
            return Effects(ApplyReason.REPEATED) if known.event == event else _conflict(stamped)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        register = self._register
        register.take_turned()  # nobody is told of what was forgotten
        scope = register.scope(event)
        places, void, wanted = set(register.places(scope)), register.void(scope), list(register.interests(scope))
        try:
            refused = register.insert(stamped)
            scope.join(register.scope(event))
            scope.join(register.resting_on_documents(void ^ register.void(scope)))
            scope.join(register.take_turned())
            alerts = self._revise(scope, places, self._now(stamped))
            changed = tuple(changes(wanted, register.interests(scope)))
        except Exception as error:
            register.doubt(scope)
            register.remove(event)
            raise EngineError(f"a rule failed on an event: {type(error).__name__}") from error
        reason = ApplyReason.CORRELATED if _changes_alerts(event) else ApplyReason.KEPT
        kept = self._keep(alerts, EVENT + event.id.encode(), stamped)
        told = tuple(notices(stamped, alerts, self._rules.notices, self._now(stamped)))
        return Effects(reason, alerts, refused, forgotten | kept, self._take_ended() + changed, told)

    def alarm(self, stamped: Stamped[Danger]) -> Effects:
        """Take in what a refused message says of a danger to life; of several under one id the first holds.

        Raises `EngineError`, with the case book as it was before, where a rule fails on it.
        """
        key = danger_key(stamped.event)
        if self._register.has_danger(key):
            return Effects(ApplyReason.REPEATED)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        self._register.add_danger(stamped)
        try:
            alerts = self._revise(Scope({stamped.event.id}), (), self._now(stamped))
        except Exception as error:
            self._register.remove_danger(key)
            raise EngineError(f"a rule failed on a danger to life: {type(error).__name__}") from error
        kept = self._keep(alerts, _danger_entry(key), stamped)
        return Effects(ApplyReason.UNVERIFIED, alerts, (), forgotten | kept, self._take_ended())

    def learn(self, background: Background) -> Effects:
        """Take in how busy a place is now, by which convoys are judged."""
        try:
            alerts = self._revise(self._register.learn(background), (), self._newest)
        except Exception as error:
            raise EngineError(f"a rule failed on how busy a place is: {type(error).__name__}") from error
        kept = {_background_entry(background): encode(background)} | self._remember(alerts)
        return Effects(ApplyReason.BACKGROUND, alerts, changed=kept)

    def forget(self, now: datetime) -> Effects:
        """Forget what is too old by this time, though no event came."""
        forgotten = dict.fromkeys(self._forget(now))
        return Effects(ApplyReason.TICK, changed=forgotten, interests=self._take_ended())

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one entry of an earlier `changed`, in any order, each key once."""
        if key.startswith(EVENT):
            event = read_event(value)
            self._register.insert(event)
            self._age(event, key)
        elif key.startswith(DANGER):
            danger = read_danger_entry(value)
            self._register.add_danger(danger)
            self._age(danger, key)
        elif key.startswith(BACKGROUND):
            self._register.learn(Background.model_validate_json(value))
        else:
            self._alerts.remember(Alert.model_validate_json(value))

    def _revise(self, scope: Scope, places: Iterable[Any], updated_at: datetime) -> tuple[Alert, ...]:
        """Return the revisions that make the alerts of a scope what the events say now."""
        current = self._alerts.about({*places, *self._register.places(scope)})
        drafts = {draft.id: draft for draft in self._register.drafts(scope)}
        for key in drafts:
            if alert := self._alerts.get(key):
                current[key] = alert
        return reconcile(drafts.values(), current, self._rules, updated_at=updated_at)

    def _take_ended(self) -> tuple[Interest, ...]:
        """Return what the watch need not look out for any longer because it was forgotten."""
        ended, self._ended = tuple(self._ended), []
        return ended

    def _keep(self, alerts: Iterable[Alert], entry: bytes, stamped: Stamped[Any]) -> dict[bytes, bytes | None]:
        """Remember the revisions, and return all that is to be kept of this change."""
        self._age(stamped, entry)
        return {entry: write_stamped(stamped)} | self._remember(alerts)

    def _remember(self, alerts: Iterable[Alert]) -> dict[bytes, bytes | None]:
        entries: dict[bytes, bytes | None] = {}
        for alert in alerts:
            self._alerts.remember(alert)
            entries[ALERT + alert.id.encode()] = encode(alert)
        return entries

    def _now(self, stamped: Stamped[Any]) -> datetime:
        """Return the newest time of intake: a sighting that the watch passes on later was taken in long before."""
        return max(self._newest, stamped.ingested_at)

    def _age(self, stamped: Stamped[Any], entry: bytes) -> None:
        self._newest = self._now(stamped)
        ages = self._sighting_ages if isinstance(stamped.event, Sighting) else self._ages
        ages.add(stamped.ingested_at, entry)

    def _forget(self, now: datetime) -> Iterator[bytes]:
        """Forget what is too old, and the alerts of which nothing is left; return what to delete. Nobody is told.

        A sighting that is evidence is kept as long as the reports are.
        """
        for entry in self._sighting_ages.expired(now):
            identity = entry.removeprefix(EVENT).decode()
            stamped = self._register.get(identity)
            if stamped is not None and self._alerts.rests_on(identity):
                self._ages.add(stamped.ingested_at, entry)
            else:
                yield entry
                self._forget_entry(entry)
        for entry in self._ages.expired(now):
            yield entry
            yield from self._forget_alerts(self._forget_entry(entry))

    def _forget_entry(self, entry: bytes) -> str:
        """Drop an event or a danger from the register; return its id."""
        if entry.startswith(DANGER):
            exercise, conflict, identity = entry.removeprefix(DANGER).decode().split("/", 2)
            self._register.remove_danger((exercise == "True", conflict == "True", identity))
            return identity
        identity = entry.removeprefix(EVENT).decode()
        stamped = self._register.get(identity)
        if stamped is not None:
            scope = self._register.scope(stamped.event)
            wanted = list(self._register.interests(scope))
            self._register.doubt(scope)
            self._register.remove(stamped.event)
            self._ended += changes(wanted, self._register.interests(scope))
        return identity

    def _forget_alerts(self, identity: str) -> Iterator[bytes]:
        for alert in list(self._alerts.resting_on(identity)):
            if not any(map(self._register.knows, alert.evidence)):
                self._alerts.forget(alert.id)
                yield ALERT + alert.id.encode()


def _changes_alerts(event: CaseMessage) -> bool:
    """Whether alerts may rest on an event of this type."""
    if isinstance(event, Verdict):
        return event.between is not None
    return isinstance(event, Incident | Sighting | WatchlistEntry | Retraction | Bulletin)


def _conflict(stamped: Stamped[CaseMessage]) -> Effects:
    refusal = Refusal(
        RefusalReason.ID_CONFLICT, "id", "an earlier event with this id says something else, and it holds"
    )
    return Effects(ApplyReason.ID_CONFLICT, refused=((stamped, refusal),))


def _background_entry(background: Background) -> bytes:
    return BACKGROUND + f"{background.exercise}/{background.place}".encode()


def _danger_entry(key: DangerKey) -> bytes:
    return DANGER + "/".join(map(str, key)).encode()
