"""Reading and writing messages as JSON, one a line in files."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, from_json

from schemas import topics
from schemas.alerts import Alert, Edition
from schemas.danger import Danger
from schemas.devices import Notice
from schemas.errors import Refusal, RefusalReason
from schemas.feedback import Retraction
from schemas.messages import ALL_MODELS, MODELS, AnyMessage
from schemas.operations import OPERATIONS
from schemas.special_categories import is_special

MAJOR: Final = 1
"""The version of the messages that is read here: every minor of it."""

_LONGEST_NAME: Final = 60
_REASONS: Final = {
    "missing": RefusalReason.MISSING_FIELD,
    "naive_time": RefusalReason.NAIVE_TIME,
    "unknown_station": RefusalReason.UNKNOWN_STATION,
}
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"

ModelT = TypeVar("ModelT", bound=BaseModel)


def decode(value: bytes | None, *, from_operations: bool = False) -> AnyMessage:
    """Return the message that these bytes say; raises `Refusal` with the first thing that is wrong.

    What operations alone may say is refused unless it comes `from_operations`.
    """
    if not value:
        raise Refusal(RefusalReason.EMPTY_RECORD, "", "the record has no value")
    if len(value) > topics.LARGEST_EVENT_BYTES:
        raise Refusal(RefusalReason.TOO_LARGE, "", f"the event is larger than {topics.LARGEST_EVENT_BYTES} bytes")
    model = _model_for(_parse(value), ALL_MODELS if from_operations else MODELS)
    try:
        message = model.model_validate_json(value)
    except ValidationError as error:
        raise refusal_of(error) from None
    if isinstance(message, Retraction) and message.originator == OPERATIONS and not from_operations:
        raise Refusal(RefusalReason.INVALID_VALUE, "originator", "is nobody who may say this here")
    return message


def decode_accepted(value: bytes | None) -> AnyMessage:
    """Return the message in bytes that `decode` accepted before, in about two thirds of the time.

    What only the text as it came can have wrong (a name that stands twice, depth, size) is not looked for
    again; whatever else is wrong is refused as `decode` does.
    """
    try:
        model = ALL_MODELS[orjson.loads(value or b"")["type"]]
        return model.model_validate_json(value or b"")
    except (ValueError, LookupError, TypeError):  # `decode` says what it is
        return decode(value, from_operations=True)


def decode_accepted_as(model: type[ModelT], value: bytes | None) -> ModelT:
    """Return the message of this model in bytes that `decode` accepted before; raises `Refusal` for everything else.

    As with `decode_accepted`, what only the text as it came can have wrong is not looked for again.
    """
    try:
        return model.model_validate_json(value or b"")
    except ValidationError:
        return decode_as(model, value)


def decode_as(model: type[ModelT], value: bytes | None) -> ModelT:
    """Return a message of this model; raises `Refusal`, for every other type too."""
    event = decode(value)
    if not isinstance(event, model):
        raise Refusal(RefusalReason.UNKNOWN_TYPE, "type", "is not the type that belongs here")
    return event


def encode(message: BaseModel) -> bytes:
    """Return the JSON that goes on the wire: absent fields left out, so that equal content gives equal bytes."""
    ours = isinstance(message, Alert | Danger | Edition | Notice)
    return message.model_dump_json(exclude_none=True, exclude_defaults=not ours).encode()


def json_lines(text: bytes) -> Iterator[tuple[int, bytes]]:
    """Return (line number from 1, line) for every line that is not blank."""
    for number, line in enumerate(text.removeprefix(_BYTE_ORDER_MARK).split(b"\n"), start=1):
        if line.strip():
            yield number, line.strip()


def _parse(value: bytes) -> Mapping[str, Any]:
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(RefusalReason.INVALID_UTF8, "", f"byte {error.start} is not UTF-8") from None
    try:
        from_json(text, allow_inf_nan=False, cache_strings=False)
    except ValueError as error:
        if "recursion limit" in str(error):
            raise Refusal(RefusalReason.TOO_DEEP, "", "is nested too deeply") from None
        raise Refusal(RefusalReason.BROKEN_JSON, "", f"not JSON: {error}") from None
    document = json.loads(text, object_pairs_hook=_once_each, parse_int=str, parse_float=str)
    if not isinstance(document, dict):
        raise Refusal(RefusalReason.WRONG_TYPE, "", "an event is a JSON object")
    return document


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the object; a name that stands twice is refused, because readers disagree on which one counts."""
    fields = dict(pairs)
    if len(fields) < len(pairs):
        twice = next(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
        raise Refusal(RefusalReason.DUPLICATE_FIELD, _shown(twice), "stands more than once in one object")
    return fields


def _model_for(document: Mapping[str, Any], models: Mapping[str, type[AnyMessage]]) -> type[AnyMessage]:
    version = document.get("schema_version")
    major = version.split(".")[0] if isinstance(version, str) else ""
    if major.isascii() and major.isdigit() and int(major[:9]) > MAJOR:
        raise Refusal(
            RefusalReason.FUTURE_SCHEMA,
            "schema_version",
            f"is of a later major version than {MAJOR}, which is read here",
        )
    name = document.get("type")
    if name is None:
        raise Refusal(RefusalReason.MISSING_FIELD, "type", "is required")
    model = models.get(name) if isinstance(name, str) else None
    if model is None:
        raise Refusal(RefusalReason.UNKNOWN_TYPE, "type", f"must be one of: {', '.join(models)}")
    return model


def refusal_of(error: ValidationError, within: str = "") -> Refusal:
    """Return what to say of the first thing that is wrong; special-category data comes before all else.

    `within` is the field in which the model stands that was checked.
    """
    details = error.errors(include_input=False, include_url=False)
    for one in details:
        if one["type"] == "extra_forbidden" and is_special(str(one["loc"][-1])):
            return Refusal(
                RefusalReason.SPECIAL_CATEGORY,
                _path(one, within),
                "asks for special-category data, which is not accepted here",
            )
    detail = details[0]
    kind, field = detail["type"], _path(detail, within)
    if kind == "extra_forbidden":
        return Refusal(RefusalReason.UNKNOWN_FIELD, field, "is not a field of this message")
    if kind == "missing":
        return Refusal(RefusalReason.MISSING_FIELD, field, "is required")
    fallback = RefusalReason.WRONG_TYPE if kind.endswith("_type") else RefusalReason.INVALID_VALUE
    text = detail["msg"].removeprefix("Input ").removeprefix("String ")
    return Refusal(_REASONS.get(kind, fallback), field, text)


def _path(detail: ErrorDetails, within: str) -> str:
    parts = filter(None, [within, *map(str, detail["loc"]), detail.get("ctx", {}).get("field")])
    return ".".join(map(_shown, parts))


def _shown(name: str) -> str:
    """Return a field's name fit for a header and a terminal, whatever the message called it."""
    return "".join(character if character.isprintable() else "?" for character in name[:_LONGEST_NAME])
