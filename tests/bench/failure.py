"""Why a benchmark, or one system's run in it, gives no figure."""

from collections.abc import Callable

from rich.console import Console
from rich.markup import escape

from infra.services.errors import ServiceError


class BenchError(Exception):
    """Says what went wrong, and what to do where something can be done."""


def exit_status(main: Callable[[], int]) -> int:
    """Run a benchmark, and say in one line what could not be done; 2 where that ended it all."""
    try:
        return main()
    except (BenchError, ServiceError) as error:
        Console(stderr=True).print(f"[red]{escape(str(error))}[/red]", highlight=False)
        return 2
