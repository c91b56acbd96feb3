"""What the board of a contact point shows, and in which order. Pure: values in, values out."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from consumers.acknowledgement import Clock, ClockState
from consumers.desk.alerts import DeskAlert
from schemas.alerts import Severity

MOST_ROWS: Final = 500
"""How many alerts are listed, those told last; of older ones only the number is told."""

_WITHOUT_SEVERITY: Final = len(Severity)


@dataclass(frozen=True, slots=True)
class Row:
    """One alert on a contact point's board, and where it stands to it; no clock where none was started."""

    contact_point: str
    alert: DeskAlert
    clock: Clock | None

    @property
    def name(self) -> str:
        """What changes whenever the row says something else: two contact points may see two things of one revision."""
        clock, alert = self.clock, self.alert
        stands = (clock.state.value, str(clock.outcome), str(clock.acknowledged_by), str(clock.due_at)) if clock else ()
        return "/".join((self.contact_point, alert.id, str(alert.revision), alert.view, *stands))

    @property
    def awaits(self) -> bool:
        """Whether somebody here has to look at it."""
        return self.alert.is_open and (self.clock is None or self.clock.awaits)

    @property
    def is_danger(self) -> bool:
        """Whether a life is at risk and nobody here has answered."""
        return self.alert.endangers_life and self.awaits

    @property
    def due_at(self) -> datetime | None:
        """When the next officer is called, if it goes on like this."""
        return self.clock.due_at if self.clock and self.awaits else None

    @property
    def is_exhausted(self) -> bool:
        """Whether everybody was called already."""
        return self.awaits and self.clock is not None and self.clock.state is ClockState.EXHAUSTED

    @property
    def place_in_order(self) -> tuple[int, int, float, str]:
        """Return where it stands: by group, severity, and the time that is left.

        Life at risk comes first, real before exercise; then what nobody here has answered; then what was answered,
        the newest first; what is withdrawn last.
        """
        alert = self.alert
        severity = alert.severity.rank if alert.severity else _WITHOUT_SEVERITY
        newest = -alert.updated_at.timestamp()
        if self.is_danger:
            return int(alert.exercise), severity, self._left, alert.id
        if self.awaits:
            return 2, severity, self._left, alert.id
        return (3, 0, newest, alert.id) if alert.is_open else (4, 0, newest, alert.id)

    @property
    def _left(self) -> float:
        return self.due_at.timestamp() if self.due_at else self.alert.updated_at.timestamp()


@dataclass(frozen=True, slots=True)
class Tally:
    """How many are on the board, and how many of them want an answer."""

    shown: int
    waiting: int
    dangers: int


def ordered(rows: Iterable[Row]) -> list[Row]:
    """Return the rows, the most urgent first."""
    return sorted(rows, key=lambda row: row.place_in_order)


def tally(rows: Iterable[Row]) -> Tally:
    """Return how many there are."""
    rows = list(rows)
    return Tally(len(rows), sum(row.awaits for row in rows), sum(row.is_danger for row in rows))
