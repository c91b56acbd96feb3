"""What the interface says, and what it takes."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from consumers.audience import AudienceReason, View
from consumers.notice import Notice
from consumers.permissions import Permission, PermissionState
from consumers.records import Record
from schemas.fields import AlertId, Originator

Purpose = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]


class _Said(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Page(_Said):
    """Notices in their sequence; `high_water` is the number of the last that there is."""

    deliveries: list[Notice]
    high_water: int


class Fetched(_Said):
    """The record of a delivery, as its contact point may see it now; `digest` is of `alert`."""

    delivery: str
    sequence: int
    contact_point: str
    view: View
    reason: AudienceReason
    why: list[str]
    digest: str
    alert: dict[str, Any]
    created_at: datetime
    confirmed_at: datetime | None

    @classmethod
    def of(cls, record: Record) -> "Fetched":
        """Return what is said of a record that is shown."""
        if record.alert is None:
            raise ValueError("a record that is not shown")
        return cls(
            delivery=record.delivery,
            sequence=record.sequence,
            contact_point=record.contact_point,
            view=record.audience.view,
            reason=record.audience.reason,
            why=list(record.why),
            digest=record.digest,
            alert=record.alert,
            created_at=record.created_at,
            confirmed_at=record.confirmed_at,
        )


class PermissionSaid(_Said):
    """A permission, asked for or decided."""

    alert: AlertId
    originator: Originator
    contact_point: Originator
    state: PermissionState
    requested_at: datetime | None
    decided_at: datetime | None

    @classmethod
    def of(cls, one: Permission) -> "PermissionSaid":
        """Return what is said of a permission."""
        return cls(
            alert=one.which.alert_id,
            originator=one.which.originator,
            contact_point=one.which.contact_point,
            state=one.state,
            requested_at=one.requested_at,
            decided_at=one.decided_at,
        )


class Asking(_Said):
    """A contact point asks an originator."""

    alert: AlertId
    originator: Originator
    purpose: Purpose


class Deciding(_Said):
    """An originator decides for a contact point."""

    alert: AlertId
    contact_point: Originator
    decision: Literal["granted", "refused", "revoked"]
    purpose: Purpose


class Refused(_Said):
    """Why not."""

    error: str
    text: Annotated[str, Field(max_length=500)]
