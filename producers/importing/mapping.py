"""How the rows of a table become events: a file that names the columns, the fields, and how to read them.

See `producers/examples/incidents-map.yaml`. A field is a dotted path into the message (``vehicles.0.plate``); it
is held against the message's own form before anything is sent.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Self

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, model_validator

from producers.importing.cells import CellError, RowReason
from producers.importing.columns import Column, Part, Zone
from schemas.configuration import read_yaml
from schemas.messages import MODELS

SCHEMA_VERSION: Final = "1.0"

_PATH: Final = re.compile(r"[a-z_]+(\.([a-z_]+|[0-9]|[1-9][0-9]))*")
_OURS: Final = frozenset({"type", "schema_version"})
_ID_DIGITS: Final = 32
_ASCII: Final = bytes(range(128))

FieldPath = tuple[str, ...]


class RowError(ValueError):
    """A row that makes no event, the field it fails on, and why; the text repeats no cell."""

    def __init__(self, reason: RowReason, field: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.field = field
        self.text = text


def _encoding(name: str) -> str:
    try:
        if _ASCII.decode(name) == _ASCII.decode("ascii"):
            return name
    except (LookupError, UnicodeError):
        pass
    raise ValueError("is not an encoding of text that begins with ASCII, such as utf-8-sig or cp1250")


def _known_type(name: str) -> str:
    if name not in MODELS:
        raise ValueError(f"must be one of: {', '.join(MODELS)}")
    return name


def _short_form(said: object) -> object:
    return {"field": said} if isinstance(said, str) else said


Sign = Annotated[str, StringConstraints(pattern=r"^[ -~\t]$")]


class RowMap(Part):
    """A whole map.

    What stands in `constant` stands in every event, save that of a list's element, which stands
    only where the row itself fills that element. Without a column for `id`, the id is made from
    the row's content: the same row gives the same id, however often it is imported.
    """

    type: Annotated[str, AfterValidator(_known_type)]
    delimiter: Sign = ","
    quote: Sign = '"'
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8-sig"
    zone: Zone | None = None
    constant: dict[str, Any] = Field(default_factory=dict)
    columns: Annotated[dict[str, Annotated[Column, BeforeValidator(_short_form)]], Field(min_length=1)]

    @model_validator(mode="after")
    def _fields_are_the_messages_own(self) -> Self:
        schema = MODELS[self.type].model_json_schema()
        paths = [*self.constant, *(column.field for column in self.columns.values())]
        for path in paths:
            if not _PATH.fullmatch(path):
                raise ValueError(f"{path} is not a dotted path such as vehicles.0.plate")
            if path in _OURS:
                raise ValueError(f"{path} is filled by the import itself")
            if not _is_field(schema, schema, _parts(path)):
                raise ValueError(f"{path} is not a field of {self.type}")
        if "id" in self.constant:
            raise ValueError("id cannot be constant: all rows would be one event")
        ordered = sorted(map(_parts, paths))
        for one, other in pairwise(ordered):
            if other[: len(one)] == one:
                raise ValueError(f"{'.'.join(other)} is filled twice")
        return self

    @model_validator(mode="after")
    def _nothing_is_left_to_guess(self) -> Self:
        try:
            json.dumps(self.constant, allow_nan=False)
        except (TypeError, ValueError):
            raise ValueError("constant holds something that is not JSON") from None
        if self.delimiter == self.quote:
            raise ValueError("delimiter and quote are the same")
        for name, column in self.columns.items():
            if column.type == "time" and not (column.has_offset or column.zone or self.zone):
                raise ValueError(f"column {name} needs a zone, or the map one for all columns")
        return self

    def missing(self, header: Iterable[str]) -> list[str]:
        """Return the columns that the map names and the header does not have."""
        there = set(header)
        return [name for name in self.columns if name not in there]

    def event(self, row: Mapping[str, str]) -> bytes:
        """Return the JSON of the event that a row (cells by column) says; raises `RowError`."""
        filled: dict[FieldPath, Any] = {}
        for name, column in self.columns.items():
            try:
                value = column.read(row[name], self.zone)
            except CellError as error:
                raise RowError(error.reason, column.field, f"column {name} {error}") from None
            if value is not None:
                filled[_parts(column.field)] = value
        constant = {
            path: value
            for path, value in ((_parts(said), value) for said, value in self.constant.items())
            if self._has_its_element(path, filled)
        }
        values = {("type",): self.type, ("schema_version",): SCHEMA_VERSION, **constant, **filled}
        values.setdefault(("id",), self._id_of(row))
        return json.dumps(_nested(values), ensure_ascii=False, allow_nan=False).encode()

    @cached_property
    def _column_paths(self) -> tuple[FieldPath, ...]:
        return tuple(_parts(column.field) for column in self.columns.values())

    def _has_its_element(self, path: FieldPath, filled: Iterable[FieldPath]) -> bool:
        """Whether the row fills every element of a list that this field belongs to, as far as columns can fill it."""
        elements = [path[: end + 1] for end, part in enumerate(path) if part.isdigit()]
        return all(_any_below(one, filled) or not _any_below(one, self._column_paths) for one in elements)

    def _id_of(self, row: Mapping[str, str]) -> str:
        """Return an id made from everything that makes the event: other constants are another event."""
        content = [self.type, self.constant, {name: row[name] for name in self.columns}]
        text = json.dumps(content, ensure_ascii=True, sort_keys=True)
        return f"csv-{hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]}"


def load_map(path: Path) -> RowMap:
    """Return the map in this file; raises `schemas.errors.ConfigurationError`."""
    return read_yaml(path, RowMap)


def _parts(path: str) -> FieldPath:
    return tuple(path.split("."))


def _any_below(prefix: FieldPath, paths: Iterable[FieldPath]) -> bool:
    return any(path[: len(prefix)] == prefix for path in paths)


def _nested(values: Mapping[FieldPath, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return {name: _with_lists(node) for name, node in tree.items()}


def _with_lists(node: Any) -> Any:
    """Return the same with positions turned into lists; positions that the row left empty close up."""
    if not isinstance(node, dict):
        return node
    if node and all(name.isdigit() for name in node):
        return [_with_lists(node[name]) for name in sorted(node, key=int)]
    return {name: _with_lists(part) for name, part in node.items()}


def _is_field(whole: Mapping[str, Any], part: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Whether a JSON Schema has a field there."""
    if "$ref" in part:
        return _is_field(whole, whole["$defs"][part["$ref"].rsplit("/", 1)[1]], path)
    if "anyOf" in part:
        return any(_is_field(whole, one, path) for one in part["anyOf"])
    if not path:
        return True
    if path[0] in part.get("properties", {}):
        return _is_field(whole, part["properties"][path[0]], path[1:])
    return path[0].isdigit() and "items" in part and _is_field(whole, part["items"], path[1:])
