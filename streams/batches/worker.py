"""The process that runs an app, and that always ends: Faust's own shutdown can hang (faust-streaming #324)."""

import asyncio
import gc
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

import faust
import structlog

from streams.batches.app import BatchApp

EXIT_CODE: Final = 70
"""`EX_SOFTWARE` of sysexits.h: the supervisor starts the worker anew, which resumes from its durable state."""
_STOP_SECONDS: Final = 6.0
_GC_THRESHOLDS: Final = 50_000, 20, 50
"""A batch is thousands of objects that live for a moment: Python's own 700 would look at all of them many times."""

log = structlog.get_logger()


class _Worker(faust.Worker):
    def _schedule_shutdown(self, signal: Any) -> None:
        _end_within(_STOP_SECONDS, 0)
        super()._schedule_shutdown(signal)

    def on_worker_shutdown(self) -> None:
        _end_within(_STOP_SECONDS, EXIT_CODE)
        super().on_worker_shutdown()


def run_worker(make_app: Callable[[], BatchApp]) -> NoReturn:
    """Run the app until a signal, in a loop of its own."""
    gc.set_threshold(*_GC_THRESHOLDS)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = make_app()
    worker = _Worker(app, quiet=True, override_logging=False, redirect_stdouts=False, loop=loop, workdir=Path.cwd())
    worker.spinner = None  # it writes control characters among the log's lines
    worker.execute_from_commandline()


def end_process(error: BaseException) -> NoReturn:
    """End at once: nothing that is not durable was committed, so a new start takes it up again."""
    log.error("worker_failed", error=type(error).__name__)
    os._exit(EXIT_CODE)


def _end_within(seconds: float, code: int) -> None:
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()
