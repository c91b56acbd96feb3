"""The alerts as they stand: those that are told, and beside them, of kinds in shadow, those that nobody is told of.

Each is revised by itself: a kind that is put into shadow is withdrawn from those who were told, and raised there.
What is in shadow rests on all events, and is for no audience.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.alerts import Alert, Edition
from schemas.codec import encode
from streams.engine.drafts import Draft
from streams.engine.editions import Editions, Parted
from streams.engine.entries import ALERT, PARTED, SHADOW
from streams.engine.outlooks import Outlooks
from streams.engine.revisions import reconcile
from streams.engine.rulebook import RuleBook
from streams.engine.standing import About, StandingAlerts
from streams.modes import Mode


@dataclass(frozen=True, slots=True)
class Revised:
    """The revisions that a change comes to, by all events, and what each audience holds by those that it may see."""

    alerts: tuple[Alert, ...] = ()
    in_shadow: tuple[Alert, ...] = ()
    editions: tuple[Edition, ...] = ()
    parted: Mapping[str, Parted] = field(default_factory=dict)

    @property
    def entries(self) -> dict[bytes, bytes | None]:
        """What is to be kept of them."""
        found: dict[bytes, bytes | None] = {ALERT + one.id.encode(): encode(one) for one in self.alerts}
        found |= {SHADOW + one.id.encode(): encode(one) for one in self.in_shadow}
        return found | {PARTED + key.encode(): encode(parted) for key, parted in self.parted.items()}

    @property
    def size(self) -> int:
        """Bytes of those entries."""
        return sum(len(value) for value in self.entries.values() if value)


class Alerts:
    """The newest revision of each, withdrawn ones included."""

    def __init__(self, book: RuleBook) -> None:
        self._book = book
        self._told = StandingAlerts()
        self._in_shadow = StandingAlerts()
        self._editions = Editions(book, self._told)

    @property
    def told(self) -> tuple[Alert, ...]:
        """Every alert that stands and is told, by id."""
        return self._told.open

    @property
    def in_shadow(self) -> tuple[Alert, ...]:
        """Every alert that stands and of which nobody is told, by id."""
        return self._in_shadow.open

    def open_to(self, contact_point: str) -> tuple[Alert, ...]:
        """Return every alert that stands for a contact point, computed from the events that it may see, by id."""
        return tuple(alert for alert in self._editions.held_by(contact_point) if alert.status == "open")

    def revised(self, outlooks: Outlooks, updated_at: datetime, *, by_rules: bool) -> Revised:
        """Return the revisions that make the alerts what a change comes to.

        `by_rules` where the rules changed and not the events.
        """
        rules = self._book.rules

        def revisions(standing: StandingAlerts, drafts: Iterable[Draft], places: Iterable[About]) -> tuple[Alert, ...]:
            wanted = {draft.id: draft for draft in drafts}
            current = standing.about(places) | {key: alert for key in wanted if (alert := standing.get(key))}
            return reconcile(wanted.values(), current, rules, updated_at, by_rules=by_rules)

        live = outlooks.of(lambda draft: rules.mode(draft.kind) is Mode.LIVE)
        tried = [draft for draft in outlooks.whole.drafts if rules.mode(draft.kind) is Mode.SHADOW]
        alerts = revisions(self._told, live.whole.drafts, live.whole.places)
        editions = self._editions.revise(alerts, live, updated_at, by_rules=by_rules)
        in_shadow = revisions(self._in_shadow, tried, outlooks.whole.places)
        return Revised(alerts, in_shadow, editions.told, editions.parted)

    def remember(self, revised: Revised) -> None:
        """Take in revisions."""
        for standing, several in ((self._told, revised.alerts), (self._in_shadow, revised.in_shadow)):
            for alert in several:
                standing.remember(alert)
        for key, parted in revised.parted.items():
            self._editions.remember(key, parted)

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one of a revision's `entries`."""
        if key.startswith(PARTED):
            self._editions.remember(key.removeprefix(PARTED).decode(), Parted.model_validate_json(value))
        elif key.startswith(SHADOW):
            self._in_shadow.remember(Alert.model_validate_json(value))
        else:
            self._told.remember(Alert.model_validate_json(value))

    def rests_on(self, event: str) -> bool:
        """Whether any alert, or what somebody holds of it, has this event among its evidence."""
        standing = (self._told, self._in_shadow)
        return any(one.rests_on(event) for one in standing) or bool(self._editions.resting_on(event))

    def forget(self, event: str, is_known: Callable[[str], bool]) -> Iterator[bytes]:
        """Drop what rested on a forgotten event and of whose evidence nothing is known any more; return the entries."""
        for alert in list(self._in_shadow.resting_on(event)):
            if not any(map(is_known, alert.evidence)):
                self._in_shadow.forget(alert.id)
                yield SHADOW + alert.id.encode()
        resting = {alert.id for alert in self._told.resting_on(event)} | self._editions.resting_on(event)
        for key in sorted(resting):
            told = self._told.get(key)
            if any(map(is_known, self._editions.evidence(key).union(told.evidence if told else ()))):
                continue
            self._told.forget(key)
            yield ALERT + key.encode()
            if self._editions.forget(key):
                yield PARTED + key.encode()
