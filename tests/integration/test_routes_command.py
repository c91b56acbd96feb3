"""`brdo routes`: who would be told, and why, before anybody is."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import BRDO, EXAMPLES, brdo
from factory import a_vehicle, an_alert, an_incident, as_line, at

pytest_plugins = ["running_system"]

TREE = """
times: {night: {from: 22:00, to: 06:00, timezone: Europe/Ljubljana}}
routes:
  - name: lives
    match: {kinds: [life_at_risk]}
    to: [FRONTEX]
    routes:
      - {name: Horgos, match: {places: [HU-ROS/RS-HOR]}, to: [HU, RS], continue: true}
      - {name: by night, when: [night], to: [EUROPOL]}
  - {name: "[red]others", to: ["@places"]}
fallback: [EUROPOL]
"""
LIFE = an_incident(id="L-1", station="HU-ROS", life_at_risk=True, occurred_at=at())


@pytest.fixture
def alone(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Return an environment in which nothing runs, and whose routes are the tree."""
    path = tmp_path / "routing.yaml"
    path.write_text(TREE)
    return {**environment, "BRDO_DATA_DIR": str(tmp_path), "BRDO_ROUTES": str(path)}


def written(tmp_path: Path, *events: dict[str, Any]) -> str:
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(map(as_line, events)))
    return str(file)


def test_events_are_run_through_and_each_alert_says_who_gets_it_and_why(alone: dict[str, str], tmp_path: Path) -> None:
    pair = [an_incident(id=f"P-{day}", station="SI-OBR", occurred_at=at(day), vehicles=[a_vehicle()]) for day in (1, 2)]
    file = written(tmp_path, LIFE, *pair)
    done = brdo(alone, "routes", "test", file, "--json")
    assert done.returncode == 0, done.stderr
    said = {one["kind"]: one["told"] for one in map(json.loads, done.stdout.splitlines())}
    assert {kind: [one["contact_point"] for one in told] for kind, told in said.items()} == {
        "life_at_risk": ["HU", "RS"],
        "repeat_vehicle": ["SI", "HR"],
    }
    assert said["life_at_risk"][0] == {
        "contact_point": "HU",
        "view": "full",
        "view_reason": "no_restriction",
        "reason": "named",
        "route": "Horgos",
        "texts": ["Route “Horgos” names HU for alerts like this."],
    }
    shown = brdo(alone, "routes", "test", file)
    assert shown.returncode == 0
    assert "[red]others" in shown.stdout, "what stands in a file is no markup"
    assert "Obrežje (SI) is one of the places, and this is its other side." in " ".join(shown.stdout.split("│"))
    assert shown.stdout.splitlines()[-1] == "2 alerts stand."


def test_it_reads_its_input_and_takes_other_routes(environment: dict[str, str], tmp_path: Path) -> None:
    routes = tmp_path / "new.yaml"
    routes.write_text("routes: []\nfallback: [IT]")
    done = subprocess.run(
        [*BRDO, "routes", "test", "-", "--routes", str(routes), "--json"],
        env={**environment, "BRDO_DATA_DIR": str(tmp_path)},
        input=as_line(LIFE),
        capture_output=True,
        check=True,
    )
    (one,) = map(json.loads, done.stdout.splitlines())
    assert [(told["contact_point"], told["reason"]) for told in one["told"]] == [("IT", "fallback")]


def test_a_file_that_is_not_there_is_named(alone: dict[str, str]) -> None:
    done = brdo({**alone, "COLUMNS": "200"}, "routes", "test", "nowhere.jsonl")
    assert done.returncode == 2
    assert "file 'nowhere.jsonl' does not exist, or cannot be read." in done.stderr


def test_what_others_may_not_see_is_said(alone: dict[str, str], tmp_path: Path) -> None:
    """Each reader's edition apart; of a danger to life under H2 all learn what protects."""
    secret = an_incident(station="HU-ROS", life_at_risk=True, handling="H2")
    done = brdo(alone, "routes", "test", written(tmp_path, secret), "--json")
    told = [one for line in done.stdout.splitlines() for one in json.loads(line)["told"]]
    assert {one["contact_point"]: one["view"] for one in told} == {"HU": "full", "RS": "protection_extract"}


def test_refused_events_are_named_and_the_rest_is_shown(alone: dict[str, str]) -> None:
    done = brdo(alone, "routes", "test", str(EXAMPLES))
    assert done.returncode == 1
    refused = [line for line in done.stderr.splitlines() if line.startswith("refused: ")]
    assert len(refused) == 2, done.stderr
    assert "life_at_risk" in done.stdout


def test_an_alert_is_walked_through_the_tree(alone: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "alert.json"
    file.write_text(an_alert(LIFE, updated_at="2026-05-20T12:00:00Z").model_dump_json(exclude_none=True))
    done = brdo(alone, "routes", "explain", str(file), "--json")
    assert done.returncode == 0, done.stderr
    (said,) = map(json.loads, done.stdout.splitlines())
    assert [(one["route"], one["depth"], one["status"], one["unmet"]) for one in said["routes"]] == [
        ("lives", 0, "passes_on", None),
        ("Horgos", 1, "tells", None),
        ("by night", 1, "unmet", "when"),
        ("[red]others", 0, "after_another", None),
    ]
    assert [one["contact_point"] for one in said["told"]] == ["HU", "RS"]
    shown = brdo(alone, "routes", "explain", str(file)).stdout
    assert "when: night; the revision is of Wednesday 2026-05-20 12:00 UTC" in shown
    assert "not tried: one before it applies, and does not say `continue`" in shown
    assert "[red]others" in shown


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "error: {file}: cannot be read: No such file or directory; an id is al- and 20 hexadecimal digits"),
        ("{}", "error: {file}: is no alert: id: Field required"),
        ("QX777QX", "error: {file}: is no alert: the file: Invalid JSON: expected value at line 1 column 1"),
    ],
)
def test_what_is_no_alert_is_refused_without_repeating_it(
    alone: dict[str, str], tmp_path: Path, text: str | None, complaint: str
) -> None:
    file = tmp_path / "alert.json"
    if text is not None:
        file.write_text(text)
    done = brdo(alone, "routes", "explain", str(file))
    assert (done.returncode, done.stderr.strip()) == (1, complaint.format(file=file))


def test_without_a_database_an_id_says_what_to_do(alone: dict[str, str]) -> None:
    done = brdo(alone, "routes", "explain", f"al-{0:020}")
    assert done.returncode == 1
    assert done.stderr.startswith("error: no database runs on ")


@pytest.mark.parametrize("arguments", [("routes", "test", str(EXAMPLES)), ("doctor",)])
def test_a_file_that_is_wrong_is_named_with_line_and_field(alone: dict[str, str], arguments: tuple[str, ...]) -> None:
    path = Path(alone["BRDO_ROUTES"])
    path.write_text(TREE.replace("[HU, RS]", "[HU, SU]"))
    done = brdo({**alone, "COLUMNS": "400"}, *arguments)
    assert done.returncode == 1
    assert f"{path}: line 8: routes.0.routes.0.to.1: SU is not a contact point" in done.stdout + done.stderr
