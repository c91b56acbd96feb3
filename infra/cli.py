"""`brdo`."""

import typer

from infra import wiring
from infra.workers import WorkerName

app = typer.Typer()


@app.callback()
def top() -> None:
    """Border alert network."""


@app.command()
def run(name: WorkerName) -> None:
    """Run one process."""
    wiring.run_worker(name, wiring.settings_from_environment())


def main() -> None:
    """Run the command line."""
    app()


if __name__ == "__main__":
    main()
