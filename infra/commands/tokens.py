"""`brdo token`: tokens for the accounts of contact points."""

import secrets
from datetime import timedelta
from typing import Annotated

import typer

from consumers.roles import Role
from infra import wiring
from infra.commands.terminal import err, out

cli = typer.Typer(no_args_is_help=True, help="Tokens for the accounts of contact points.")


@cli.command()
def make(
    *,
    contact_point: Annotated[str, typer.Option(help="whose account: SI, HR, EUROPOL, …")],
    account: Annotated[str, typer.Option(help="who: letters, digits and . _ @ -; it stands in the audit")],
    role: Annotated[Role, typer.Option(help="what it may do")],
    days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="how long it is good; by default without end")
    ] = None,
) -> None:
    """Make a token: print it, this once, and what to add to the file of BRDO_API_TOKENS. It is kept nowhere."""
    from consumers.api.access import Caller, Known, written

    expires = None if days is None else wiring.utc_now().date() + timedelta(days=days)
    token = secrets.token_urlsafe(32)
    lines = written(Known(Caller(contact_point, account, role), expires), token)
    err.print("The token, for the account alone; it cannot be shown again:", style="dim")
    out.print(token, markup=False, highlight=False)
    err.print("For the file of BRDO_API_TOKENS, then SIGHUP to the interface (`brdo run api`):", style="dim")
    out.print(lines, markup=False, highlight=False, end="")
