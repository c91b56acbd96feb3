"""`brdo exercise` on a running system: by the gateway, Kafka, the engine, webhooks and mail, there and back again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import brdo
from post_offices import Post, read, running_post_office
from started import wait_until

from infra.services.ports import HOST

pytest_plugins = ["running_system"]

DUTIES = {
    "operations": {"email": "operations@brdo.example"},
    "fallback": ["EUROPOL"],
    "policy": {
        "critical": [{"after_minutes": 0.05, "whom": "on_duty"}, {"after_minutes": 600, "whom": "elsewhere"}],
    },
    "rotas": {
        "SI": {
            "timezone": "Europe/Ljubljana",
            "exercises": True,
            "officers": {"a.novak": {"email": "a.novak@si.example"}},
            "layers": [[{"officers": ["a.novak"]}]],
        }
    },
}


@pytest.fixture(scope="module")
def post() -> Post:
    return Post()


@pytest.fixture(scope="module")
def environment(
    environment: dict[str, str], post: Post, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    duties = tmp_path_factory.mktemp("duties") / "duties.yaml"
    duties.write_text(json.dumps(DUTIES), encoding="utf-8")  # JSON is YAML
    with running_post_office(post) as port:
        yield environment | {
            "BRDO_DUTIES": str(duties),
            "BRDO_PUBLIC_URL": "https://brdo.example",
            "BRDO_SMTP_HOST": HOST,
            "BRDO_SMTP_PORT": str(port),
            "BRDO_SMTP_SENDER": "alerts@brdo.example",
            "BRDO_SMTP_STARTTLS": "false",
        }


def reported(environment: dict[str, str], directory: Path) -> dict[str, dict[str, Any]]:
    """Return the report by contact point."""
    file = directory / "report.json"
    done = brdo(environment, "exercise", "report", "--json", str(file))
    assert done.returncode == 0, done.stderr
    return {line["contact_point"]: line for line in json.loads(file.read_text(encoding="utf-8"))["lines"]}


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("system")
def test_an_exercise_from_start_to_stop(environment: dict[str, str], post: Post, tmp_path: Path) -> None:
    none = brdo(environment, "exercise", "stop", "--author", "A. Novak")
    assert (none.returncode, none.stderr.strip()) == (1, "error: no exercise runs")

    started = brdo(environment, "exercise", "start", "--scenario", "sealed-van", "--author", "A. Novak")
    assert started.returncode == 0, started.stderr
    assert started.stdout.startswith("EXERCISE ex-")
    again = brdo(environment, "exercise", "start", "--scenario", "back-again", "--author", "B. Kos")
    assert (again.returncode, "runs already" in again.stderr) == (1, True)

    def told_and_called() -> bool:
        lines = reported(environment, tmp_path)
        return {"SI", "HR", "FRONTEX"} <= {code for code, one in lines.items() if one["channel"]} and len(
            post.taken
        ) == 1

    wait_until(told_and_called, 90)
    si = reported(environment, tmp_path)["SI"]
    assert (si["channel"], si["steps"][0]["told"]) == ("webhook", ["a.novak"])
    assert 0 < si["delay_seconds"] < 60

    stopped = brdo(environment, "exercise", "stop", "--author", "A. Novak")
    assert (stopped.returncode, "alerts withdrawn: 1." in stopped.stdout) == (0, True), stopped.stderr
    wait_until(lambda: len(post.taken) == 2, 60)
    subjects = [str(read(one)["Subject"]).split(": ") for one in post.taken]
    assert [[part.strip() for part in one[:2]] for one in subjects] == [
        ["EXERCISE", "NOT ANSWERED"],
        ["EXERCISE", "STAND DOWN"],
    ]
    shown = brdo(environment, "exercise", "report")
    assert "sealed-van" in shown.stdout
    assert "not answered" in shown.stdout
