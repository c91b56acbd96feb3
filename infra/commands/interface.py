"""How commands speak to the interface of contact points: as the account whose token BRDO_API_TOKEN holds."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import typer
from rich.table import Table

from infra import wiring
from infra.commands.terminal import harmless, http_address, out
from infra.errors import NotTakenError, SettingsError
from infra.workers import WorkerName

_SECONDS: Final = 30.0


def asked(method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Ask, and return what is answered; raises `NotTakenError` with the interface's own reason.

    The interface is at BRDO_PUBLIC_URL, or the one of the system that runs on this machine.
    """
    import httpx

    settings = wiring.settings_from_environment()
    if settings.api_token is None:
        raise SettingsError(
            "BRDO_API_TOKEN", "is needed: your account's token; or BRDO_API_TOKEN_FILE, where it stands"
        )
    at = settings.public_url or http_address(WorkerName.API)
    headers = {"Authorization": f"Bearer {settings.api_token.get_secret_value()}"}
    try:
        answer = httpx.request(method, at.rstrip("/") + path, json=body, headers=headers, timeout=_SECONDS)
        said = answer.json()
    except (httpx.HTTPError, UnicodeError, ValueError) as error:  # its text could show where, and with what token
        raise NotTakenError(f"the interface at {at} does not answer as it should: {type(error).__name__}") from None
    if not answer.is_success:
        raise NotTakenError(f"{said['error']}: {said['text']}" if isinstance(said, dict) else f"{answer.status_code}")
    return said


def show(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table in a terminal; elsewhere a line each, its fields parted by tabs."""
    cells = [[harmless("" if cell is None else str(cell)) for cell in row] for row in rows]
    if out.is_terminal:
        table = Table(*columns)
        for row in cells:
            table.add_row(*row)
        out.print(table)
        return
    for row in cells:
        typer.echo("\t".join(cell.replace("\n", " ") for cell in row))
