"""What all commands share: where they print, and how they reach the running system."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from rich.console import Console

from infra import wiring
from infra.settings import Settings
from infra.workers import Announcement, WorkerName

if TYPE_CHECKING:
    from infra.system import System

EXIT_FAILED: Final = 1

out = Console(soft_wrap=True)
err = Console(stderr=True, soft_wrap=True)


def bootstrap_address() -> str:
    """Return the Kafka in use; raises `infra.errors.NotRunningError`."""
    from infra.system import running_bootstrap

    settings = wiring.settings_from_environment()
    return settings.kafka_bootstrap or running_bootstrap(settings.data_dir)


def http_address(name: WorkerName) -> str:
    """Return where a process of the running system answers HTTP; raises `infra.errors.NotRunningError`."""
    from infra.errors import NotRunningError

    data_dir = wiring.settings_from_environment().data_dir
    announcement = Announcement.read(data_dir, name)
    if announcement is None or announcement.address is None:
        raise NotRunningError(f"no {name} runs on {data_dir}; start everything with `brdo up`, or it alone")
    return announcement.address


@contextmanager
def system_running(settings: Settings, names: Iterable[WorkerName]) -> "Iterator[System]":
    """Bring a system up, showing the progress of what is long, and down again."""
    from infra.logs import configure_console_logs
    from infra.progress import progress_shown
    from infra.system import running

    configure_console_logs()
    with ExitStack() as stack:
        with progress_shown(err) as on_progress:  # over once everything runs: its bar would stand among the alerts
            system = stack.enter_context(
                running(wiring.place(settings), names, on_progress, wiring.preparation(settings))
            )
        yield system


def harmless(text: str) -> str:
    """Return text from outside without what would steer the terminal."""
    return "".join(one if one.isprintable() or one == "\n" else f"\\x{ord(one):02x}" for one in text)
