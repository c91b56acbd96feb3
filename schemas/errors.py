"""Why a message is refused, and what else can go wrong in what all share.

SchemaError
├── Refusal                a message that cannot be accepted; carries reason, field and text
├── ConfigurationError     a configuration file does not say what it must
├── UnknownStationError    a code that is not in the station registry
└── mrz.MrzError           a machine readable zone that is misread
"""

from enum import StrEnum


class RefusalReason(StrEnum):
    """Closed list of refusal reasons; each is also a metric label and a dead letter's `reason`."""

    EMPTY_RECORD = "empty_record"
    TOO_LARGE = "too_large"
    INVALID_UTF8 = "invalid_utf8"
    BROKEN_JSON = "broken_json"
    DUPLICATE_FIELD = "duplicate_field"
    TOO_DEEP = "too_deep"
    UNKNOWN_TYPE = "unknown_type"
    FUTURE_SCHEMA = "future_schema"
    MISSING_FIELD = "missing_field"
    UNKNOWN_FIELD = "unknown_field"
    SPECIAL_CATEGORY = "special_category"
    WRONG_TYPE = "wrong_type"
    INVALID_VALUE = "invalid_value"
    NAIVE_TIME = "naive_time"
    TOO_FAR_AHEAD = "too_far_ahead"
    TOO_LATE = "too_late"
    UNKNOWN_STATION = "unknown_station"
    ID_CONFLICT = "id_conflict"
    RELAY_CYCLE = "relay_cycle"
    ENGINE_ERROR = "engine_error"


class SchemaError(Exception):
    """Base of every error raised by this package."""


class ConfigurationError(SchemaError):
    """A configuration file is wrong; the text names the file, the line and field where known, and the reason."""


class UnknownStationError(SchemaError):
    """A station code that is not in the registry."""


class Refusal(SchemaError):  # noqa: N818 - a refusal is the field's word for it
    """A message that is not accepted.

    `field` is a dotted path such as ``vehicles.0.plate`` ("" for the whole message).
    `text` is one sentence for the person who mends the message. It never repeats what the
    message said, because refusals are logged and counted where personal data must not appear.
    """

    def __init__(self, reason: RefusalReason, field: str, text: str) -> None:
        super().__init__(f"{field}: {text}" if field else text)
        self.reason = reason
        self.field = field
        self.text = text
