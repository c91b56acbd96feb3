"""What each contact point holds of the alerts: the same as all others, until H2 parts them.

What is not parted is told once, in the common edition. Once an alert is parted it stays so, and whoever read an
edition goes on in it: nobody sees by a revision that what another may see has changed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from schemas.alerts import Alert, AlertKind, Edition
from schemas.fields import Strict
from streams.engine.outlooks import EVERYBODY, Outlooks
from streams.engine.revisions import reconcile
from streams.engine.rulebook import RuleBook
from streams.engine.standing import About, StandingAlerts


class Parted(Strict):
    """An alert that is not the same to all: who reads it `apart` from everybody else, and what each reader holds."""

    apart: tuple[str, ...]
    held: dict[str, Alert]

    def holds(self, reader: str) -> Alert | None:
        """Return what a reader holds."""
        return self.held.get(reader if reader in self.apart else EVERYBODY)


@dataclass(frozen=True, slots=True)
class Revised:
    """Editions to tell, and the parted alerts to remember, by id."""

    told: tuple[Edition, ...]
    parted: Mapping[str, Parted] = field(default_factory=dict)


class Editions:
    """The alerts that are parted, with the newest revision in each edition; of the others the alert itself is held."""

    def __init__(self, book: RuleBook, alerts: StandingAlerts) -> None:
        self._book = book
        self._alerts = alerts
        self._parted: dict[str, Parted] = {}
        self._held: dict[str, StandingAlerts] = defaultdict(StandingAlerts)

    def held_by(self, contact_point: str) -> Iterator[Alert]:
        """Return what a contact point holds, withdrawn alerts included, by id."""
        ids = sorted(self._alerts.ids | self._parted.keys())
        return (alert for key in ids if (alert := self._holds(contact_point, key)))

    def resting_on(self, event: str) -> set[str]:
        """Return the alerts of which an edition has this event among its evidence."""
        return {alert.id for held in self._held.values() for alert in held.resting_on(event)}

    def evidence(self, key: str) -> set[str]:
        """Return all that an alert's editions rest on."""
        parted = self._parted.get(key)
        return {event for alert in parted.held.values() for event in alert.evidence} if parted else set()

    def remember(self, key: str, parted: Parted) -> None:
        """Take in the editions of an alert."""
        self._parted[key] = parted
        for reader, alert in parted.held.items():
            self._held[reader].remember(alert)

    def forget(self, key: str) -> bool:
        """Drop the editions of an alert; return whether there were any."""
        for held in self._held.values():
            held.forget(key)
        return self._parted.pop(key, None) is not None

    def revise(self, alerts: Iterable[Alert], outlooks: Outlooks, updated_at: datetime, *, by_rules: bool) -> Revised:
        """Return what a change brings about; `alerts` are the revisions by all events."""
        common = {alert.id: alert for alert in alerts}
        readers = self._readers(outlooks)
        if not readers:
            return Revised(tuple(Edition(alert=alert) for alert in common.values()))
        revised = {
            reader: self._revised(reader, outlooks, updated_at, by_rules=by_rules) for reader in (EVERYBODY, *readers)
        }
        told: list[Edition] = []
        parted: dict[str, Parted] = {}
        for key in sorted(common.keys() | {key for mine in revised.values() for key in mine}):
            before = self._parted.get(key)
            if before is None and all(mine.get(key) == common.get(key) for mine in revised.values()):
                told.append(Edition(alert=common[key]))
                continue
            apart = tuple(sorted({*(before.apart if before else ()), *readers}))
            held = {reader: mine.get(key) or self._holds(reader, key) for reader, mine in revised.items()}
            now = {reader: alert for reader, alert in held.items() if alert}
            parted[key] = Parted(apart=apart, held={**(before.held if before else {}), **now})
            told += (
                Edition(alert=mine[key], reader=reader, apart=() if reader else apart)
                for reader, mine in revised.items()
                if key in mine
            )
        return Revised(tuple(told), parted)

    def _readers(self, outlooks: Outlooks) -> list[str]:
        """Return who may see another part of this than everybody else, or reads an edition of its own about it."""
        readers = outlooks.parts.keys() - {EVERYBODY}
        if self._parted:
            for outlook in (outlooks.whole, *outlooks.parts.values()):
                about = {key for held in (self._alerts, *self._held.values()) for key in held.about(outlook.places)}
                for key in about.union(draft.id for draft in outlook.drafts) & self._parted.keys():
                    readers |= {*self._parted[key].apart}
        return sorted(readers)

    def _revised(self, reader: str, outlooks: Outlooks, updated_at: datetime, *, by_rules: bool) -> dict[str, Alert]:
        """Return a reader's revisions, by id. A danger to life is withheld from nobody, whatever it rests on."""
        outlook = outlooks.to(reader)
        dangers = {draft.id: draft for draft in outlooks.whole.drafts if draft.kind is AlertKind.LIFE_AT_RISK}
        drafts = dangers | {draft.id: draft for draft in outlook.drafts}
        current = dict(self._about(reader, outlook.places))
        current |= {key: alert for key in drafts if (alert := self._holds(reader, key))}
        revisions = reconcile(drafts.values(), current, self._book.rules, updated_at, by_rules=by_rules)
        return {alert.id: alert for alert in revisions}

    def _about(self, reader: str, places: Iterable[About]) -> Iterator[tuple[str, Alert]]:
        """Return the alerts that a reader holds with a subject at one of these places."""
        places = list(places)
        for held in (self._alerts, self._held[EVERYBODY], self._held[reader]):
            about = held.about(places)
            yield from ((key, alert) for key, alert in about.items() if self._holds(reader, key) is alert)

    def _holds(self, reader: str, key: str) -> Alert | None:
        parted = self._parted.get(key)
        return parted.holds(reader) if parted else self._alerts.get(key)
