"""What leaves: a thin notice that there is a revision, or a reply to a bulletin. Every channel says this and no more.

It names no plate, person, place or text: the record itself is at the link, for who proves to be its contact point, and
that look is on record.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from consumers.audience import View
from schemas.alerts import AlertKind, Severity
from schemas.fields import AlertId, Instant, Originator, Strict

DeliveryId = Annotated[str, StringConstraints(pattern=r"^dl-[0-9a-f]{20}$")]


def _shown(view: View) -> View:
    if view is View.WITHHELD:
        raise ValueError("nothing is said of what is not shown")
    return view


class Previous(Strict):
    """The delivery by which the contact point was last told of this alert, and the timestamp of its notice."""

    delivery: DeliveryId
    timestamp: Instant


class Told(Strict):
    """What is told of the revision; `sequence` counts the deliveries to this contact point.

    `reply` is the number of a reply to a bulletin in its thread, where it is that of which is told.
    """

    delivery: DeliveryId
    sequence: Annotated[int, Field(ge=1)]
    contact_point: Originator
    alert: AlertId
    revision: Annotated[int, Field(ge=1)]
    previous: Previous | None = None
    status: Literal["open", "withdrawn"]
    superseded_by: AlertId | None = None
    kind: AlertKind
    severity: Severity
    exercise: bool
    life_at_risk: bool
    view: Annotated[View, AfterValidator(_shown)]
    digest: Annotated[str, StringConstraints(pattern=r"^sha-256=[A-Za-z0-9+/=:_-]{43,70}$")]
    link: Annotated[str, StringConstraints(pattern=r"^/v1/deliveries/dl-[0-9a-f]{20}$")]
    reply: Annotated[int, Field(ge=1)] | None = None


class Notice(Strict):
    """One notice; the timestamp is that of the revision."""

    type: Literal["alert.revision", "bulletin.reply"] = "alert.revision"
    timestamp: Instant
    data: Told

    def text(self) -> str:
        """Return the JSON text that is stored and sent: one notice gives one text."""
        return self.model_dump_json(exclude_none=True)


def parse(text: str) -> Notice:
    """Return the notice that this text holds; raises pydantic's `ValidationError` where it holds anything else."""
    return Notice.model_validate_json(text)
