"""The messages as JSON Schema (draft 2020-12), for devices and receivers written in other languages.

`json/` holds them as they were published: a change of the models that would break a device or a
receiver is found by comparing (`inbound_breaks`, `outbound_breaks`). `python -m schemas.json_schema`
writes compatible changes and refuses others.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from schemas.alerts import Alert
from schemas.devices import Notice
from schemas.messages import ALL_MODELS

FOLDER: Final = Path(__file__).with_name("json")
INBOUND: Final[Mapping[str, type[BaseModel]]] = ALL_MODELS
OUTBOUND: Final[Mapping[str, type[BaseModel]]] = {"alert": Alert, "notice": Notice}

_LOWER_BOUNDS: Final = ("minimum", "minLength", "minItems")
_UPPER_BOUNDS: Final = ("maximum", "maxLength", "maxItems")
_UNBOUNDED: Final = float("inf")

Schema = Mapping[str, Any]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return the schema of every message by its type."""
    inbound = {name: _schema(name, model, "validation") for name, model in INBOUND.items()}
    return inbound | {name: _schema(name, model, "serialization") for name, model in OUTBOUND.items()}


def published() -> dict[str, dict[str, Any]]:
    """Return the schemas as they stand in `json/`."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}


def breaks(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """Return what of `new` would break a device or a receiver that was built on `old`."""
    found = [f"{name}: is gone" for name in old if name not in new]
    for name in old.keys() & new.keys():
        compare = inbound_breaks if name in INBOUND else outbound_breaks
        found += [f"{name}{path}" for path in compare(old[name], new[name])]
    return sorted(found)


def inbound_breaks(old: Schema, new: Schema) -> list[str]:
    """Return where a message that fitted the old schema would be refused by the new one."""
    return list(_narrowed(_whole(old), _whole(new), ""))


def outbound_breaks(old: Schema, new: Schema) -> list[str]:
    """Return what a receiver of the old schema relies on and does not find any more; additions break nobody."""
    return list(_missing(_whole(old), _whole(new), ""))


def _schema(name: str, model: type[BaseModel], mode: Any) -> dict[str, Any]:
    body = model.model_json_schema(mode=mode)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": name, **body}


def _whole(schema: Schema) -> Schema:
    """Return the schema with every reference replaced by what it names."""

    def replaced(part: Any) -> Any:
        if isinstance(part, dict):
            reference = part.get("$ref")
            if reference is not None:
                return replaced(schema["$defs"][reference.rsplit("/", 1)[-1]])
            return {key: replaced(value) for key, value in part.items() if key != "$defs"}
        return [replaced(one) for one in part] if isinstance(part, list) else part

    whole: Schema = replaced(schema)
    return whole


def _narrowed(old: Schema, new: Schema, path: str) -> Iterator[str]:
    choices = _choices(new)
    for before in _choices(old):
        problems = [list(_narrowed_form(before, after, path)) for after in choices]
        if all(problems):
            yield from min(problems, key=len)


def _choices(schema: Schema) -> list[Schema]:
    return list(schema.get("anyOf", [schema]))


def _narrowed_form(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if "type" in new and new["type"] not in {old.get("type"), _wider(old.get("type"))}:
        yield f"{path}: was {old.get('type')}, is {new['type']}"
        return
    gone = _values(old) - _values(new) if _values(new) else set()
    if gone or (_values(new) and not _values(old)):
        yield f"{path}: does not take {', '.join(map(str, sorted(gone))) or 'every text'} any more"
    yield from _tightened(old, new, path)
    for name in set(new.get("required", ())) - set(old.get("required", ())):
        yield f"{path}.{name}: is required now"
    for name, before in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from _narrowed(before, new["properties"][name], f"{path}.{name}")
        elif new.get("additionalProperties") is False:
            yield f"{path}.{name}: is not accepted any more"
    if "items" in old and "items" in new:
        yield from _narrowed(old["items"], new["items"], f"{path}[]")


def _tightened(old: Schema, new: Schema, path: str) -> Iterator[str]:
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{path}: has another pattern"
    for bound in _LOWER_BOUNDS:
        if new.get(bound, -_UNBOUNDED) > old.get(bound, -_UNBOUNDED):
            yield f"{path}: {bound} is higher"
    for bound in _UPPER_BOUNDS:
        if new.get(bound, _UNBOUNDED) < old.get(bound, _UNBOUNDED):
            yield f"{path}: {bound} is lower"


def _missing(old: Schema, new: Schema, path: str) -> Iterator[str]:
    before, after = _choices(old)[0], _choices(new)[0]
    if before.get("type") != after.get("type"):
        yield f"{path}: was {before.get('type')}, is {after.get('type')}"
    for name in set(before.get("required", ())) - set(after.get("required", ())):
        yield f"{path}.{name}: may be absent now"
    for name, field in before.get("properties", {}).items():
        if name not in after.get("properties", {}):
            yield f"{path}.{name}: is gone"
        else:
            yield from _missing(field, after["properties"][name], f"{path}.{name}")
    if "items" in before and "items" in after:
        yield from _missing(before["items"], after["items"], f"{path}[]")


def _values(schema: Schema) -> set[Any]:
    return {schema["const"]} if "const" in schema else set(schema.get("enum", ()))


def _wider(kind: str | None) -> str | None:
    return "number" if kind == "integer" else None


def main() -> int:
    """Write `json/` anew, unless that would break somebody."""
    new = json_schemas()
    broken = breaks(published(), new)
    for text in broken:
        sys.stderr.write(f"would break what was built on the published schemas: {text}\n")
    if not broken:
        FOLDER.mkdir(exist_ok=True)
        for name, schema in new.items():
            text = json.dumps(schema, ensure_ascii=False, indent=2)
            (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
