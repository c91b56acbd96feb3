"""`brdo simulate`: border traffic, incidents and planted cases into a file, and the truth into another."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.commands.terminal import err, out


def simulate(  # noqa: PLR0913, PLR0917 - what a scenario consists of
    events: Annotated[Path, typer.Option(help="where the events go, in order of arrival, one JSON line each")],
    truth: Annotated[Path, typer.Option(help="where goes who everybody really is, and what was planted")],
    ends_at: Annotated[str, typer.Option(help="RFC 3339, with offset; nothing occurs later")],
    seed: Annotated[int, typer.Option(help="another seed, other places, plates, names and dates")] = 1,
    days: Annotated[int, typer.Option(help="how many days of incidents")] = 120,
    sightings: Annotated[int, typer.Option(help="how many, roughly")] = 100_000,
    incidents: Annotated[int, typer.Option(help="how many beside the planted cases, roughly")] = 2_000,
    sighting_days: Annotated[int, typer.Option(help="sightings lie in the last so many days; 0: in all")] = 7,
    cases: Annotated[int | None, typer.Option(help="sets of planted cases; by default after the incidents")] = None,
) -> None:
    """Write simulated traffic, incidents and planted cases; the same options give the same bytes.

    The two files are written anew where they exist.
    """
    from infra.errors import OutputError
    from infra.progress import progress_shown
    from producers.simulator import Scenario, ScenarioError, simulate

    try:
        end = datetime.fromisoformat(ends_at)
    except ValueError:
        raise ScenarioError(f"{ends_at}: not a time; write for example 2026-11-20T00:00:00+00:00") from None
    scenario = Scenario(
        seed=seed,
        ends_at=end,
        days=days,
        sightings=sightings,
        incidents=incidents,
        sighting_days=sighting_days or None,
        cases=cases,
    )
    if events.resolve() == truth.resolve():
        raise OutputError(f"{truth}: the truth cannot stand in the file of the events")
    simulation = simulate(scenario)
    expected = sightings + incidents
    try:
        for path in (events, truth):
            path.parent.mkdir(parents=True, exist_ok=True)
        with events.open("wb") as told, truth.open("wb") as true, progress_shown(err) as show:
            number = simulation.write(
                told.write, true.write, lambda done: show(min(done, expected), expected, "simulating")
            )
    except OSError as error:
        raise OutputError(f"{error.filename or events} cannot be written: {error.strerror}") from None
    planted = len(simulation.cases)
    out.print(f"{number} events in {events}, {planted} planted cases in {truth}.", highlight=False, markup=False)
