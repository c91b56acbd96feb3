"""Progress of long steps: a bar in a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from infra.services.jars import OnProgress

_LINE_EVERY_SECONDS: Final = 5.0


@contextmanager
def download_progress(console: Console) -> Iterator[OnProgress]:
    """Give a callback (bytes done, bytes in all or None, label) that shows them."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bar(progress)


class _Bar:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def __call__(self, done: int, total: int | None, label: str) -> None:
        if self._task is None:
            self._task = self._progress.add_task(label, total=total)
        self._progress.update(self._task, completed=done, total=total, description=label)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._said_at = 0.0

    def __call__(self, done: int, total: int | None, label: str) -> None:
        now = time.monotonic()
        if now - self._said_at >= _LINE_EVERY_SECONDS or done == total:
            self._said_at = now
            share = f" of {total / 1e6:.0f}" if total else ""
            self._console.print(f"{label}: {done / 1e6:.0f}{share} MB", highlight=False)
