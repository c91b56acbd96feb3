"""Every type of message that comes in, by the name that its field `type` gives."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Generic, TypeVar, get_args

from schemas.devices import StationStatus
from schemas.events import Incident, Sighting
from schemas.feedback import Bulletin, Retraction, Verdict
from schemas.fields import Message
from schemas.operations import RulesChange
from schemas.watchlist import WatchlistEntry

CaseMessage = Incident | Sighting | WatchlistEntry | Retraction | Verdict | Bulletin | RulesChange
"""What the case book keeps; of sightings those that the watch passes on."""

OutsideMessage = Incident | Sighting | WatchlistEntry | Retraction | Verdict | Bulletin | StationStatus
"""What stations and contact points may say."""

AnyMessage = OutsideMessage | RulesChange

ALL_MODELS: Final[dict[str, type[AnyMessage]]] = {
    get_args(model.model_fields["type"].annotation)[0]: model for model in get_args(AnyMessage)
}
MODELS: Final = {name: model for name, model in ALL_MODELS.items() if model is not RulesChange}
"""Those of stations and contact points, in the order in which refusals name them."""

MessageT_co = TypeVar("MessageT_co", bound=Message, covariant=True)


@dataclass(frozen=True, slots=True)
class Stamped(Generic[MessageT_co]):
    """An accepted message: when intake took it in, and its Kafka record (`topic/partition/offset`)."""

    event: MessageT_co
    ingested_at: datetime
    source: str


def said_at(message: AnyMessage) -> datetime:
    """Return the time that the message itself gives: of the event, or of what was said."""
    return message.occurred_at if isinstance(message, Incident | Sighting) else message.at
