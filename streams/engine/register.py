"""Every accepted event, resolved: which report holds, on which side it is, what alerts about it should say."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, cast

from schemas.alerts import AlertKind
from schemas.danger import Danger
from schemas.errors import Refusal
from schemas.events import Incident, Sighting
from schemas.feedback import Bulletin, Retraction, Verdict
from schemas.messages import CaseMessage, Stamped
from schemas.operations import RulesChange
from schemas.watchlist import WatchlistEntry
from streams.engine.background import Background
from streams.engine.cases import Passage, alone
from streams.engine.dangers import DangerKey, danger_in, danger_key
from streams.engine.drafts import Draft
from streams.engine.incidents import CYCLE, Resolution, ResolvedIncident, links_of, resolve
from streams.engine.interests import Interest
from streams.engine.retractions import Reach, Retractions
from streams.engine.rulebook import RuleBook
from streams.engine.side import Side
from streams.engine.standing import About
from streams.engine.touched import Scope
from streams.typologies import bulletins, life_at_risk

OF_ONE_EVENT: Final = (AlertKind.LIFE_AT_RISK, AlertKind.BULLETIN)


class Register:
    """The events by id, and all that is derived from them."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self._events: dict[str, Stamped[CaseMessage]] = {}
        self._dangers: dict[DangerKey, Stamped[Danger]] = {}
        self._cyclic: set[str] = set()
        self._links: dict[str, set[str]] = defaultdict(set)
        self._incident_of: dict[str, ResolvedIncident] = {}
        self._retractions = Retractions()
        self._sides = {exercise: Side(book) for exercise in (False, True)}

    def get(self, identity: str) -> Stamped[CaseMessage] | None:
        """Return the event with this id."""
        return self._events.get(identity)

    def learn(self, background: Background) -> Scope:
        """Take in how busy a place is; return what that may alter."""
        scope = Scope()
        scope.touched[background.exercise] = self._sides[background.exercise].learn(background)
        return scope

    def side(self, *, exercise: bool) -> Side:
        """Return the real side, or that of exercises."""
        return self._sides[exercise]

    def has_danger(self, key: DangerKey) -> bool:
        """Whether this refused message is known."""
        return key in self._dangers

    def knows(self, identity: str) -> bool:
        """Whether an event or a refused message with this id is known."""
        dangers = ((exercise, conflict, identity) for exercise in (False, True) for conflict in (False, True))
        return identity in self._events or any(key in self._dangers for key in dangers)

    @property
    def reported(self) -> Iterator[str]:
        """The ids of all events and refused messages that alerts may be about."""
        yield from (key for key, one in self._events.items() if isinstance(one.event, Incident | Sighting | Bulletin))
        yield from (key for _, _, key in self._dangers)

    def add_danger(self, stamped: Stamped[Danger]) -> None:
        """Take in what a refused message says."""
        self._dangers[danger_key(stamped.event)] = stamped

    def remove_danger(self, key: DangerKey) -> None:
        """Forget it."""
        del self._dangers[key]

    def insert(self, stamped: Stamped[CaseMessage]) -> tuple[tuple[Stamped[CaseMessage], Refusal], ...]:
        """Add an event, resolve what it is linked with, and return what that made impossible to accept."""
        event = stamped.event
        self._events[event.id] = stamped
        match event:
            case Sighting() | WatchlistEntry() | Verdict() | RulesChange():
                self._derive(event.id)
            case Retraction():
                self._retractions.add(event)
                self._derive(event.retracts)
            case Incident():
                for other in links_of(event):
                    self._links[event.id].add(other)
                    self._links[other].add(event.id)
                cyclic = self._resolve(self.linked_with(event.id))
                if event.id in cyclic:
                    return tuple((self._events[key], CYCLE) for key in sorted(cyclic))
        return ()

    def remove(self, event: CaseMessage) -> None:
        """Undo `insert`."""
        group = self.linked_with(event.id)
        del self._events[event.id]
        match event:
            case Sighting():
                self._sides[event.exercise].remove(event.id)
            case WatchlistEntry():
                self._sides[event.exercise].watchlist.discard(event)
            case Verdict():
                self._tell_apart(event, holds=False)
            case RulesChange():
                self._switch(event, holds=False)
            case Retraction():
                self._retractions.remove(event)
                self._derive(event.retracts)
            case Incident():
                for other in links_of(event):
                    self._links[event.id].discard(other)
                    self._links[other].discard(event.id)
                self._resolve(group)

    def linked_with(self, *ids: str | None) -> set[str]:
        """Return the ids that updates and relays connect with these, themselves included."""
        found = {key for key in ids if key is not None}
        waiting = list(found)
        while waiting:
            new = self._links.get(waiting.pop(), set()) - found
            found |= new
            waiting += new
        return found

    def scope(self, event: CaseMessage) -> Scope:
        """Return all that alerts about this event can be about, as the events resolve now."""
        scope = Scope()
        if isinstance(event, Retraction):
            target = self._events.get(event.retracts)
            return scope if target is None or isinstance(target.event, Retraction) else self.scope(target.event)
        if isinstance(event, Verdict):
            for report in self._named_by(event):
                scope.join(self.scope(report))
            return scope
        if isinstance(event, WatchlistEntry):
            scope.touched[event.exercise].join(self._sides[event.exercise].touched_by_entry(event))
            return scope
        scope.events = self.linked_with(event.id, *links_of(event))
        for key in scope.events:
            if incident := self._incident_of.get(key):
                exercise = incident.report.exercise
                scope.touched[exercise].join(self._sides[exercise].touched_by(incident))
        if isinstance(event, Incident | Sighting):
            scope.touched[event.exercise].join(self._sides[event.exercise].touched_by(alone(event)))
        return scope

    def void(self, scope: Scope) -> set[tuple[bool, str]]:
        """Return which of the documents in question link nobody now."""
        return {
            (exercise, document)
            for exercise, touched in scope.touched.items()
            for document in self._sides[exercise].void(touched)
        }

    def resting_on_documents(self, documents: Iterable[tuple[bool, str]]) -> Scope:
        """Return what rests on these documents."""
        scope = Scope()
        for exercise, document in documents:
            scope.touched[exercise].join(self._sides[exercise].touched_by_document(document))
        return scope

    def take_turned(self) -> Scope:
        """Return whose notes may change because too many came to be described alike since this was asked, or ceased."""
        scope = Scope()
        for exercise, side in self._sides.items():
            scope.touched[exercise] = side.take_turned()
        return scope

    def places(self, scope: Scope) -> Iterator[About]:
        """Return where the subjects of the alerts in question appear, as things stand now."""
        for exercise, side in self._sides.items():
            yield from ((kind, exercise, event, "") for event in scope.events for kind in OF_ONE_EVENT)
            for kind, (event, position) in side.named(scope.touched[exercise]):
                yield kind, exercise, event, position

    def drafts(self, scope: Scope) -> Iterator[Draft]:
        """Return the alerts that should be open in a scope."""
        for event in sorted(scope.events):
            yield from self._bulletin(event)
        for exercise, side in self._sides.items():
            for event in sorted(scope.events):
                yield from self._danger(event, exercise=exercise)
            yield from side.drafts(scope.touched[exercise])

    def doubt(self, scope: Scope) -> None:
        """Note that what a scope touches changes without being drafted."""
        for exercise, side in self._sides.items():
            side.doubt(scope.touched[exercise])

    def interests(self, scope: Scope) -> Iterator[Interest]:
        """Return what the watch should look out for of what a scope touches."""
        for exercise, side in self._sides.items():
            yield from side.interests(scope.touched[exercise], exercise=exercise)

    def _derive(self, identity: str) -> None:
        """Derive anew what an event comes to, now that it or word of its retraction has come or gone."""
        stamped = self._events.get(identity)
        match stamped.event if stamped else None:
            case Sighting() as sighting:
                side = self._sides[sighting.exercise]
                side.remove(identity)
                if stamped and not self._retractions.reach(sighting):
                    side.add(Passage(sighting, stamped.ingested_at), self._report)
            case WatchlistEntry() as change:
                self._sides[change.exercise].watchlist.discard(change)
                if not self._retractions.reach(change):
                    self._sides[change.exercise].watchlist.add(change)
            case Verdict() as verdict:
                self._tell_apart(verdict, holds=not self._retractions.reach(verdict))
            case RulesChange() as change:
                self._switch(change, holds=not self._retractions.reach(change))
            case Incident():
                self._resolve(self.linked_with(identity))

    def _switch(self, change: RulesChange, *, holds: bool) -> None:
        """Let a change of rules hold or not, and judge by those that are in force then."""
        before = self._book.rules
        self._book.discard(change)
        if holds:
            self._book.add(change)
        if self._book.rules != before:
            for side in self._sides.values():
                side.judge_anew()

    def _tell_apart(self, verdict: Verdict, *, holds: bool) -> None:
        """Let a false match hold or not, and derive anew the reports that it names."""
        matches = self._sides[verdict.exercise].false_matches
        matches.remove(verdict)
        if holds and verdict.between:
            matches.add(verdict)
        for report in self._named_by(verdict):
            self._derive(report.id)

    def _named_by(self, verdict: Verdict) -> Iterator[Incident | Sighting]:
        """Return the reports that a verdict names, as far as they are here."""
        return filter(None, (self._report(one.event) for one in verdict.between or ()))

    def _report(self, key: str) -> Incident | Sighting | None:
        stamped = self._events.get(key)
        return stamped.event if stamped and isinstance(stamped.event, Incident | Sighting) else None

    def _resolve(self, group: set[str]) -> frozenset[str]:
        """Derive anew the incidents of linked events; return those that relay each other in a circle."""
        for key in group:
            if incident := self._incident_of.pop(key, None):
                self._sides[incident.report.exercise].remove(key)
        reports = {key: report for key in group if (report := self._incident(key))}
        resolution = resolve(reports)
        retracted = self._retracted(reports, resolution)
        self._cyclic = (self._cyclic - group) | (resolution.in_relay_cycle - retracted)
        standing = resolution
        if retracted:
            standing = resolve({key: report for key, report in reports.items() if key not in retracted})
        for incident in standing.incidents:
            self._incident_of[incident.report.id] = incident
            self._sides[incident.report.exercise].add(incident, self._report)
        return resolution.in_relay_cycle

    def _retracted(self, reports: Mapping[str, Stamped[Incident]], resolution: Resolution) -> set[str]:
        """Return the ids that no longer count: what is taken back itself, and whole incidents."""
        reach = {key: how for key, stamped in reports.items() if (how := self._retractions.reach(stamped.event))}
        gone = set(reach)
        for incident in resolution.incidents:
            if any(reach.get(key) is Reach.GROUP for key in incident.group):
                gone |= incident.group
        return gone

    def _danger(self, about: str, *, exercise: bool) -> Iterator[Draft]:
        """Return the alert of an incident, else of what a refused message under its id says."""
        incident = self._incident_of.get(about)
        if incident is not None and incident.report.exercise is exercise and incident.report.is_life_at_risk:
            yield from life_at_risk.find(incident, self._book.rules.life_at_risk)
            return
        danger = self._dangers.get((exercise, True, about))
        if danger is None and about not in self._events:  # a mended event speaks for itself
            danger = self._dangers.get((exercise, False, about))
        cyclic = self._incident(about) if about in self._cyclic else None
        if cyclic is not None and cyclic.event.exercise is exercise:
            danger = danger_in(cyclic, CYCLE)
        if danger is not None:
            yield life_at_risk.find_unverified(danger, self._book.rules.life_at_risk)

    def _bulletin(self, about: str) -> Iterator[Draft]:
        stamped = self._events.get(about)
        match stamped.event if stamped else None:
            case Bulletin() as bulletin if not self._retractions.reach(bulletin):
                yield bulletins.draft(bulletin, self._book.rules.bulletin)

    def _incident(self, key: str) -> Stamped[Incident] | None:
        stamped = self._events.get(key)
        return cast(Stamped[Incident], stamped) if stamped and isinstance(stamped.event, Incident) else None
