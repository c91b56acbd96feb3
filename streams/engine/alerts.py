"""The alerts as they stand: those that are told, and beside them, of kinds in shadow, those that nobody is told of.

Each is revised by itself: a kind that is put into shadow is withdrawn from those who were told, and raised there.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from schemas.alerts import Alert
from schemas.codec import encode
from streams.engine.drafts import Draft
from streams.engine.entries import ALERT, SHADOW
from streams.engine.revisions import reconcile
from streams.engine.standing import About, StandingAlerts
from streams.rules import Mode, Rules

PREFIXES: Final = {Mode.LIVE: ALERT, Mode.SHADOW: SHADOW}
"""Of the state's entries; of what is off there are none."""


@dataclass(frozen=True, slots=True)
class Revised:
    """The revisions that a change comes to."""

    told: tuple[Alert, ...] = ()
    in_shadow: tuple[Alert, ...] = ()

    @property
    def entries(self) -> dict[bytes, bytes | None]:
        """What is to be kept of them."""
        by_mode = {Mode.LIVE: self.told, Mode.SHADOW: self.in_shadow}
        return {PREFIXES[mode] + one.id.encode(): encode(one) for mode, several in by_mode.items() for one in several}

    @property
    def size(self) -> int:
        """Bytes of those entries."""
        return sum(len(value) for value in self.entries.values() if value)


class Alerts:
    """The newest revision of each."""

    def __init__(self) -> None:
        self._by_mode = {mode: StandingAlerts() for mode in PREFIXES}

    @property
    def told(self) -> tuple[Alert, ...]:
        """Every alert that stands and is told, by id."""
        return self._by_mode[Mode.LIVE].open

    @property
    def in_shadow(self) -> tuple[Alert, ...]:
        """Every alert that stands and of which nobody is told, by id."""
        return self._by_mode[Mode.SHADOW].open

    def revised(
        self, drafts: Iterable[Draft], places: set[About], rules: Rules, updated_at: datetime, *, by_rules: bool
    ) -> Revised:
        """Return the revisions that make the alerts about these places what the drafts say.

        `by_rules` where the rules changed and not the events.
        """
        wanted: dict[Mode, dict[str, Draft]] = {mode: {} for mode in Mode}
        for draft in drafts:
            wanted[rules.mode(draft.kind)][draft.id] = draft

        def revisions(mode: Mode) -> tuple[Alert, ...]:
            standing = self._by_mode[mode]
            current = standing.about(places)
            current |= {key: alert for key in wanted[mode] if (alert := standing.get(key))}
            return reconcile(wanted[mode].values(), current, rules, updated_at=updated_at, by_rules=by_rules)

        return Revised(revisions(Mode.LIVE), revisions(Mode.SHADOW))

    def remember(self, revised: Revised) -> None:
        """Take in revisions."""
        for mode, several in ((Mode.LIVE, revised.told), (Mode.SHADOW, revised.in_shadow)):
            for alert in several:
                self._by_mode[mode].remember(alert)

    def load(self, key: bytes, value: bytes) -> None:
        """Take back one of a revision's `entries`."""
        mode = next(mode for mode, prefix in PREFIXES.items() if key.startswith(prefix))
        self._by_mode[mode].remember(Alert.model_validate_json(value))

    def rests_on(self, event: str) -> bool:
        """Whether any alert has this event among its evidence."""
        return any(standing.rests_on(event) for standing in self._by_mode.values())

    def forget(self, event: str, is_known: Callable[[str], bool]) -> Iterator[bytes]:
        """Drop what rested on a forgotten event and of whose evidence nothing is known any more; return the entries."""
        for mode, standing in self._by_mode.items():
            for alert in list(standing.resting_on(event)):
                if not any(map(is_known, alert.evidence)):
                    standing.forget(alert.id)
                    yield PREFIXES[mode] + alert.id.encode()
