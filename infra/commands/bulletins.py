"""`brdo bulletin`, `brdo reply` and `brdo answer`: what an officer says, in the name of the account."""

import sys
import uuid
from datetime import datetime
from typing import Annotated, Any

import typer

from infra.commands.interface import asked, show
from infra.commands.terminal import out

cli = typer.Typer(
    no_args_is_help=True,
    help="Word to other contact points, as the account whose token BRDO_API_TOKEN holds.",
)

Alert = Annotated[str, typer.Argument(metavar="ALERT", help="al-…")]
Title = Annotated[str, typer.Option(help="at most 200 characters")]
Text = Annotated[str, typer.Option(help="at most 20,000 characters; - reads the input")]
Country = Annotated[list[str] | None, typer.Option(help="for this country; several. Without: for all contact points")]
Handling = Annotated[str, typer.Option(help="H0, H1, H2 or H3: how it may be used")]
HandlingNote = Annotated[str | None, typer.Option(help="what H3 means here")]
Severity = Annotated[str, typer.Option(help="critical, high, medium or low")]
RefersTo = Annotated[list[str] | None, typer.Option(help="an event that it refers to; several")]
ValidUntil = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], metavar="TIME", help="2026-12-31T12:00:00+01:00")
]
Exercise = Annotated[bool, typer.Option("--exercise", help="It is part of a drill.")]
Name = Annotated[str | None, typer.Option("--id", help="your id for it: what is sent twice under one is sent once")]


@cli.command()
def preview(  # noqa: PLR0913 - what a bulletin says
    *,
    title: Title,
    text: Text,
    country: Country = None,
    handling: Handling = "H1",
    handling_note: HandlingNote = None,
    severity: Severity = "medium",
    refers_to: RefersTo = None,
    valid_until: ValidUntil = None,
    exercise: Exercise = False,
) -> None:
    """Show who would be told, how much of it, and why. Nothing is sent."""
    said = _written(title, text, country, handling, handling_note, severity, refers_to, valid_until, exercise)
    found = asked("POST", "/v1/bulletins/preview", said)
    rows = [(one["contact_point"], one["view"], " ".join(one["why"])) for one in found]
    show(("contact point", "sees", "why"), rows)


@cli.command()
def send(  # noqa: PLR0913 - what a bulletin says
    *,
    title: Title,
    text: Text,
    country: Country = None,
    handling: Handling = "H1",
    handling_note: HandlingNote = None,
    severity: Severity = "medium",
    refers_to: RefersTo = None,
    valid_until: ValidUntil = None,
    exercise: Exercise = False,
    name: Name = None,
) -> None:
    """Send a bulletin; `preview` with the same options shows first who will be told."""
    said = _written(title, text, country, handling, handling_note, severity, refers_to, valid_until, exercise)
    sent = asked("POST", "/v1/bulletins", {"id": name or str(uuid.uuid4()), **said})
    show(("id", "alert", "state"), [(sent["id"], sent["alert"], sent["state"])])


@cli.command("list")
def list_() -> None:
    """List your contact point's bulletins and those that it was told of. Each that is shown is written down."""
    columns = ("alert", "id", "state", "from", "severity", "title", "since (UTC)")
    rows = [
        (
            one["alert"],
            one["id"],
            one["state"],
            ", ".join(one["originators"]),
            one["severity"],
            one["title"],
            _moment(one["at"]),
        )
        for one in asked("GET", "/v1/bulletins")
    ]
    show(columns, rows)


@cli.command()
def withdraw(
    name: Annotated[str, typer.Argument(metavar="ID", help="your id for it, as `list` shows it")],
    reason: Annotated[str, typer.Option(help="unfounded, wrong_identity, duplicate or entered_in_error")],
) -> None:
    """Take a bulletin of your contact point back; all who were told are told."""
    sent = asked("POST", f"/v1/bulletins/{_part(name)}/withdrawal", {"reason": reason})
    show(("id", "alert", "state"), [(sent["id"], sent["alert"], sent["state"])])


@cli.command()
def thread(alert: Alert) -> None:
    """Show the replies to a bulletin. The look is written down."""
    found = asked("GET", f"/v1/alerts/{_part(alert)}/replies?limit=500")
    show(("", "from", "officer", "to", "text", "at (UTC)"), [_reply(one) for one in found])


def reply(
    alert: Alert,
    text: Annotated[str, typer.Argument(help="at most 4,000 characters; - reads the input")],
    to: Annotated[str, typer.Option(help="originator, all, or, from the originator, a contact point")] = "originator",
    name: Name = None,
) -> None:
    """Reply to a bulletin, as the account whose token BRDO_API_TOKEN holds."""
    said = {"id": name or str(uuid.uuid4()), "text": _read(text), "to": to}
    found = asked("POST", f"/v1/alerts/{_part(alert)}/replies", said)
    out.print(f"Reply {found['number']}, to {found['to']}.", highlight=False)


def answer(
    alert: Alert,
    outcome: Annotated[str, typer.Argument(help="acknowledged, confirmed, not_confirmed, false_match, no_action, …")],
    note: Annotated[str | None, typer.Option(help="at most 4,000 characters")] = None,
    revision: Annotated[int | None, typer.Option(help="the revision that you read; by default the last told")] = None,
    between: Annotated[
        list[str] | None, typer.Option(help="of a false match, twice: EVENT/vehicles/0, EVENT/persons/1, EVENT/vehicle")
    ] = None,
) -> None:
    """Answer an alert, as the account whose token BRDO_API_TOKEN holds: the clock of your contact point stops."""
    path = f"/v1/alerts/{_part(alert)}"
    said: dict[str, Any] = {"outcome": outcome, "revision": revision or asked("GET", path)["revision"]}
    if note is not None:
        said["note"] = note
    if between:
        named = (one.partition("/") for one in between)
        said["between"] = [{"event": event, "subject": subject} for event, _, subject in named]
    after = asked("POST", f"{path}/answers", said)
    out.print(f"{after['outcome']} to revision {said['revision']}, by {after['contact_point']}.", highlight=False)


def _written(  # noqa: PLR0913, PLR0917 - what a bulletin says
    title: str,
    text: str,
    countries: list[str] | None,
    handling: str,
    handling_note: str | None,
    severity: str,
    refers_to: list[str] | None,
    valid_until: datetime | None,
    exercise: bool,  # noqa: FBT001 - as all of them
) -> dict[str, Any]:
    return {
        "title": title,
        "text": _read(text),
        "countries": countries or [],
        "handling": handling,
        "handling_note": handling_note,
        "severity": severity,
        "refers_to": refers_to or [],
        "valid_until": valid_until and valid_until.isoformat(),
        "exercise": exercise,
    }


def _read(text: str) -> str:
    return sys.stdin.read().strip() if text == "-" else text


def _part(name: str) -> str:
    """Return a part of an address: whatever was typed, it leads nowhere else."""
    from urllib.parse import quote

    return quote(name, safe="")


def _reply(one: dict[str, Any]) -> tuple[object, ...]:
    named = [one[name] for name in ("number", "contact_point", "officer", "to", "text")]
    return (*named, _moment(one["at"]))


def _moment(at: str) -> str:
    return at[:19].replace("T", " ")
