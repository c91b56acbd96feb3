"""How the traffic of a place is spread over the week: by it a meeting of two vehicles there is judged."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from schemas.fields import Strict

HOURS: Final = 7 * 24


def hour_of_week(moment: datetime) -> int:
    """Return which hour of the week, in UTC, a moment falls in: 0 is Monday from midnight to one."""
    utc = moment.astimezone(UTC)
    return utc.weekday() * 24 + utc.hour


class Background(Strict):
    """How many passages of a place that are retained fell in each hour of the week."""

    type: Literal["background"] = "background"
    place: str
    exercise: bool
    counts: Annotated[tuple[int, ...], Field(min_length=HOURS, max_length=HOURS)]

    def share(self, moment: datetime) -> float:
        """Return the share of the passages that fell in the moment's hour of the week: at least one did."""
        return max(1, self.counts[hour_of_week(moment)]) / max(1, sum(self.counts))
