"""Progress of long steps: a bar with the time left in a terminal, a line now and then elsewhere."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from infra.services.progress import OnProgress

_LINE_EVERY_SECONDS: Final = 5.0


@contextmanager
def progress_shown(console: Console) -> Iterator[OnProgress]:
    """Give a callback (done, in all or None, label) that shows them, each label apart."""
    if not console.is_terminal:
        yield _Lines(console)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield _Bars(progress)


class _Bars:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, done: int, total: int | None, label: str) -> None:
        if label not in self._tasks:
            self._tasks[label] = self._progress.add_task(label, total=total)
        self._progress.update(self._tasks[label], completed=done, total=total)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._said_at: dict[str, float] = {}
        self._over: set[str] = set()

    def __call__(self, done: int, total: int | None, label: str) -> None:
        now = time.monotonic()
        if done != total:
            self._over.discard(label)
        elif label in self._over:
            return
        else:
            self._over.add(label)
        if now - self._said_at.get(label, 0.0) >= _LINE_EVERY_SECONDS or done == total:
            self._said_at[label] = now
            share = f"{done / total:.0%}" if total else "under way"
            self._console.print(f"{label}: {share}", highlight=False)
