"""What the gateway answers: one outcome for a request, one result for each event.

ProducerError
└── GatewayError          a request that is not taken; carries its outcome
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from producers.errors import ProducerError
from schemas.errors import RefusalReason


class Outcome(StrEnum):
    """Closed list of what becomes of a request; each is also a metric label."""

    ACCEPTED = "accepted"
    MIXED = "mixed"
    REFUSED = "refused"
    NOT_JSON = "not_json"
    BROKEN_OFF = "broken_off"
    NO_TOKEN = "no_token"  # noqa: S105 - the name of an outcome
    OTHER_STATION = "other_station"
    OTHER_HOST = "other_host"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    WRONG_CONTENT_TYPE = "wrong_content_type"
    BUSY = "busy"
    NOT_ACKNOWLEDGED = "not_acknowledged"
    FAILED = "failed"


STATUS: Final[Mapping[Outcome, int]] = {
    Outcome.ACCEPTED: 202,
    Outcome.MIXED: 207,
    Outcome.REFUSED: 422,
    Outcome.NOT_JSON: 400,
    Outcome.BROKEN_OFF: 400,
    Outcome.NO_TOKEN: 401,
    Outcome.OTHER_STATION: 403,
    Outcome.OTHER_HOST: 403,
    Outcome.TOO_SLOW: 408,
    Outcome.TOO_LARGE: 413,
    Outcome.WRONG_CONTENT_TYPE: 415,
    Outcome.BUSY: 503,
    Outcome.NOT_ACKNOWLEDGED: 503,
    Outcome.FAILED: 500,
}
"""The HTTP status of each outcome."""


class GatewayError(ProducerError):
    """A request that is not taken. The text goes to whoever sent it, so it never repeats what was sent."""

    def __init__(self, outcome: Outcome, text: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(text)
        self.outcome = outcome
        self.headers = headers or {}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class Accepted(_Answer):
    """An event that Kafka has acknowledged."""

    index: int = Field(ge=0, description="position in the request, from 0")
    id: str
    status: Literal["accepted"] = "accepted"


class Refused(_Answer):
    """An event that is not accepted, and why."""

    index: int = Field(ge=0, description="position in the request, from 0")
    id: str | None = Field(default=None, description="the event's id, where it can be read")
    status: Literal["refused"] = "refused"
    reason: RefusalReason
    field: str = Field(description="dotted path of the field; empty for the whole event")
    text: str
    kept: bool = Field(
        description="whether it went whole into the dead letters, where it can be mended, "
        "and from where a danger to life is raised all the same"
    )


Result = Annotated[Accepted | Refused, Field(discriminator="status")]


class Results(_Answer):
    """The answer where every event was accepted."""

    results: tuple[Accepted, ...]


class Failure(_Answer):
    """The answer to everything else: what is wrong, and a result for each event as far as it came to that."""

    error: str
    results: tuple[Result, ...] = ()
