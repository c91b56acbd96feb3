"""What the gateway says of itself at `/openapi.json`: the forms of requests and every answer there is."""

import json
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from producers.gateway.answers import Failure, Results
from producers.gateway.body import LARGEST_BODY_BYTES, MOST_EVENTS, Form
from schemas.messages import MODELS
from schemas.stations import registry
from schemas.topics import LARGEST_EVENT_BYTES

_REFERENCE: Final = "#/components/schemas/{model}"
_FAILURES: Final = {
    "207": "some events accepted and acknowledged by Kafka, others refused",
    "400": "not JSON, neither an object nor an array, or no event in it; a single event is kept all the same",
    "401": "no bearer token, or an unknown one",
    "403": "an event speaks for another station than the token's, or the request was not meant for this machine; "
    "nothing was taken",
    "408": "the body did not come in time",
    "413": f"more than {LARGEST_BODY_BYTES} bytes or {MOST_EVENTS} events; nothing was taken",
    "415": "another content type, another character set than UTF-8, or compressed",
    "422": "all events refused",
    "500": "the gateway failed; nothing is promised, send the same again",
    "503": "Kafka does not acknowledge, or too many requests at once; nothing is promised, send the same again: "
    "an event with the same id and the same content counts once",
}
_EXAMPLES: Final[tuple[dict[str, Any], ...]] = (
    {
        "type": "incident",
        "schema_version": "1.0",
        "id": "SI-OBR-2026-0001",
        "station": "SI-OBR",
        "occurred_at": "2026-05-01T08:10:00+02:00",
        "kind": "migrant_smuggling",
        "vehicles": [{"plate": "LJ 0000-XX", "plate_country": "SI"}],
        "people": {"smuggled": 4},
    },
    {
        "type": "sighting",
        "schema_version": "1.0",
        "id": "SI-OBR-C-0001",
        "station": "SI-OBR",
        "occurred_at": "2026-05-01T09:00:00+02:00",
        "vehicle": {"plate": "LJ0000XX", "plate_country": "SI"},
    },
)


def describe(path: str, *, by_token: bool) -> dict[str, Any]:
    """Return the OpenAPI document (3.1)."""
    document: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Border alert network: the way in",
            "version": "1",
            "description": "Events of border stations. Idempotent by id: the same event may be sent again.",
        },
        "paths": {path: {"post": _operation()}},
        "components": {"schemas": _schemas()},
    }
    if by_token:
        document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        document["paths"][path]["post"]["security"] = [{"token": []}]
    return document


def _operation() -> dict[str, Any]:
    event = {
        "oneOf": [{"$ref": _REFERENCE.format(model=model.__name__)} for model in MODELS.values()],
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: _REFERENCE.format(model=model.__name__) for name, model in MODELS.items()},
        },
    }
    events = {"type": "array", "items": event, "minItems": 1, "maxItems": MOST_EVENTS}
    lines = "".join(json.dumps(one) + "\n" for one in _EXAMPLES)
    return {
        "operationId": "send_events",
        "summary": "Send one event or a batch",
        "description": f"At most {MOST_EVENTS} events and {LARGEST_BODY_BYTES} bytes, each event at most "
        f"{LARGEST_EVENT_BYTES} bytes. Each event is judged by itself. A refused one is kept whole "
        "in the dead letters unless it is too large.",
        "requestBody": {
            "required": True,
            "content": {
                Form.JSON.value: {
                    "schema": {"anyOf": [event, events]},
                    "examples": {"one": {"value": _EXAMPLES[0]}, "batch": {"value": list(_EXAMPLES)}},
                },
                Form.LINES.value: {
                    "schema": {"type": "string", "description": "one event a line"},
                    "examples": {"lines": {"value": lines}},
                },
            },
        },
        "responses": {
            "202": _answer("all events accepted and acknowledged by Kafka", Results.__name__),
            **{status: _answer(text, Failure.__name__) for status, text in _FAILURES.items()},
        },
    }


def _answer(text: str, model: str) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "description": text,
        "content": {"application/json": {"schema": {"$ref": _REFERENCE.format(model=model)}}},
    }
    if text == _FAILURES["503"]:
        answer["headers"] = {"Retry-After": _header("seconds until it is worth trying again", "integer")}
    if text == _FAILURES["401"]:
        answer["headers"] = {"WWW-Authenticate": _header("the scheme: Bearer", "string")}
    return answer


def _header(text: str, kind: str) -> dict[str, Any]:
    return {"description": text, "required": True, "schema": {"type": kind}}


def _schemas() -> dict[str, Any]:
    inbound = [(model, "validation") for model in MODELS.values()]
    answers = [(Results, "serialization"), (Failure, "serialization")]
    _, schemas = models_json_schema([*inbound, *answers], ref_template=_REFERENCE)  # type: ignore[list-item]
    found: dict[str, Any] = schemas["$defs"]
    for model in MODELS.values():
        fields = found[model.__name__]["properties"]
        if "station" in fields:
            fields["station"]["enum"] = sorted(registry())
    return found
