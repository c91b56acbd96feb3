"""What was taken back, by whoever said it. A retraction that comes first waits for its event."""

from collections import defaultdict
from enum import StrEnum
from typing import Final

from schemas.events import Incident, Sighting
from schemas.feedback import Bulletin, Retraction, Verdict
from schemas.messages import CaseMessage
from schemas.operations import RulesChange
from schemas.watchlist import WatchlistEntry


class Reach(StrEnum):
    """How far a retraction reaches."""

    ITSELF = "itself"
    GROUP = "group"
    """The incident with all that update or relay it."""


_WHOLE: Final = {"unfounded", "wrong_identity"}


class Retractions:
    """The retractions by the event that they are about."""

    def __init__(self) -> None:
        self._by_event: dict[str, dict[str, Retraction]] = defaultdict(dict)

    def add(self, retraction: Retraction) -> None:
        """Take in a retraction."""
        self._by_event[retraction.retracts][retraction.id] = retraction

    def remove(self, retraction: Retraction) -> None:
        """Forget it."""
        del self._by_event[retraction.retracts][retraction.id]
        if not self._by_event[retraction.retracts]:
            del self._by_event[retraction.retracts]

    def reach(self, event: CaseMessage) -> Reach | None:
        """Return how far an event is taken back, if its own originator did so: of a relay only the relay itself."""
        reasons = {
            one.reason
            for one in self._by_event.get(event.id, {}).values()
            if one.originator == _originator(event) and one.exercise is event.exercise
        }
        if not reasons:
            return None
        is_relay = isinstance(event, Incident) and event.relay_of is not None
        return Reach.GROUP if reasons & _WHOLE and not is_relay else Reach.ITSELF


def _originator(event: CaseMessage) -> str | None:
    match event:
        case Incident():
            return event.originated_by
        case Sighting():
            return event.at.country
        case WatchlistEntry() | Bulletin() | RulesChange():
            return event.originator
        case Verdict():
            return event.contact_point
        case _:
            return None
