"""What the watch tells itself is read as it was written, and a sighting that is known by little comes through."""

from datetime import UTC, datetime
from typing import Any

import pytest
from factory import a_sighting, a_vehicle
from offline_rig import RULES, told

from schemas import topics
from streams.engine.roadside import Called, Met, Passed, Told, Travelled, read_told, write_told
from streams.offline import OfflineLine

NOON = datetime(2026, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
BARE = Passed(
    id="S-1", exercise=False, key="SI-OBR", place="HR-BRE/SI-OBR", heading="", drives=False,
    occurred_at=NOON, ingested_at=NOON,
)  # fmt: skip
MET = Met(
    exercise=True, subject="a1", place="HR-BRE/SI-OBR", own="S-1", own_key="ŠĐ12 (HR)", own_at=NOON,
    country="SI", plate="LJAB123", ingested_at=NOON,
)  # fmt: skip


TOLD = [BARE, Travelled("a1", BARE), MET, Called(key="ŠĐ12 (HR)", ids=("S-1", "S-2"))]


@pytest.mark.parametrize("one", TOLD, ids=type)
def test_what_is_told_is_read_as_it_was_written(one: Told) -> None:
    assert read_told(write_told(one)) == one


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"{",
        b"[]",
        write_told(BARE).replace(b'"passed"', b'"other"'),
        write_told(BARE).replace(b'"id":"S-1",', b""),
        write_told(BARE).replace(b'"drives"', b'"name":"x","drives"'),
        write_told(BARE).replace(b"0Z", b"0"),
    ],
    ids=["nothing", "broken", "no object", "unknown type", "no id", "unknown field", "no offset"],
)
def test_anything_else_is_an_error_of_its_value(value: bytes | None) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the library's
        read_told(value)


@pytest.mark.parametrize("sighting", [{"vehicle": None}, {"vehicle": a_vehicle(country=None)}], ids=str)
def test_a_sighting_without_a_known_plate_passes_the_roadside_too(sighting: dict[str, Any]) -> None:
    came = told(OfflineLine(RULES), a_sighting(id="S-1", **sighting))
    assert {record.topic for record in came} == {topics.PASSAGES.name, topics.ROADSIDE.name}
