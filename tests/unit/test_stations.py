"""The station registry, plates and topics."""

from pathlib import Path

import pytest

from schemas import plates, stations, topics
from schemas.errors import ConfigurationError, UnknownStationError
from streams.rules import DEFAULT_RULES, load_rules


def test_both_sides_of_a_crossing_are_stations_and_one_place() -> None:
    near, far = stations.station("SI-OBR"), stations.station("HR-BRE")
    assert (near.name, near.country, near.other_country) == ("Obrežje", "SI", "HR")
    assert (far.name, far.country, far.other_country) == ("Bregana", "HR", "SI")
    assert near.place == far.place == "HR-BRE/SI-OBR"
    assert stations.station("SI-GRU").place != near.place


def test_the_registry_has_every_crossing_of_the_file_in_the_region() -> None:
    registry = stations.registry()
    assert len(registry) == 132
    assert all(code.startswith(station.country + "-") for code, station in registry.items())
    assert all(39 < station.latitude < 47.5 and 13 < station.longitude < 24 for station in registry.values())


def test_an_unknown_station_is_an_error() -> None:
    with pytest.raises(UnknownStationError, match="'SI-XXX'"):
        stations.station("SI-XXX")


@pytest.mark.parametrize(
    ("written", "compared"),
    [("lj ab-123", "LJAB123"), ("LJ·AB.123", "LJAB123"), ("Ⅻ-1", "XII1"), ("ŠI 001-AA", "ŠI001AA"), ("---", "")],
)
def test_plates_are_compared_without_case_and_separators(written: str, compared: str) -> None:
    assert plates.normalise(written) == compared


def test_topics_that_workers_read_together_have_the_same_partitions_and_none_is_named_twice() -> None:
    assert len({topic.name for topic in topics.CATALOGUE}) == len(topics.CATALOGUE)
    assert topics.CASEBOOK_STATE.partitions == topics.CASEBOOK.partitions == 1
    assert topics.CASEBOOK_STATE.config["cleanup.policy"] == "compact"
    assert topics.SIGHTINGS.config["retention.ms"] == topics.PASSAGES.config["retention.ms"] == str(7 * 86_400_000)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not YAML"),
        ("version: a", "severity: Field required"),
        (
            DEFAULT_RULES.read_text().replace("window_days: 90", "window_days: -1"),
            "line 31: repeat_vehicle.window_days: should be greater than 0",
        ),
        (
            DEFAULT_RULES.read_text().replace("several_places:", "plate_country:"),
            "repeat_vehicle.contributions.several_places: Field required",
        ),
        (DEFAULT_RULES.read_text() + "\nnationality: {RS: 0.1}\n", "nationality: Extra inputs are not permitted"),
    ],
)
def test_wrong_rules_are_refused_by_field(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "rules.yaml"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as caught:
        load_rules(path)
    assert str(path) in str(caught.value)
    assert complaint in str(caught.value)
