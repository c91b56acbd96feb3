"""Reading and writing events: JSON Lines in files, CloudEvents 1.0 binary mode on Kafka.

In binary mode (CloudEvents Kafka protocol binding 1.0.2, section 3.2) the attributes travel as
headers prefixed ``ce_`` and the value is the event's JSON alone.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, assert_never

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from schemas import topics
from schemas.alerts import Alert
from schemas.errors import Refusal, RefusalReason
from schemas.events import EVENT_TYPES, AnyEvent, Incident, Sighting

SPECIAL_CATEGORIES: Final = frozenset(
    {
        "race",
        "ethnic_origin",
        "ethnicity",
        "religion",
        "political_opinion",
        "political_opinions",
        "health",
        "sexual_orientation",
        "sex_life",
        "biometrics",
        "biometric",
        "fingerprints",
        "genetic",
        "union_membership",
        "trade_union",
    }
)
"""Field names that ask for data of Directive (EU) 2016/680 Art. 10."""

_REASONS: Final = {
    "missing": RefusalReason.MISSING_FIELD,
    "extra_forbidden": RefusalReason.UNKNOWN_FIELD,
    "naive_time": RefusalReason.NAIVE_TIME,
    "unknown_station": RefusalReason.UNKNOWN_STATION,
    "json_invalid": RefusalReason.BROKEN_JSON,
}


@dataclass(frozen=True, slots=True)
class Record:
    """A Kafka record to be: topic, key, value and headers."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...] = ()


def decode(value: bytes | None) -> AnyEvent:
    """Return the event that these bytes say; raises `Refusal` with the first thing that is wrong."""
    if not value:
        raise Refusal(RefusalReason.EMPTY_RECORD, "", "the record has no value")
    if len(value) > topics.LARGEST_EVENT_BYTES:
        raise Refusal(RefusalReason.TOO_LARGE, "", f"the event is larger than {topics.LARGEST_EVENT_BYTES} bytes")
    try:
        model = _model_for(_parse(value))
        return model.model_validate_json(value)
    except ValidationError as error:
        raise _refusal(error.errors(include_input=False, include_url=False)[0]) from None


def decode_incident(value: bytes | None) -> Incident:
    """Return the incident that these bytes say; raises `Refusal`, for other types too."""
    event = decode(value)
    if not isinstance(event, Incident):
        raise Refusal(RefusalReason.UNKNOWN_TYPE, "type", "must be incident here")
    return event


def encode(message: BaseModel) -> bytes:
    """Return the JSON that goes on the wire: absent fields left out, so that equal content gives equal bytes."""
    return message.model_dump_json(exclude_none=True, exclude_defaults=not isinstance(message, Alert)).encode()


def event_record(event: AnyEvent) -> Record:
    """Return the record that publishes `event`, keyed by station so that a station's events keep their order."""
    match event:
        case Incident():
            topic = topics.INCIDENTS.name
        case Sighting():
            topic = topics.SIGHTINGS.name
        case _:
            assert_never(event)
    return Record(topic, event.station.encode(), encode(event), tuple(_cloud_headers(event).items()))


def alert_record(alert: Alert) -> Record:
    """Return the record that publishes one revision, keyed by alert so that its revisions keep their order."""
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": f"{alert.id}:{alert.revision}".encode(),
        "ce_source": b"streams",
        "ce_type": alert.type.encode(),
        "ce_time": alert.updated_at.isoformat().encode(),
        "content-type": b"application/json",
    }
    return Record(topics.ALERTS.name, alert.id.encode(), encode(alert), tuple(headers.items()))


def json_lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Return (line number from 1, line) for every line that is not blank."""
    for number, line in enumerate(text.split(b"\n"), start=1):
        if line.strip():
            yield number, line.strip()


def blanked(value: bytes, field: str) -> bytes:
    """Return the same JSON with the value at the dotted path replaced, for special-category data."""
    document = from_json(value)
    *parents, last = field.split(".")
    target = document
    for name in parents:
        target = target[int(name)] if isinstance(target, list) else target[name]
    target[last] = "[blanked]"
    return json.dumps(document, ensure_ascii=False).encode()


def _parse(value: bytes) -> Mapping[str, Any]:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(RefusalReason.INVALID_UTF8, "", f"byte {error.start} is not UTF-8") from None
    try:
        document = from_json(text, allow_inf_nan=False)
    except ValueError as error:
        raise Refusal(RefusalReason.BROKEN_JSON, "", f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise Refusal(RefusalReason.WRONG_TYPE, "", "an event is a JSON object")
    return document


def _model_for(document: Mapping[str, Any]) -> type[Incident] | type[Sighting]:
    version = document.get("schema_version")
    if isinstance(version, str) and version.split(".")[0].isdigit() and int(version.split(".")[0]) > 1:
        raise Refusal(
            RefusalReason.FUTURE_SCHEMA, "schema_version", "is of a later major version than 1, which is read here"
        )
    name = document.get("type")
    if name is None:
        raise Refusal(RefusalReason.MISSING_FIELD, "type", "is required")
    model = EVENT_TYPES.get(name) if isinstance(name, str) else None
    if model is None:
        raise Refusal(RefusalReason.UNKNOWN_TYPE, "type", f"must be one of: {', '.join(EVENT_TYPES)}")
    return model


def _refusal(detail: ErrorDetails) -> Refusal:
    kind, path = detail["type"], detail["loc"]
    field = ".".join(str(part) for part in path)
    if kind == "extra_forbidden":
        if str(path[-1]).lower() in SPECIAL_CATEGORIES:
            return Refusal(
                RefusalReason.SPECIAL_CATEGORY, field, "asks for special-category data, which is not accepted here"
            )
        return Refusal(RefusalReason.UNKNOWN_FIELD, field, "is not a field of this message")
    if kind == "missing":
        return Refusal(RefusalReason.MISSING_FIELD, field, "is required")
    fallback = RefusalReason.WRONG_TYPE if kind.endswith("_type") else RefusalReason.INVALID_VALUE
    text = detail["msg"].removeprefix("Input ").removeprefix("String ")
    return Refusal(_REASONS.get(kind, fallback), field, text)


def _cloud_headers(event: AnyEvent) -> dict[str, bytes]:
    return {
        "ce_specversion": b"1.0",
        "ce_id": event.id.encode(),
        "ce_source": event.station.encode(),
        "ce_type": event.type.encode(),
        "ce_time": event.occurred_at.isoformat().encode(),
        "content-type": b"application/json",
    }
