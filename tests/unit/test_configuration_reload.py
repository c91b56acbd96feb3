"""The configuration in force: read again when asked; a file that is wrong changes nothing and is told of."""

import os
import signal
from pathlib import Path

import pytest
from endpoints import a_contact_point
from prometheus_client import REGISTRY
from started import wait_until
from structlog.testing import capture_logs

from consumers.configuration import Configuration, Reloadable, ReloadStatus, load_configuration
from consumers.routing import load_routes
from infra.local_contact_points import write_local_contact_points
from schemas.errors import ConfigurationError

POINTS = {code: a_contact_point(code) for code in ("SI", "HR")}
GOOD = "routes: []\nfallback: [{code}]"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "routing.yaml"
    path.write_text(GOOD.format(code="SI"))
    return path


def a_reloadable(file: Path) -> Reloadable:
    return Reloadable(lambda: Configuration(load_routes(file, POINTS), POINTS))


def fallback(reloadable: Reloadable) -> tuple[str, ...]:
    return reloadable.in_force().table.fallback


def measured(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"border_consumers_configuration_{name}", labels) or 0


def test_a_changed_file_is_in_force_once_it_is_read_again(file: Path) -> None:
    reloadable = a_reloadable(file)
    before = measured("reloads_total", result="in_force")
    file.write_text(GOOD.format(code="HR"))
    assert fallback(reloadable) == ("SI",)
    assert reloadable.reload() is ReloadStatus.IN_FORCE
    assert fallback(reloadable) == ("HR",)
    assert measured("reloads_total", result="in_force") == before + 1
    assert measured("valid") == 1


@pytest.mark.parametrize("wrong", ["routes: []\nfallback: [SU]", "{", "routes: []\nfallback: []", None])
def test_a_file_that_is_wrong_changes_nothing_and_is_told_of_until_it_is_mended(file: Path, wrong: str | None) -> None:
    reloadable = a_reloadable(file)
    before = measured("reloads_total", result="refused")
    file.unlink()
    if wrong is not None:
        file.write_text(wrong)
    with capture_logs() as logs:
        assert reloadable.reload() is ReloadStatus.REFUSED
    assert fallback(reloadable) == ("SI",)
    assert [(line["event"], line["log_level"]) for line in logs] == [("configuration_refused", "error")]
    assert logs[0]["error"].startswith(f"{file}: ")
    assert measured("reloads_total", result="refused") == before + 1
    assert measured("valid") == 0

    file.write_text(GOOD.format(code="HR"))
    reloadable.reload()
    assert (fallback(reloadable), measured("valid")) == (("HR",), 1)


def test_at_the_start_a_file_that_is_wrong_is_refused(file: Path) -> None:
    file.write_text(GOOD.format(code="SU"))
    with pytest.raises(ConfigurationError, match=r"line 2: fallback\.0: SU is not a contact point"):
        a_reloadable(file)


def test_a_signal_has_it_read_again_however_often_it_comes(file: Path) -> None:
    reloadable = a_reloadable(file)
    kept = signal.signal(signal.SIGHUP, lambda *_: reloadable.ask())
    try:
        for code in ("HR", "SU", "SI", "HR"):
            file.write_text(GOOD.format(code=code))
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, kept)
    wait_until(lambda: fallback(reloadable) == ("HR",), 10)


def test_routes_and_contact_points_are_read_together(file: Path, tmp_path: Path) -> None:
    """A route to a contact point that another file has lost is found."""
    points = write_local_contact_points(tmp_path, "http://127.0.0.1:1")
    assert "SI" in load_configuration(file, points, {}).contact_points
    points.write_text(points.read_text().replace('"SI"', '"SK"'))
    with pytest.raises(ConfigurationError, match="SI is not a contact point"):
        load_configuration(file, points, {})
