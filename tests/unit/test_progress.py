"""How far a worker says that it is."""

import io

import pytest
from rich.console import Console

from infra.progress import progress_shown
from streams.batches.progress import Progress


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("streams.batches.progress.time.monotonic", lambda: now[0])
    return now


def test_recovery_is_told_until_it_is_over() -> None:
    progress = Progress()
    progress.recovering("a", 0, 10, 100)
    progress.recovering("a", 1, 5, 50)
    assert progress.said()["recovering"] == {"done": 15, "total": 150}
    progress.recovered("a", 0)
    assert progress.said()["recovering"] == {"done": 5, "total": 50}
    progress.recovered("a", 1)
    assert progress.said()["recovering"] is None


def test_the_time_left_comes_from_the_speed_of_the_last_seconds(clock: list[float]) -> None:
    progress = Progress()
    progress.behind("a", 1_000)
    assert progress.said()["seconds_to_current"] == 0, "there is no speed yet"
    clock[0] += 2
    progress.applied("a", 100)
    progress.behind("a", 900)
    assert progress.said() == {"recovering": None, "behind": 900, "seconds_to_current": 18}
    for _ in range(12):
        clock[0] += 1
        progress.applied("a", 10)
        progress.behind("a", 300)
    assert progress.said()["seconds_to_current"] == 30, "what was quicker before counts no more"
    progress.behind("a", 0)
    assert progress.said() == {"recovering": None, "behind": 0, "seconds_to_current": 0}


def test_a_terminal_sees_a_bar_for_each_step_and_a_file_a_line() -> None:
    shown = {}
    for terminal in (True, False):
        text = io.StringIO()
        with progress_shown(Console(file=text, force_terminal=terminal, width=80)) as on_progress:
            on_progress(0, 200, "casebook: recovering its state")
            on_progress(100, 200, "casebook: recovering its state")
            on_progress(200, 200, "casebook: recovering its state")
            on_progress(1, None, "something else")
        shown[terminal] = text.getvalue()
    assert shown[False] == (
        "casebook: recovering its state: 0%\ncasebook: recovering its state: 100%\nsomething else: under way\n"
    )
    assert "━" in shown[True]
    assert "100%" in shown[True]
