"""`brdo audit`: whether the audit is whole, and what it says."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from infra import wiring
from infra.commands.terminal import EXIT_FAILED, harmless, out

if TYPE_CHECKING:
    import sqlalchemy as sa

    from consumers.audit import Row

cli = typer.Typer(no_args_is_help=True, help="Who did what with which alert (Directive (EU) 2016/680 Art. 25).")

Moment = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S%z"], metavar="TIME")]


@cli.command()
def verify() -> None:
    """Read every book from its beginning and name each row that was altered, removed or put in between."""
    from consumers.audit import heads
    from consumers.audit import verify as findings

    with database() as connection:
        found = list(findings(connection))
        books = heads(connection)
    for one in found:
        out.print(f"[bold red]{one.fault}[/]: book {harmless(one.book)}, row {one.number}", highlight=False)
    table = Table("book", "rows", "hash of the last")
    for book, (number, digest) in sorted(books.items()):
        table.add_row(harmless(book), str(number), digest)
    out.print(table)
    if found:
        raise typer.Exit(EXIT_FAILED)
    out.print("[bold green]Whole:[/] no row was altered, removed or added.")


@cli.command()
def show(  # noqa: PLR0913 - what an auditor asks by
    *,
    alert: Annotated[str | None, typer.Option(help="of this alert alone")] = None,
    recipient: Annotated[str | None, typer.Option(help="what this contact point learnt")] = None,
    actor: Annotated[str | None, typer.Option(help="what this account or process did")] = None,
    act: Annotated[list[str] | None, typer.Option(help="collection, combination, consultation, …; several")] = None,
    since: Moment = None,
    until: Moment = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a row.")] = False,
) -> None:
    """Answer an auditor: who, when, what, why and to whom. The question itself is written down too."""
    import getpass

    from consumers.audit import Act, Entry, asked, read, record

    try:
        acts = [Act(one) for one in act or ()]
    except ValueError:
        raise typer.BadParameter(f"--act: one of {', '.join(Act)}") from None
    query = asked(alert_id=alert, recipient=recipient, actor=actor, acts=acts, since=since, until=until)
    with database() as connection:
        record(connection, [Entry(Act.CONSULTATION, getpass.getuser(), purpose="audit", detail="audit rows")])
        rows = list(read(connection, query))
    if as_json:
        for row in rows:
            out.print(json.dumps(_said(row), ensure_ascii=False), markup=False, highlight=False)
        return
    table = Table("when (UTC)", "act", "who", "to whom", "why", "alert", "what", "book and row")
    for row in rows:
        one = row.entry
        which = f"{one.alert_id} {one.revision or ''}".strip()
        place = f"{one.book} {row.number}"
        cells = (one.act, one.actor, one.recipient, one.purpose, which, one.detail, place)
        table.add_row(f"{row.at:%Y-%m-%d %H:%M:%S}", *(harmless(cell) for cell in cells))
    out.print(table)


@contextmanager
def database() -> "Iterator[sa.Connection]":
    """Yield a transaction on the running system's database; raises `infra.errors.NotRunningError`."""
    from consumers.database import engine

    address = engine(wiring.needed_database(wiring.settings_from_environment()))
    try:
        with address.begin() as connection:
            yield connection
    finally:
        address.dispose()


def _said(row: "Row") -> dict[str, object]:
    from dataclasses import asdict

    return {"at": row.at.isoformat(), "number": row.number, **asdict(row.entry), "hash": row.hash}
