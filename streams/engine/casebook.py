"""The case book: every case, which alerts stand, and what one more event changes.

The state of record is the events, the dangers read in refused messages, and the last revision of
each alert; everything else is derived from the events and never stored. Because each alert is computed
from the whole set of its events, the order of arrival does not matter. Of sightings it holds those that
the watch passed on. Bulletins, and verdicts but for false matches, are kept: their ids are taken, no kind reads them.
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
from schemas.feedback import Retraction, Verdict
from schemas.messages import CaseMessage, Stamped
from schemas.operations import OPERATIONS, RulesChange
from schemas.watchlist import WatchlistEntry
from streams.engine.alerts import Alerts, Revised
from streams.engine.background import Background
from streams.engine.dangers import DangerKey, danger_key
from streams.engine.entries import BACKGROUND, DANGER, EVENT, REVIEW, read_danger_entry, read_event, write_stamped
from streams.engine.interests import Interest, changes
from streams.engine.notices import notices
from streams.engine.register import Register
from streams.engine.retention import Ages
from streams.engine.review import MOST_BYTES, MOST_PER_SLICE, Review
from streams.engine.rulebook import InForce, RuleBook
from streams.engine.touched import Scope
from streams.engine.what_if import WhatIf
from streams.errors import EngineError
from streams.rules import Rules


class ApplyReason(StrEnum):
    """What became of an event; also a metric label."""

    CORRELATED = "correlated"
    KEPT = "kept"
    UNVERIFIED = "unverified"
    BACKGROUND = "background"
    REVIEWED = "reviewed"
    NOT_REVIEWED = "not_reviewed"
    REPEATED = "repeated"
    ID_CONFLICT = "id_conflict"


@dataclass(frozen=True, slots=True)
class Effects:
    """What one event brought about: what to publish and tell, and state to keep (None deletes).

    `alerts` are told; of those `in_shadow` nobody is. `in_force` and `review` follow a change of rules.
    """

    reason: ApplyReason
    alerts: tuple[Alert, ...] = ()
    in_shadow: tuple[Alert, ...] = ()
    refused: tuple[tuple[Stamped[CaseMessage], Refusal], ...] = ()
    changed: Mapping[bytes, bytes | None] = field(default_factory=dict)
    interests: tuple[Interest, ...] = ()
    notices: tuple[Notice, ...] = ()
    in_force: InForce | None = None
    review: Review | None = None


class CaseBook:
    """The state, and the one way to change it."""

    def __init__(self, rules: Rules) -> None:
        self._book = RuleBook(rules)
        self._register = Register(self._book)
        self._alerts = Alerts()
        self._review: Review | None = None
        self._ages = Ages()
        self._sighting_ages = Ages()
        self._ended: list[Interest] = []
        self._newest = datetime.min.replace(tzinfo=UTC)

    @property
    def open_alerts(self) -> tuple[Alert, ...]:
        """Every alert that stands and is told, by id."""
        return self._alerts.told

    @property
    def shadow_alerts(self) -> tuple[Alert, ...]:
        """Every alert that stands and of which nobody is told, by id."""
        return self._alerts.in_shadow

    def apply(self, stamped: Stamped[CaseMessage]) -> Effects:
        """Take in one event. The same event again changes nothing; the same id with other content is refused.

        Raises `EngineError`, with the case book as it was before, where a rule fails on this event.
        """
        event = stamped.event
        known = self._register.get(event.id)
        if known is not None:
            return Effects(ApplyReason.REPEATED) if known.event == event else _conflict(stamped)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        register, before = self._register, self._book.in_force
        scope = register.scope(event)
        places, void, wanted = set(register.places(scope)), register.void(scope), list(register.interests(scope))
        try:
            refused = register.insert(stamped)
            scope.join(register.scope(event))
            scope.join(register.resting_on_documents(void ^ register.void(scope)))
            revised = self._revise(scope, places, self._now(stamped))
            changed = tuple(changes(wanted, register.interests(scope)))
        except Exception as error:
            register.remove(event)
            raise EngineError(f"a rule failed on an event: {type(error).__name__}") from error
        reason = ApplyReason.CORRELATED if _changes_alerts(event) else ApplyReason.KEPT
        kept = self._keep(revised, EVENT + event.id.encode(), stamped)
        in_force = self._book.in_force if self._book.in_force.change != before.change else None
        if in_force:
            kept |= self._go_on(Review(change=in_force.change))
        return Effects(
            reason,
            revised.told,
            revised.in_shadow,
            refused=refused,
            changed=forgotten | kept,
            interests=self._take_ended() + changed,
            notices=tuple(notices(stamped, revised.told, self._book.rules.notices, self._now(stamped))),
            in_force=in_force,
            review=self._review if in_force else None,
        )

    def review(self, review: Review) -> Effects:
        """Derive a slice of all alerts anew, because the rules changed; one that is not due changes nothing."""
        if review != self._review:
            return Effects(ApplyReason.REPEATED)
        ids = self._register.after(review.after, MOST_PER_SLICE)
        while True:
            scope = self._register.scope_of(ids)
            try:
                revised = self._revise(scope, (), self._newest, by_rules=True)
                wanted = tuple(changes((), self._register.interests(scope)))
            except Exception:  # noqa: BLE001 - whatever fails on one event, the others are reviewed
                reason, revised, wanted = ApplyReason.NOT_REVIEWED, Revised(), ()
            else:
                reason = ApplyReason.REVIEWED
            if len(ids) <= 1 or (reason is ApplyReason.REVIEWED and revised.size <= MOST_BYTES):
                break
            ids = ids[: len(ids) // 2]
        kept = self._remember(revised) | self._go_on(Review(change=review.change, after=ids[-1]) if ids else None)
        return Effects(reason, revised.told, revised.in_shadow, changed=kept, interests=wanted, review=self._review)

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
            revised = self._revise(Scope({stamped.event.id}), (), self._now(stamped))
        except Exception as error:
            self._register.remove_danger(key)
            raise EngineError(f"a rule failed on a danger to life: {type(error).__name__}") from error
        kept = forgotten | self._keep(revised, _danger_entry(key), stamped)
        ended = self._take_ended()
        return Effects(ApplyReason.UNVERIFIED, revised.told, revised.in_shadow, changed=kept, interests=ended)

    def learn(self, background: Background) -> Effects:
        """Take in how busy a place is now, by which convoys are judged."""
        try:
            revised = self._revise(self._register.learn(background), (), self._newest)
        except Exception as error:
            raise EngineError(f"a rule failed on how busy a place is: {type(error).__name__}") from error
        kept = {_background_entry(background): encode(background)} | self._remember(revised)
        return Effects(ApplyReason.BACKGROUND, revised.told, revised.in_shadow, changed=kept)

    def what_if(self) -> WhatIf:
        """Return what answers how things would stand without an event."""
        return WhatIf(self._register, self._book.rules)

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
        elif key.startswith(REVIEW):
            self._review = Review.model_validate_json(value)
        else:
            self._alerts.load(key, value)

    def _revise(self, scope: Scope, places: Iterable[Any], updated_at: datetime, *, by_rules: bool = False) -> Revised:
        """Return the revisions that make the alerts of a scope what the events say now."""
        everywhere = {*places, *self._register.places(scope)}
        drafts = self._register.drafts(scope)
        return self._alerts.revised(drafts, everywhere, self._book.rules, updated_at, by_rules=by_rules)

    def _go_on(self, review: Review | None) -> dict[bytes, bytes | None]:
        """Note which slice of a review comes next, if any."""
        self._review = review
        return {REVIEW: encode(review) if review else None}

    def _take_ended(self) -> tuple[Interest, ...]:
        """Return what the watch need not look out for any longer because it was forgotten."""
        ended, self._ended = tuple(self._ended), []
        return ended

    def _keep(self, revised: Revised, entry: bytes, stamped: Stamped[Any]) -> dict[bytes, bytes | None]:
        """Remember the revisions, and return all that is to be kept of this change."""
        self._age(stamped, entry)
        return {entry: write_stamped(stamped)} | self._remember(revised)

    def _remember(self, revised: Revised) -> dict[bytes, bytes | None]:
        self._alerts.remember(revised)
        return revised.entries

    def _now(self, stamped: Stamped[Any]) -> datetime:
        """Return the newest time of intake: a sighting that the watch passes on later was taken in long before."""
        return max(self._newest, stamped.ingested_at)

    def _age(self, stamped: Stamped[Any], entry: bytes) -> None:
        self._newest = self._now(stamped)
        if _lasts(stamped.event):
            return
        ages = self._sighting_ages if isinstance(stamped.event, Sighting) else self._ages
        ages.add(stamped.ingested_at, entry)

    def _forget(self, now: datetime) -> Iterator[bytes]:
        """Forget what is too old, and the alerts of which nothing is left; return what to delete. Nobody is told.

        A sighting that is evidence is kept as long as the reports are.
        """
        for entry in self._sighting_ages.expired(now, self._book.rules.retention.sightings_kept):
            identity = entry.removeprefix(EVENT).decode()
            stamped = self._register.get(identity)
            if stamped is not None and self._alerts.rests_on(identity):
                self._ages.add(stamped.ingested_at, entry)
            else:
                yield entry
                self._forget_entry(entry)
        for entry in self._ages.expired(now, self._book.rules.retention.kept):
            yield entry
            yield from self._alerts.forget(self._forget_entry(entry), self._register.knows)

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
            self._register.remove(stamped.event)
            self._ended += changes(wanted, self._register.interests(scope))
        return identity


def _changes_alerts(event: CaseMessage) -> bool:
    """Whether alerts may rest on an event of this type."""
    if isinstance(event, Verdict):
        return event.between is not None
    return isinstance(event, Incident | Sighting | WatchlistEntry | Retraction | RulesChange)


def _lasts(event: CaseMessage | Danger) -> bool:
    """Whether it is kept as long as the rules may rest on it: for ever."""
    return isinstance(event, RulesChange) or (isinstance(event, Retraction) and event.originator == OPERATIONS)


def _conflict(stamped: Stamped[CaseMessage]) -> Effects:
    refusal = Refusal(
        RefusalReason.ID_CONFLICT, "id", "an earlier event with this id says something else, and it holds"
    )
    return Effects(ApplyReason.ID_CONFLICT, refused=((stamped, refusal),))


def _background_entry(background: Background) -> bytes:
    return BACKGROUND + f"{background.exercise}/{background.place}".encode()


def _danger_entry(key: DangerKey) -> bytes:
    return DANGER + "/".join(map(str, key)).encode()
