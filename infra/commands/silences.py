"""`brdo silence`: what a contact point is not sent for a while, by whom, and what that would hold back."""

import getpass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import TypeAdapter, ValidationError
from rich.table import Table

from infra import wiring
from infra.commands.auditing import database
from infra.commands.terminal import EXIT_FAILED, err, harmless, out

if TYPE_CHECKING:
    from consumers.silences import Person
    from consumers.silencing import Matcher, Silence, SilenceRefusal

cli = typer.Typer(
    no_args_is_help=True,
    help="Silences: notices and calls held back for a while. Never of a danger to life, and never the record; for what "
    "is high or critical only once a second person has approved it. All is audited.",
)

Id = Annotated[str, typer.Argument(metavar="SILENCE", help="sl-…")]
ContactPoint = Annotated[str, typer.Option(help="whose it is")]
Alert = Annotated[str | None, typer.Option(help="this alert alone, al-…")]
Kind = Annotated[list[str] | None, typer.Option(help="of this kind; several")]
SeverityAtMost = Annotated[str | None, typer.Option(help="no graver than this")]
Place = Annotated[list[str] | None, typer.Option(help="at this station or place; several")]
Country = Annotated[list[str] | None, typer.Option(help="in this country; several")]
Begins = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M:%S%z"], metavar="TIME", help="from then on; by default now")
]


@cli.command()
def make(  # noqa: PLR0913 - what a silence is made of
    *,
    contact_point: ContactPoint,
    reason: Annotated[str, typer.Option(help="why, in at most 200 characters; it stands in the audit")],
    alert: Alert = None,
    kind: Kind = None,
    severity_at_most: SeverityAtMost = None,
    place: Place = None,
    country: Country = None,
    begins: Begins = None,
    hours: Annotated[float, typer.Option(min=0.01, max=168, help="for how long")] = 24,
) -> None:
    """Make a silence, under the name of this machine's user. Everything that is named must hold of an alert."""
    from consumers import silences
    from consumers.silencing import PeriodError, Silence, Why, period

    match, by, now = _match(alert, kind, severity_at_most, place, country), _by(contact_point), wiring.utc_now()
    try:
        reason = TypeAdapter[str](Why).validate_python(reason)
    except ValidationError:
        raise typer.BadParameter("--reason: must be a line of 1 to 200 characters") from None
    try:
        begins_at, ends_at = period(begins, (begins or now) + timedelta(hours=hours), now)
    except PeriodError as error:
        raise typer.BadParameter(f"--begins: {error}") from None
    silence = Silence(silences.new_id(), contact_point, match, reason, by.account, now, begins_at, ends_at)
    with database() as connection:
        made = silences.make(connection, silence, by)
    _say(made, silence.id)


@cli.command("list")
def list_(*, contact_point: ContactPoint) -> None:
    """List the silences of a contact point, the newest first."""
    from consumers import silences

    now = wiring.utc_now()
    with database() as connection:
        found = silences.listed(connection, _by(contact_point))
    table = Table("silence", "state", "holds back", "from (UTC)", "until (UTC)", "by", "approved by", "reason")
    for one in found:
        times = (f"{when:%Y-%m-%d %H:%M}" for when in (one.begins_at, one.ended_at or one.ends_at))
        people = one.author, one.approved_by or ""
        table.add_row(one.id, one.status(now), _words(one.match), *times, *map(harmless, (*people, one.reason)))
    out.print(table)


@cli.command()
def approve(silence: Id, *, contact_point: ContactPoint) -> None:
    """Approve another person's silence, so that it counts for what is high or critical."""
    from consumers import silences

    with database() as connection:
        said = silences.approve(connection, silence, _by(contact_point), wiring.utc_now())
    _say(said, silence)


@cli.command()
def end(silence: Id, *, contact_point: ContactPoint) -> None:
    """End a silence before its time: what it held back is sent at once, the newest revision of each alert."""
    from consumers import silences

    with database() as connection:
        said = silences.end(connection, silence, _by(contact_point), wiring.utc_now())
    _say(said, silence)


@cli.command()
def preview(  # noqa: PLR0913 - as `make`
    *,
    contact_point: ContactPoint,
    alert: Alert = None,
    kind: Kind = None,
    severity_at_most: SeverityAtMost = None,
    place: Place = None,
    country: Country = None,
) -> None:
    """Show which of the alerts that are open now a silence would hold back. Nothing is made."""
    from consumers import silences
    from schemas.alerts import Severity

    match = _match(alert, kind, severity_at_most, place, country)
    with database() as connection:
        found = silences.preview(connection, match, _by(contact_point))
    table = Table("alert", "revision", "kind", "severity", "held back")
    for row in found:
        when = "once a second person has approved it" if row.needs_approval else "at once"
        table.add_row(row.alert_id, str(row.revision), row.kind, list(Severity)[row.severity], when)
    out.print(table)
    out.print(f"{len(found)} of the alerts that are open now would be held back.", highlight=False)


def _match(
    alert: str | None,
    kinds: list[str] | None,
    severity_at_most: str | None,
    places: list[str] | None,
    countries: list[str] | None,
) -> "Matcher":
    from consumers.silencing import Matcher

    said = {"alert": alert, "kinds": kinds, "severity_at_most": severity_at_most}
    said |= {"places": places, "countries": countries}
    try:
        return Matcher.model_validate({name: value for name, value in said.items() if value})
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        where = f"{detail['loc'][0]}: " if detail["loc"] else ""
        raise typer.BadParameter(f"{where}{detail['msg'].removeprefix('Value error, ')}") from None


def _by(contact_point: str) -> "Person":
    from consumers import contact_points
    from consumers.silences import Person

    settings = wiring.settings_from_environment()
    codes = contact_points.contact_point_codes(settings.contact_points or contact_points.BUNDLED)
    if contact_point not in codes:
        raise typer.BadParameter(f"--contact-point: must be one of {', '.join(sorted(codes))}")
    account = getpass.getuser()
    return Person(contact_point, account, account)


def _say(said: "Silence | SilenceRefusal | None", identity: str) -> None:
    from consumers.silencing import REFUSALS, SilenceRefusal

    if said is None or isinstance(said, SilenceRefusal):
        text = "the contact point has no such silence" if said is None else REFUSALS[said]
        err.print(f"{identity}: {text}", highlight=False)
        raise typer.Exit(EXIT_FAILED)
    approved = f", approved by {harmless(said.approved_by)}" if said.approved_by else ""
    until = said.ended_at or said.ends_at
    out.print(f"{said.id}: {said.status(wiring.utc_now())} until {until:%Y-%m-%d %H:%M} UTC{approved}", highlight=False)


def _words(match: "Matcher") -> str:
    said = match.model_dump(mode="json", exclude_none=True)
    return "; ".join(f"{name} {', '.join(sorted(one)) if isinstance(one, list) else one}" for name, one in said.items())
