"""`brdo routes`: who would be told, and why, before anybody is."""

import getpass
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from infra import wiring
from infra.commands.files import FilesOrInput
from infra.commands.terminal import EXIT_FAILED, err, harmless, out

if TYPE_CHECKING:
    from consumers.routing import RoutingTable
    from consumers.telling import Telling

cli = typer.Typer(no_args_is_help=True, help="Who is told of an alert, and why. Nothing is sent.")

Routes = Annotated[
    Path | None, typer.Option("--routes", exists=True, dir_okay=False, help="the routes to try; by default BRDO_ROUTES")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object an edition of an alert.")]

_ALERT_ID: Final = re.compile("al-[0-9a-f]{20}")


@cli.command("test")
def try_events(files: FilesOrInput, routes: Routes = None, *, as_json: AsJson = False) -> None:
    """Run events through the engine in this process: each alert that stands then, who gets it, what of it, and why."""
    from infra.telling import tell_of_events

    settings = wiring.settings_from_environment()
    rules, now = wiring.rules(settings), wiring.utc_now()
    found, refused = tell_of_events(_lines(files), rules, now, *_in_force(routes))
    for one in found:
        if as_json:
            _print_json(_told(one))
            continue
        out.print(_heading(one), _safe(one.edition.alert.summary), sep="\n")
        out.print(_recipients(one))
        if not one.shown_to:
            err.print("[bold red]Nobody gets to see anything of it.[/]")
    if not as_json:
        out.print(f"{len({one.edition.alert.id for one in found})} alerts stand.", highlight=False)
    for letter in refused:
        err.print(_safe(f"refused: {letter.reason}: {letter.field}: {letter.text}"))
    if refused:
        raise typer.Exit(EXIT_FAILED)


@cli.command()
def explain(
    alert: Annotated[str, typer.Argument(metavar="ALERT", help="al-…, or a file that holds an alert as JSON")],
    routes: Routes = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Walk the tree route by route: which apply to an alert, which do not and for which field; then who is told.

    The routes are those of the file now, and need not be those by which the alert was told. What the alert is about is
    not shown.
    """
    for one in _tellings(alert, routes):
        if as_json:
            _print_json({**_told(one), "routes": _walked(one)})
            continue
        out.print(_heading(one))
        table = Table("route", "applies", "why")
        for visit in one.visits:
            name = "  " * visit.depth + visit.route.name
            applies = "[green]yes[/]" if visit.applies else "no"
            table.add_row(_safe(name), applies, _safe(visit.text(one.edition.alert)))
        out.print(table)
        out.print(_recipients(one))


def _tellings(alert: str, routes: Path | None) -> "list[Telling]":
    from infra.errors import NotRunningError
    from infra.telling import tell_of_file, tell_of_stored

    if not _ALERT_ID.fullmatch(alert):
        return [tell_of_file(Path(alert), *_in_force(routes))]
    settings = wiring.settings_from_environment()
    url = wiring.database_address(settings)
    if url is None:
        raise NotRunningError(f"no database runs on {settings.data_dir}; start everything with `brdo up`")
    return tell_of_stored(url, alert, *_in_force(routes), getpass.getuser())


def _in_force(routes: Path | None) -> "tuple[RoutingTable, frozenset[str]]":
    """Return the routes, and the contact points by code: no secret is needed to know who they are."""
    from consumers import contact_points, routing

    settings = wiring.settings_from_environment()
    codes = contact_points.contact_point_codes(settings.contact_points or contact_points.BUNDLED)
    return routing.load_routes(routes or settings.routes or routing.BUNDLED, codes), codes


def _lines(files: Iterable[Path]) -> Iterator[bytes]:
    from schemas.codec import json_lines

    for path in files:
        text = sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
        for _, line in json_lines(text):
            yield line


def _heading(one: "Telling") -> Text:
    alert = one.edition.alert
    whom = f", as {one.edition.reader} alone may see it" if one.edition.reader else ""
    return _safe(f"{alert.id} revision {alert.revision}, {alert.status}{whom}: {alert.kind}, {alert.severity}")


def _recipients(one: "Telling") -> Table:
    from consumers.audience import AudienceReason

    table = Table("contact point", "sees", "route", "why it is told")
    for told in one.told:
        said, view = told.assignment, told.audience.view
        sees = view if told.audience.reason is AudienceReason.NO_RESTRICTION else f"{view}: {told.audience.reason}"
        table.add_row(said.contact_point, sees, _safe(said.route), _safe("\n".join(said.texts)))
    return table


def _told(one: "Telling") -> dict[str, Any]:
    alert = one.edition.alert
    return {
        "alert": alert.id,
        "revision": alert.revision,
        "status": alert.status,
        "reader": one.edition.reader or None,
        "kind": alert.kind,
        "severity": alert.severity,
        "told": [
            {
                "contact_point": told.assignment.contact_point,
                "view": told.audience.view,
                "view_reason": told.audience.reason,
                "reason": told.assignment.reason,
                "route": told.assignment.route,
                "texts": told.assignment.texts,
            }
            for told in one.told
        ],
    }


def _walked(one: "Telling") -> list[dict[str, Any]]:
    return [
        {
            "route": visit.route.name,
            "depth": visit.depth,
            "status": visit.status,
            "unmet": visit.unmet,
            "text": visit.text(one.edition.alert),
        }
        for visit in one.visits
    ]


def _safe(text: str) -> Text:
    return Text(harmless(text))


def _print_json(said: dict[str, Any]) -> None:
    out.print(json.dumps(said, ensure_ascii=False), markup=False, highlight=False)
