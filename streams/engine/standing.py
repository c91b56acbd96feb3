"""The alerts as they were last told, found again by where their subjects appear."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from schemas.alerts import Alert, AlertKind
from schemas.stations import station

About = tuple[AlertKind, bool, str, str]
"""Kind, exercise, event and position of a subject; no position where it is about events, the place of a surge."""

_OF_EVENTS: Final = {AlertKind.LIFE_AT_RISK, AlertKind.LINKED_INCIDENTS, AlertKind.BULLETIN}
"""Kinds about the events themselves, whoever is in them."""


class StandingAlerts:
    """The newest revision of each alert, withdrawn ones included: one that comes back goes on counting."""

    def __init__(self) -> None:
        self._alerts: dict[str, Alert] = {}
        self._by_appearance: dict[About, set[str]] = defaultdict(set)
        self._by_event: dict[str, set[str]] = defaultdict(set)

    @property
    def open(self) -> tuple[Alert, ...]:
        """Every alert that stands, by id."""
        return tuple(self._alerts[key] for key in sorted(self._alerts) if self._alerts[key].status == "open")

    @property
    def ids(self) -> set[str]:
        """The ids of all alerts, withdrawn ones included."""
        return set(self._alerts)

    def get(self, key: str) -> Alert | None:
        """Return an alert's newest revision."""
        return self._alerts.get(key)

    def about(self, places: Iterable[About]) -> dict[str, Alert]:
        """Return the alerts with a subject that appears at one of these places."""
        return {key: self._alerts[key] for place in places for key in self._by_appearance.get(place, ())}

    def resting_on(self, event: str) -> Iterator[Alert]:
        """Return the alerts that have this event among their evidence."""
        return (self._alerts[key] for key in sorted(self._by_event.get(event, ())))

    def rests_on(self, event: str) -> bool:
        """Whether any alert has this event among its evidence."""
        return event in self._by_event

    def remember(self, alert: Alert) -> None:
        """Take in a revision."""
        self.forget(alert.id)
        self._alerts[alert.id] = alert
        for place in _places(alert):
            self._by_appearance[place].add(alert.id)
        for event in alert.evidence:
            self._by_event[event].add(alert.id)

    def forget(self, key: str) -> None:
        """Drop an alert."""
        alert = self._alerts.pop(key, None)
        if alert is None:
            return
        for place in _places(alert):
            _discard(self._by_appearance, place, key)
        for event in alert.evidence:
            _discard(self._by_event, event, key)


def _places(alert: Alert) -> Iterator[About]:
    if alert.kind in _OF_EVENTS:
        yield from ((alert.kind, alert.exercise, event, "") for event in alert.evidence)
        return
    if alert.kind is AlertKind.SURGE:  # about the place, whatever happens there
        (subject,) = alert.subjects
        yield alert.kind, alert.exercise, station(subject.identifiers[0].value).place, ""
        return
    for subject in alert.subjects:
        for one in subject.appearances:
            yield alert.kind, alert.exercise, one.event, one.subject


def _discard(index: dict[About, set[str]] | dict[str, set[str]], place: About | str, key: str) -> None:
    held = index[place]  # type: ignore[index]
    held.discard(key)
    if not held:
        del index[place]  # type: ignore[arg-type]
