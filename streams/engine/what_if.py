"""What an alert would be without one of its events, and what each of them made of it: nothing is revised by asking."""

from collections.abc import Iterator
from contextlib import contextmanager

from schemas.alerts import Alert
from schemas.messages import CaseMessage, Stamped
from streams.engine.drafts import Draft
from streams.engine.register import Register
from streams.engine.review import scope_of
from streams.engine.revisions import assemble
from streams.engine.touched import Scope
from streams.rules import Rules


class WhatIf:
    """Questions to the events that the case book holds, by the rules in force."""

    def __init__(self, register: Register, rules: Rules) -> None:
        self._register = register
        self._rules = rules

    def event(self, identity: str) -> CaseMessage | None:
        """Return an event; None for a refused message that is evidence of a danger to life."""
        stamped = self._register.get(identity)
        return stamped.event if stamped else None

    def without(self, alert: Alert, event: str) -> Alert | None:
        """Return what would stand instead of an alert if the event had never come; None where nothing would."""
        with self._taken_out(alert, [event]) as scope:
            return self._instead(alert, scope)

    def steps(self, alert: Alert) -> list[tuple[str, Alert | None]]:
        """Return what stood after each event of an alert, had they come in the order of their times."""
        order = [one.event for one in sorted(alert.occurrences, key=lambda one: (one.occurred_at, one.event))]
        events = [*(key for key in alert.evidence if key not in order), *order]  # entries of the watchlist first
        found: list[tuple[str, Alert | None]] = []
        with self._taken_out(alert, events) as scope:
            for key in events:
                if (stamped := self._known.pop(key, None)) is not None:
                    self._register.insert(stamped)
                    scope.join(self._register.scope(stamped.event))
                found.append((key, self._instead(alert, scope)))
        return found

    @contextmanager
    def _taken_out(self, alert: Alert, events: list[str]) -> Iterator[Scope]:
        """Take events out of the register as long as this lasts; give what that may alter."""
        scope = scope_of(self._register, alert.evidence)
        self._known: dict[str, Stamped[CaseMessage]] = {
            key: stamped for key in events if (stamped := self._register.get(key)) is not None
        }
        try:
            for stamped in self._known.values():
                self._register.remove(stamped.event)
            scope.join(scope_of(self._register, alert.evidence))
            yield scope
        finally:
            for stamped in self._known.values():
                self._register.insert(stamped)
            self._register.doubt(scope)

    def _instead(self, alert: Alert, scope: Scope) -> Alert | None:
        """Return the alert of the same kind that rests on most of the same events."""
        evidence = set(alert.evidence)

        def shared(draft: Draft) -> int:
            return len(evidence & draft.group)

        self._register.doubt(scope)
        alike = [draft for draft in self._register.drafts(scope) if draft.kind == alert.kind and shared(draft)]
        best = max(alike, key=lambda draft: (shared(draft), draft.id), default=None)
        return assemble(best, self._rules, alert.updated_at) if best else None
