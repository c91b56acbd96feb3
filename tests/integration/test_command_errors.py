"""What the command line says where nothing runs, or a setting is wrong."""

from pathlib import Path

import pytest
from command_line import EXAMPLES, brdo

pytest_plugins = ["running_system"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("doctor",), ""),
        (("topics",), "error: nothing runs on "),
        (("address", "kafka"), "error: nothing runs on "),
        (("address", "gateway"), "error: no gateway runs on "),
        (("publish", str(EXAMPLES)), "error: nothing runs on "),
        (("publish", "-"), "error: nothing runs on "),
        (("watch", "--contact-point", "SI", "--once"), "error: no database runs on "),
        (
            ("replay", str(EXAMPLES), "--offline", "--alerts", "/dev/null/x"),
            "error: /dev/null/x cannot be written: File exists",
        ),
        (("run", "intake"), "error: BRDO_KAFKA_BOOTSTRAP is needed to run a single process"),
        (("run", "delivery"), "error: BRDO_DATABASE_URL is needed to run a single process"),
    ],
)
def test_where_nothing_runs_an_error_says_what_to_do(
    environment: dict[str, str], tmp_path: Path, arguments: tuple[str, ...], complaint: str
) -> None:
    done = brdo({**environment, "BRDO_DATA_DIR": str(tmp_path)}, *arguments)
    assert done.returncode == 1
    assert done.stderr.startswith(complaint)
    assert "Traceback" not in done.stderr


def test_a_traceback_only_with_debug(environment: dict[str, str], tmp_path: Path) -> None:
    quiet = brdo({**environment, "BRDO_DATA_DIR": str(tmp_path)}, "topics")
    loud = brdo({**environment, "BRDO_DATA_DIR": str(tmp_path)}, "--debug", "topics")
    assert ("Traceback" in quiet.stderr, "Traceback" in loud.stderr) == (False, True)


def test_config_show_names_every_origin_and_no_secret(environment: dict[str, str], tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("postgresql+psycopg://brdo:open-sesame@127.0.0.1/brdo\n")
    done = brdo({**environment, "BRDO_DATABASE_URL_FILE": str(secret), "BRDO_LOG_LEVEL": "debug"}, "config", "show")
    assert done.returncode == 0
    assert "open-sesame" not in done.stdout
    rows = {line.split("│")[1].strip(): line for line in done.stdout.splitlines() if line.startswith("│")}
    assert "file " in rows["BRDO_DATABASE_URL"]
    assert "environment" in rows["BRDO_LOG_LEVEL"]
    assert "default" in rows["BRDO_WEBHOOK_TIMEOUT_SECONDS"]


@pytest.mark.parametrize(
    ("variable", "value", "complaint"),
    [
        ("BRDO_KAFKA_BOOTSTRP", "x:1", "error: BRDO_KAFKA_BOOTSTRP is not a setting"),
        ("BRDO_HEALTH_PORT", "70000", "error: BRDO_HEALTH_PORT Input should be less than or equal to 65535"),
        ("BRDO_DATABASE_URL_FILE", "/nowhere", "error: BRDO_DATABASE_URL_FILE names a file that cannot be read"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], variable: str, value: str, complaint: str) -> None:
    done = brdo({**environment, variable: value}, "config", "show")
    assert done.returncode == 1
    assert done.stderr.startswith(complaint)
