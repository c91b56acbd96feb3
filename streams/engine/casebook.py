"""The case book: every case, which alerts stand, and what one more event changes.

The state of record is the events, the dangers read in refused messages, and the last revision of
each alert; everything else is derived from the events and never stored. Because each alert is computed
from the whole set of its events, the order of arrival does not matter. Of sightings it holds those that
the watch passed on. Verdicts but for false matches are kept: their ids are taken, no kind reads them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from schemas.alerts import Alert
from schemas.codec import encode
from schemas.danger import Danger
from schemas.errors import Refusal, RefusalReason
from schemas.events import Incident, Sighting
from schemas.feedback import Bulletin, Retraction, Verdict
from schemas.messages import CaseMessage, Stamped
from schemas.operations import OPERATIONS, RulesChange
from schemas.watchlist import WatchlistEntry
from streams.engine.alerts import Alerts, Revised
from streams.engine.background import Background
from streams.engine.dangers import DangerKey, danger_key
from streams.engine.effects import ApplyReason, Effects
from streams.engine.entries import BACKGROUND, DANGER, EVENT, REVIEW, read_danger_entry, read_event, write_stamped
from streams.engine.interests import Interest, changes
from streams.engine.notices import notices
from streams.engine.outlooks import Change, Refused, make
from streams.engine.register import Register
from streams.engine.restricted import Restricted, restricted_to
from streams.engine.retention import Ages
from streams.engine.review import MOST_BYTES, Review, due, scope_of
from streams.engine.rulebook import RuleBook
from streams.engine.touched import Scope
from streams.engine.what_if import WhatIf
from streams.errors import EngineError
from streams.rules import Rules


@dataclass(frozen=True, slots=True)
class _Made:
    """What a change brought about."""

    refused: Refused
    revised: Revised
    interests: tuple[Interest, ...]

    def effects(self, reason: ApplyReason, kept: Mapping[bytes, bytes | None]) -> Effects:
        revised = self.revised
        return Effects(
            reason, revised.alerts, self.refused, kept, editions=revised.editions, in_shadow=revised.in_shadow
        )


class CaseBook:
    """The state, and the one way to change it."""

    def __init__(self, rules: Rules) -> None:
        self._book = RuleBook(rules)
        self._register = Register(self._book)
        self._restricted = Restricted(self._register)
        self._alerts = Alerts(self._book)
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

    def open_to(self, contact_point: str) -> tuple[Alert, ...]:
        """Return every alert that stands for a contact point, computed from the events that it may see, by id."""
        return self._alerts.open_to(contact_point)

    def apply(self, stamped: Stamped[CaseMessage]) -> Effects:
        """Take in one event. The same event again changes nothing; the same id with other content is refused.

        Raises `EngineError`, with the case book as it was before, where a rule fails on this event.
        """
        event = stamped.event
        known = self._register.get(event.id)
        if known is not None:
            return Effects(ApplyReason.REPEATED) if known.event == event else _conflict(stamped)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        register, before = self._register, self._book.in_force.change
        change = Change(
            scope=lambda: register.scope(event),
            make=lambda: register.insert(stamped),
            undo=lambda: register.remove(event) if register.get(event.id) else None,
            restricted={event.id: owner} if (owner := restricted_to(event)) else {},
        )
        try:
            made = self._make(change, self._now(stamped))
        except Exception as error:
            register.doubt(register.scope(event))
            change.undo()
            raise EngineError(f"a rule failed on an event: {type(error).__name__}") from error
        self._restricted.note(event)
        reason = ApplyReason.CORRELATED if _changes_alerts(event) else ApplyReason.KEPT
        kept = forgotten | self._keep(made, EVENT + event.id.encode(), stamped)
        told = tuple(notices(stamped, made.revised.editions, self._book.rules.notices, self._now(stamped)))
        effects = replace(made.effects(reason, kept), interests=self._take_ended() + made.interests, notices=told)
        return effects if self._book.in_force.change == before else self._switched(effects)

    def review(self, review: Review) -> Effects:
        """Derive a slice of all alerts anew, because the rules changed; one that is not due changes nothing."""
        if review != self._review:
            return Effects(ApplyReason.REPEATED)
        ids = due(self._register, review.after)
        made = self._looked_at(ids)
        while len(ids) > 1 and (made is None or made.revised.size > MOST_BYTES):
            ids = ids[: len(ids) // 2]
            made = self._looked_at(ids)
        kept = self._go_on(Review(change=review.change, after=ids[-1]) if ids else None)
        if made is None:
            return Effects(ApplyReason.NOT_REVIEWED, changed=kept, review=self._review)
        effects = made.effects(ApplyReason.REVIEWED, kept | self._remember(made))
        return replace(effects, interests=made.interests, review=self._review)

    def alarm(self, stamped: Stamped[Danger]) -> Effects:
        """Take in what a refused message says of a danger to life; of several under one id the first holds.

        Raises `EngineError`, with the case book as it was before, where a rule fails on it.
        """
        key = danger_key(stamped.event)
        register = self._register
        if register.has_danger(key):
            return Effects(ApplyReason.REPEATED)
        forgotten = dict.fromkeys(self._forget(stamped.ingested_at))
        change = Change(
            scope=lambda: Scope({stamped.event.id}),
            make=lambda: register.add_danger(stamped),
            undo=lambda: register.remove_danger(key) if register.has_danger(key) else None,
            is_of_interest=False,
        )
        try:
            made = self._make(change, self._now(stamped))
        except Exception as error:
            change.undo()
            raise EngineError(f"a rule failed on a danger to life: {type(error).__name__}") from error
        kept = forgotten | self._keep(made, _danger_entry(key), stamped)
        return replace(made.effects(ApplyReason.UNVERIFIED, kept), interests=self._take_ended())

    def learn(self, background: Background) -> Effects:
        """Take in how busy a place is now, by which convoys are judged."""
        try:
            scope = self._register.learn(background)
            made = self._make(Change(scope=lambda: scope, is_of_interest=False), self._newest)
        except Exception as error:
            raise EngineError(f"a rule failed on how busy a place is: {type(error).__name__}") from error
        kept = {_background_entry(background): encode(background)} | self._remember(made)
        return made.effects(ApplyReason.BACKGROUND, kept)

    def forget(self, now: datetime) -> Effects:
        """Forget what is too old by this time, though no event came."""
        forgotten = dict.fromkeys(self._forget(now))
        return Effects(ApplyReason.TICK, changed=forgotten, interests=self._take_ended())

    def what_if(self) -> WhatIf:
        """Return what answers how things would stand without an event."""
        return WhatIf(self._register, self._book.rules)

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one entry of an earlier `changed`, in any order, each key once."""
        if key.startswith(EVENT):
            event = read_event(value)
            self._register.insert(event)
            self._restricted.note(event.event)
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

    def _make(self, change: Change, updated_at: datetime) -> "_Made":
        """Make a change, and return what it brings about, to each audience by the events that it may see."""
        outlooks = make(self._register, self._restricted, change)
        revised = self._alerts.revised(outlooks, updated_at, by_rules=False)
        return _Made(outlooks.whole.refused, revised, outlooks.interests)

    def _looked_at(self, ids: Sequence[str]) -> "_Made | None":
        """Return what other rules make of the alerts about these events; None where a rule fails on one of them."""
        try:
            outlooks = make(self._register, self._restricted, Change(scope=lambda: scope_of(self._register, ids)))
            return _Made((), self._alerts.revised(outlooks, self._newest, by_rules=True), outlooks.wants)
        except Exception:  # noqa: BLE001 - whatever fails on one event, the others are reviewed
            return None

    def _switched(self, effects: Effects) -> Effects:
        """Return also that the watch is to judge by other rules, and that the review of all alerts begins."""
        in_force = self._book.in_force
        kept = self._go_on(Review(change=in_force.change))
        return replace(effects, changed={**effects.changed, **kept}, in_force=in_force, review=self._review)

    def _go_on(self, review: Review | None) -> dict[bytes, bytes | None]:
        """Note which slice of a review comes next, if any."""
        self._review = review
        return {REVIEW: encode(review) if review else None}

    def _take_ended(self) -> tuple[Interest, ...]:
        """Return what the watch need not look out for any longer because it was forgotten."""
        ended, self._ended = tuple(self._ended), []
        return ended

    def _keep(self, made: "_Made", entry: bytes, stamped: Stamped[Any]) -> dict[bytes, bytes | None]:
        """Remember the revisions, and return all that is to be kept of this change."""
        self._age(stamped, entry)
        return {entry: write_stamped(stamped)} | self._remember(made)

    def _remember(self, made: "_Made") -> dict[bytes, bytes | None]:
        self._alerts.remember(made.revised)
        return made.revised.entries

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
            self._register.doubt(scope)
            self._register.remove(stamped.event)
            self._restricted.forget(stamped.event)
            self._ended += changes(wanted, self._register.interests(scope))
        return identity


def _changes_alerts(event: CaseMessage) -> bool:
    """Whether alerts may rest on an event of this type."""
    if isinstance(event, Verdict):
        return event.between is not None
    return isinstance(event, Incident | Sighting | WatchlistEntry | Retraction | Bulletin | RulesChange)


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
