"""Words for the facts in reasons and summaries: times in UTC, places by name, kinds without underscores."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from schemas.events import Incident, Sighting
from schemas.stations import Station

LISTED: Final = 5
"""How many incidents a reason spells out; the occurrences list them all."""

_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905 - read as words


def when(moment: datetime) -> str:
    """Return for example ``3 May 2026 08:10 UTC``, whatever the machine's locale."""
    return f"{day(moment)} {moment:%H:%M} UTC"


def day(moment: datetime) -> str:
    """Return for example ``3 May 2026``."""
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"


def named(place: Station) -> str:
    """Return for example ``Obrežje (SI)``."""
    return f"{place.name} ({place.country})"


def where(report: Incident) -> str:
    """Return for example ``Obrežje (SI)``."""
    return named(report.at)


def what(report: Incident) -> str:
    """Return the kind in words: ``migrant smuggling``."""
    return report.kind.replace("_", " ")


def incident_in_words(report: Incident) -> str:
    """Return for example ``migrant smuggling at Obrežje (SI) on 3 May 2026 08:10 UTC``."""
    return f"{what(report)} at {passage_in_words(report)}"


def passage_in_words(report: Incident | Sighting) -> str:
    """Return for example ``Obrežje (SI) on 3 May 2026 08:10 UTC``."""
    return f"{named(report.at)} on {when(report.occurred_at)}"


def listed(words: Sequence[str]) -> str:
    """Return the last five, after how many there are before them: ``2 earlier; a; b; c; d; e``."""
    earlier = [f"{len(words) - LISTED} earlier"] if len(words) > LISTED else []
    return "; ".join((*earlier, *words[-LISTED:]))


def counted(number: int, one: str, many: str) -> str:
    """Return for example ``1 person`` or ``13 people``."""
    return f"{number} {one if number == 1 else many}"
