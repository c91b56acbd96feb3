"""`brdo console`: who may sign in at the duty officers' console."""

import getpass
from typing import Annotated

import typer

from consumers.roles import Role
from infra import wiring
from infra.commands.auditing import database
from infra.commands.terminal import err, out

cli = typer.Typer(no_args_is_help=True, help="The duty officers' console in the browser.")

Account = Annotated[str, typer.Option(help="letters, digits and . _ @ -, at most 64")]


@cli.command()
def invite(
    contact_point: Annotated[str, typer.Option(help="of which it is")],
    account: Account,
    role: Annotated[Role, typer.Option(help="what it may do")] = Role.DUTY_OFFICER,
) -> None:
    """Make an account, or give one a new password: prints a one-time password, for a day. It is in the audit."""
    password = invited(contact_point, account, role)
    err.print("The one-time password is shown once; another is chosen with it.", style="dim")
    out.print(password, highlight=False)


def invited(contact_point: str, account: str, role: Role) -> str:
    """Return the one-time password of an account that was made anew; raises `infra.errors.SettingsError`."""
    from consumers.api.access import is_account
    from consumers.console.accounts import invite as invite_account
    from consumers.contact_points import BUNDLED, contact_point_codes
    from infra.errors import SettingsError

    settings = wiring.settings_from_environment()
    if contact_point not in contact_point_codes(settings.contact_points or BUNDLED):
        raise SettingsError("--contact-point", "must be one of the contact points of BRDO_CONTACT_POINTS")
    if not is_account(account):
        raise SettingsError("--account", "must be of letters, digits and . _ @ -, at most 64")
    with database() as connection:
        by = f"cli:{getpass.getuser()}"
        return invite_account(connection, by, contact_point, account, role, wiring.utc_now())


def anybody() -> bool:
    """Whether anybody may sign in already."""
    from consumers.console.accounts import exist

    with database() as connection:
        return exist(connection)
