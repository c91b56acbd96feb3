"""The exported schemas are the models', and a change that would break a device or a receiver is found."""

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from factory import an_alert
from refusals import EXAMPLES

from schemas.codec import decode, encode
from schemas.devices import Notice
from schemas.json_schema import breaks, json_schemas, published

Schema = dict[str, Any]


def test_the_exported_schemas_are_those_of_the_models_and_break_nobody() -> None:
    assert breaks(published(), json_schemas()) == []
    assert published() == json_schemas(), "`make schemas` writes them anew"


@pytest.mark.parametrize("path", sorted((EXAMPLES / "accepted").iterdir()), ids=lambda path: path.stem)
def test_every_type_has_an_example_that_both_the_schema_and_the_model_accept(path: Any) -> None:
    jsonschema_rs.validator_for(published()[path.stem]).validate(json.loads(path.read_bytes()))
    if path.stem == "notice":
        assert json.loads(encode(Notice.model_validate_json(path.read_bytes())))["type"] == "notice"
    else:
        message = decode(path.read_bytes(), from_operations=True)
        assert message.type == path.stem
        assert decode(encode(message), from_operations=True) == message


def test_there_is_an_example_or_a_builder_for_every_schema() -> None:
    assert {path.stem for path in (EXAMPLES / "accepted").iterdir()} | {"alert"} == published().keys()
    jsonschema_rs.validator_for(published()["alert"]).validate(json.loads(encode(an_alert())))


def changed(change: Callable[[dict[str, Schema]], object]) -> list[str]:
    new = copy.deepcopy(published())
    change(new)
    return breaks(published(), new)


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda new: new.pop("bulletin"), "bulletin: is gone"),
        (lambda new: new["sighting"]["properties"].pop("lane"), "sighting.lane: is not accepted any more"),
        (lambda new: new["sighting"]["required"].append("lane"), "sighting.lane: is required now"),
        (
            lambda new: new["incident"]["properties"]["kind"]["enum"].remove("wanted_vehicle"),
            "incident.kind: does not take wanted_vehicle any more",
        ),
        (
            lambda new: new["incident"]["properties"]["vehicles"].update(maxItems=10),
            "incident.vehicles: maxItems is lower",
        ),
        (
            lambda new: new["incident"]["$defs"]["Vehicle"]["properties"]["plate"].update(pattern="^[A-Z]+$"),
            "incident.vehicles[].plate: has another pattern",
        ),
        (
            lambda new: new["station_status"]["properties"]["spool_events"].update(type="string"),
            "station_status.spool_events: was integer, is string",
        ),
        (lambda new: new["alert"]["properties"].pop("summary"), "alert.summary: is gone"),
        (lambda new: new["alert"]["required"].remove("score"), "alert.score: may be absent now"),
    ],
)
def test_a_change_that_would_break_somebody_is_named(change: Callable[[Any], object], found: str) -> None:
    assert found in changed(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda new: new["sighting"]["properties"].update(speed={"type": "number"}),
        lambda new: new["incident"]["properties"]["kind"]["enum"].append("theft"),
        lambda new: new["incident"]["required"].remove("kind"),
        lambda new: new["incident"]["properties"]["vehicles"].update(maxItems=1000),
        lambda new: new["alert"]["properties"].update(more={"type": "string"}),
        lambda new: new.update(rumour={"type": "object"}),
    ],
)
def test_a_change_that_breaks_nobody_is_let_through(change: Callable[[Any], object]) -> None:
    assert changed(change) == []


def test_an_older_minor_is_read_and_a_newer_one_as_far_as_it_is_known() -> None:
    example = json.loads((EXAMPLES / "accepted" / "sighting.json").read_bytes())
    for version in ("1.0", "1.7", "1.42"):
        assert decode(json.dumps(example | {"schema_version": version}).encode()).schema_version == version
