"""What a station's device says of itself, and what it is told back."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.alerts import Severity
from schemas.fields import AlertId, Check, CountryCode, Instant, Message, ShortText, StationCode, Strict

SpoolCount = Annotated[int, Field(ge=0, le=1_000_000_000)]
OffsetSeconds = Annotated[float, Field(ge=-1e12, le=1e12)]


class StationStatus(Message):
    """A device every minute: for operations only. The offset is device clock minus Kafka's, in seconds."""

    type: Literal["station_status"]
    station: StationCode
    at: Instant
    spool_events: SpoolCount
    oldest_unsent_at: Instant | None = None
    clock_offset_seconds: OffsetSeconds | None = None
    version: ShortText | None = None


class Notice(Strict):
    """To a station while the car is still there: what to do, as far as handling allows the station to know."""

    type: Literal["notice"] = "notice"
    schema_version: Literal["1.0"] = "1.0"
    station: StationCode
    alert: AlertId
    revision: Annotated[int, Field(ge=1)]
    at: Instant
    exercise: bool = False
    severity: Severity
    check: Check | None = None
    suggested_response: ShortText | None = None
    plate: ShortText | None = None
    plate_country: CountryCode | None = None
