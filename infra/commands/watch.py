"""`brdo watch`: the duty desk of a contact point, in a terminal."""

import getpass
import logging
import os
import sys
from typing import TYPE_CHECKING, Annotated, Final, NoReturn

import typer
from rich.console import Console

from infra import wiring
from infra.commands.terminal import EXIT_FAILED, bootstrap_address, err

if TYPE_CHECKING:
    from consumers.desk.feed import Feed
    from consumers.desk.model import Desk
    from infra.desk.kafka import Consultations, Who

LONGEST_SAID = 200
"""Characters of an officer's name, and of a purpose."""

_INTERRUPTED: Final = 130
"""The exit code after Ctrl-C (128 and the signal's number)."""


def watch(
    contact_point: Annotated[str, typer.Option(help="whose alerts: SI, HR, EUROPOL, …")],
    officer: Annotated[
        str | None, typer.Option(help="who answers; nobody checks it, and it stands in every answer")
    ] = None,
    purpose: Annotated[str, typer.Option(help="why you look; it is written down with every look")] = "duty",
    *,
    once: Annotated[bool, typer.Option("--once", help="Print the table as it stands, and end.")] = False,
) -> None:
    """Show what is assigned to a contact point, live; look into it, acknowledge, answer.

    Whose desk it is and who answers is what the person at this terminal says. Every look is written down
    first, with the name of the account.
    """
    from infra.desk.kafka import Consultations, Who

    for name, text in (("--officer", officer), ("--purpose", purpose)):
        if text is not None and not _sayable(text):
            raise typer.BadParameter(f"{name}: 1 to {LONGEST_SAID} printable characters")
    if not once and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise typer.BadParameter("this is no terminal; --once prints the table as it stands, and ends")
    feed = wiring.desk_feed(wiring.settings_from_environment(), contact_point, getpass.getuser(), purpose)
    who = Who(getpass.getuser(), officer, contact_point, purpose)
    consultations = Consultations(bootstrap_address(), who, wiring.utc_now)
    logging.getLogger("librdkafka").addHandler(logging.NullHandler())  # the screen is no place for its lines
    try:
        if once:
            _print(feed, consultations, who)
        else:
            _leave(_sit(feed, consultations, who))
    except KeyboardInterrupt:
        _leave(_INTERRUPTED)
    finally:
        feed.close()


def _print(feed: "Feed", consultations: "Consultations", who: "Who") -> None:
    from consumers.desk.model import Answered, Recorded, RecordList
    from consumers.desk.news import told
    from consumers.desk.screen import table
    from infra.desk.kafka import Feedback

    desk, looks = told(_empty(who), feed.read())
    with Feedback(bootstrap_address()) as feedback:
        desk, _ = told(desk, Answered(feedback.read_on()))
    for look in looks:
        if isinstance(look, RecordList):
            consultations.record(look)
            desk, _ = told(desk, Recorded(look))
    page = Console()
    page.print(table(desk, wiring.utc_now(), page.width))


def _leave(code: int) -> NoReturn:
    """End the process at once: threads that wait inside librdkafka can keep an interpreter from ending for ever."""
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os._exit(code)


def _sit(feed: "Feed", consultations: "Consultations", who: "Who") -> int:
    """Show the desk until its officer leaves; return the exit code."""
    from infra.desk.kafka import Verdicts
    from infra.desk.session import Session

    bootstrap = bootstrap_address()
    session = Session(
        Console(),
        bootstrap=bootstrap,
        feed=feed,
        consultations=consultations,
        verdicts=Verdicts(bootstrap, who.contact_point, who.officer, wiring.utc_now) if who.officer else None,
        clock=wiring.utc_now,
    )
    left = session.run(_empty(who), sys.stdin.fileno())
    if left.pending:
        err.print(f"not with Kafka when you left: {len(left.pending)} of your answers. They may not arrive.")
        for answer in left.pending.values():
            err.print(f"  {answer.outcome} for {answer.alert}", markup=False, highlight=False)
        return EXIT_FAILED
    return 0


def _empty(who: "Who") -> "Desk":
    from consumers.desk.answers import Answers
    from consumers.desk.model import Desk

    return Desk(who.contact_point, Answers(who.contact_point), who.officer)


def _sayable(text: str) -> bool:
    return bool(text.strip()) and len(text) <= LONGEST_SAID and text.isprintable()
