"""`brdo permissions` and `brdo recalls`: who may see H2 information, and who has not confirmed a recall."""

import getpass
from typing import Annotated

import typer
from rich.table import Table

from infra import wiring
from infra.commands.auditing import database
from infra.commands.terminal import EXIT_FAILED, err, out

cli = typer.Typer(
    no_args_is_help=True, help="Permission of an originator to see its H2 information in an alert; all is audited."
)

Alert = Annotated[str, typer.Argument(metavar="ALERT", help="al-…")]
Originator = Annotated[str, typer.Option(help="whose information it is")]
ContactPoint = Annotated[str, typer.Option(help="who would see it")]
Purpose = Annotated[str, typer.Option(help="why; it stands in the audit")]


@cli.command("list")
def list_(contact_point: Annotated[str, typer.Option(help="whose: asked for, or to be decided")]) -> None:
    """List what a contact point asked for or has to decide."""
    from consumers.permissions import listed

    with database() as connection:
        found = listed(connection, contact_point)
    table = Table("alert", "originator", "contact point", "state", "asked (UTC)", "decided (UTC)")
    for one in found:
        times = (f"{when:%Y-%m-%d %H:%M:%S}" if when else "" for when in (one.requested_at, one.decided_at))
        table.add_row(*one.which, one.state, *times)
    out.print(table)


@cli.command()
def ask(alert: Alert, *, originator: Originator, contact_point: ContactPoint, purpose: Purpose) -> None:
    """Ask an originator, for a contact point that was told of the alert."""
    from consumers import sharing
    from consumers.permissions import Which, Who

    with database() as connection:
        said = sharing.ask(connection, Which(alert, originator, contact_point), Who(getpass.getuser(), purpose))
    if said is None:
        err.print(f"{contact_point} was not told of {alert}", highlight=False)
        raise typer.Exit(EXIT_FAILED)
    out.print(f"{said.state}: {originator} decides.", highlight=False)


@cli.command()
def grant(alert: Alert, *, originator: Originator, contact_point: ContactPoint, purpose: Purpose) -> None:
    """Let a contact point see it, as the originator; it is told at once."""
    _decide(alert, originator, contact_point, purpose, "granted")


@cli.command()
def refuse(alert: Alert, *, originator: Originator, contact_point: ContactPoint, purpose: Purpose) -> None:
    """Refuse it, as the originator."""
    _decide(alert, originator, contact_point, purpose, "refused")


@cli.command()
def revoke(alert: Alert, *, originator: Originator, contact_point: ContactPoint, purpose: Purpose) -> None:
    """Take it back, as the originator: from now on the record is not shown."""
    _decide(alert, originator, contact_point, purpose, "revoked")


def recalls() -> None:
    """List withdrawn alerts whose receivers have not confirmed that they acted on it."""
    from consumers.records import unconfirmed_recalls

    with database() as connection:
        found = unconfirmed_recalls(connection)
    table = Table("contact point", "alert", "delivery", "since (UTC)", "arrived")
    for row in found:
        arrived = f"{row.arrived_at:%Y-%m-%d %H:%M:%S}" if row.arrived_at else "no"
        table.add_row(row.contact_point, row.alert_id, row.id, f"{row.created_at:%Y-%m-%d %H:%M:%S}", arrived)
    out.print(table)


def _decide(alert: str, originator: str, contact_point: str, purpose: str, decision: str) -> None:
    from consumers import sharing
    from consumers.acknowledgement import Timing
    from consumers.permissions import PermissionState, Which, Who

    settings = wiring.settings_from_environment()
    points = wiring.contact_points(settings)
    if contact_point not in points or contact_point == originator:
        raise typer.BadParameter(f"--contact-point: {contact_point} is none to share with")
    which, who = Which(alert, originator, contact_point), Who(getpass.getuser(), purpose)
    timing = Timing(wiring.duties(settings, points).policy, wiring.utc_now())
    with database() as connection:
        permission = sharing.decide(connection, which, PermissionState(decision), who, points, timing)
    if permission is None:
        err.print(f"{alert} holds no H2 information of {originator}", highlight=False)
        raise typer.Exit(EXIT_FAILED)
    out.print(f"{decision}: {contact_point}, {alert}", highlight=False)
