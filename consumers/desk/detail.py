"""One alert drawn whole, and the page that explains the keys."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from consumers.desk import words
from consumers.desk.alerts import DeskAlert, Subject
from consumers.desk.model import Desk

_MOST_LINES: Final = 200
"""How many occurrences, or events of one reason, are written out."""

_HELP: Final = (
    ("↑ ↓, j k", "one alert or line up or down; Page up, Page down, Space: ten"),
    ("g G, Home End", "the first, the last"),
    ("Enter", "the alert whole: that you look at it is written down first, with your purpose"),
    ("a", "acknowledge: a verdict in the name given by --officer goes to the network"),
    ("o", "outcome: confirmed, not confirmed, no action, clarification asked; with a note, if you like"),
    ("f, /", "filter by words; kind:life and severity:high look there only; Esc shows all again"),
    ("q, Esc", "back; q in the list leaves"),
)
_LETTERS: Final = "C critical, H high, M medium, L low, ! life at risk, - not told"


def bar(desk: Desk, alert: DeskAlert, now: datetime) -> Text:
    """Return the line above an alert: what it is, and how old."""
    severity = alert.severity or "severity not told"
    newer = "  · A NEWER REVISION IS THERE: ENTER" if desk.alerts[alert.id].revision > alert.revision else ""
    drill = "EXERCISE · " if alert.exercise else ""
    what = f" {drill}{words.KINDS[alert.kind]} · {severity} · {words.age(now - alert.updated_at)} old"
    return Text(f"{what} · {alert.id} revision {alert.revision}{newer}")


def sections(desk: Desk, alert: DeskAlert, now: datetime) -> list[RenderableType]:
    """Return the alert whole, part by part."""
    return [
        *_banners(desk, alert),
        _paragraph(alert.summary or "No summary may be told.", "bold"),
        *_answer(desk, alert, now),
        *_part("Why", _reasons(alert)),
        *_part("What to do, as asked by the author of the entry", _responses(alert)),
        *_part("Where and when (UTC)", _occurrences(alert)),
        *_part("Who or what", (_subject(one) for one in alert.subjects)),
        *_part("How it may be used", _handling(alert)),
        *_part("Quality", (_item(note) for note in alert.quality_notes)),
        *_part("Told to you because", (_item(text) for text in alert.why)),
        *_part("Times (UTC)", _times(alert)),
    ]


def help_sections() -> list[RenderableType]:
    """Return the page that explains the keys."""
    grid = Table.grid(padding=(0, 2))
    for keys, what in _HELP:
        grid.add_row(Text(f"  {keys}", "bold"), Text(what))
    grid.add_row(Text("  letters", "bold"), Text(_LETTERS))
    return [grid]


def _banners(desk: Desk, alert: DeskAlert) -> Iterator[RenderableType]:
    if alert.exercise:
        yield _paragraph("EXERCISE — this is a drill. Nothing here is real.", "bold magenta")
    if not alert.is_open:
        why = words.WITHDRAWN.get(alert.withdrawn_reason, alert.withdrawn_reason or "")
        yield _paragraph(f"WITHDRAWN{': ' if why else ''}{why}", "bold red")
    if alert.superseded_by:
        here = " (in your list)" if alert.superseded_by in desk.alerts else ""
        yield _paragraph(f"Continued as {alert.superseded_by}{here}", "bold")
    if alert.endangers_life:
        yield _paragraph("LIFE AT RISK", "bold red")
    if alert.silenced_by:
        yield _paragraph(f"SILENCED by {alert.silenced_by}: its notice was held back, and nobody called.", "yellow")
    if alert.view in words.VIEWS:
        yield _paragraph(words.VIEWS[alert.view], "yellow")
    newest = desk.alerts[alert.id]
    if newest.revision > alert.revision:
        what = "WITHDRAWN meanwhile" if not newest.is_open else f"Revision {newest.revision} is there"
        yield _paragraph(f"{what}; Enter shows it.", "bold yellow")


def _answer(desk: Desk, alert: DeskAlert, now: datetime) -> Iterator[RenderableType]:
    if pending := desk.pending.get(alert.id):
        yield _paragraph(f"Your answer “{words.OUTCOMES[pending.outcome]}” is on its way to Kafka …", "yellow")
    verdict, changed = desk.standing(alert).verdict, desk.standing(alert).changed_since
    if verdict is None:
        said = f"Nobody at {desk.contact_point} has acknowledged it." if desk.answers_known else "Answers not read yet."
        yield _paragraph(said, "bold")
        return
    since = "; it changed since" if changed else ""
    said = f"{words.OUTCOMES[verdict.outcome]} by {verdict.officer}, {words.age(now - verdict.at)} ago{since}"
    yield _paragraph(f"{desk.contact_point}: {said}.", "yellow" if changed else "green")
    if verdict.note:
        yield Padding(Text(f"“{verdict.note}”"), (0, 0, 0, 4))


def _part(title: str, items: Iterator[RenderableType]) -> Iterator[RenderableType]:
    """Return a part with its title; nothing where it has no items."""
    for number, item in enumerate(items):
        if number == 0:
            yield Text("")
            yield _paragraph(title, "bold underline")
        yield item


def _paragraph(text: str, style: str = "") -> RenderableType:
    return Padding(Text(text, style), (0, 1, 0, 1))


def _item(text: str | Text, below: str = "") -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_row(Text("   ·"), text if isinstance(text, Text) else Text(text))
    if below:
        grid.add_row(Text(""), Text(below, "dim"))
    return grid


def _reasons(alert: DeskAlert) -> Iterator[RenderableType]:
    for reason in alert.reasons:
        counts = f"{reason.contribution:+.2f} " if reason.contribution is not None else ""
        events = ", ".join(reason.evidence[:_MOST_LINES]) + _rest(len(reason.evidence))
        yield _item(f"{counts}{reason.text}", f"evidence: {events}" if events else "")
    if alert.score is not None and alert.reasons:
        yield _item(Text(f"together {alert.score:.2f} of 1", "dim"))


def _responses(alert: DeskAlert) -> Iterator[RenderableType]:
    for one in alert.suggested_responses:
        yield _item(f"{words.CHECKS.get(one.check, one.check)}: {one.text}", f"asked by {one.originator}")


def _occurrences(alert: DeskAlert) -> Iterator[RenderableType]:
    grid = Table.grid(padding=(0, 2))
    newest_first = sorted(alert.occurrences, key=lambda one: one.occurred_at, reverse=True)
    for one in newest_first[:_MOST_LINES]:
        direction = words.DIRECTIONS.get(one.direction, one.direction or "")
        late = "reported late" if one.late else ""
        what = " · ".join(part for part in (one.type, direction, late) if part)
        when = f"   · {one.occurred_at:%d %b %Y %H:%M}"
        grid.add_row(Text(when), Text(one.place), Text(what), Text(one.event or "", "dim"))
    if grid.row_count:
        yield grid
    if rest := _rest(len(newest_first)):
        yield _item(rest)


def _subject(subject: Subject) -> RenderableType:
    marked = " · under 18: to be protected" if subject.safeguarding else ""
    known_by = ", ".join(
        f"{one.type.replace('_', ' ')} {said}"
        for one in subject.identifiers
        if (said := f"{one.value} ({one.country})" if one.country else one.value) != subject.label
    )
    return _item(f"{subject.kind} {subject.label}{marked}", known_by)


def _handling(alert: DeskAlert) -> Iterator[RenderableType]:
    for code in alert.handling_codes:
        yield _item(f"{code}: {words.HANDLING.get(code, 'a code that is not known here')}")
    if alert.evaluation is not None:
        source, information = alert.evaluation.source, alert.evaluation.information
        weakest = "weakest evaluation" if len(alert.occurrences) > 1 else "evaluation"
        said = f"{words.SOURCES.get(source, source)}; {words.INFORMATION.get(information, information)}"
        yield _item(f"{weakest} {source}{information}: {said}")
    yield _item(f"originated by {', '.join(alert.originators) or 'somebody who may not be told'}")


def _times(alert: DeskAlert) -> Iterator[RenderableType]:
    named = (
        ("opened", alert.opened_at),
        ("this revision", alert.updated_at),
        ("evidence counts until", alert.valid_until),
    )
    for name, moment in named:
        if moment is not None:
            yield _item(f"{name} {moment:%d %b %Y %H:%M:%S}")


def _rest(number: int) -> str:
    return f" … and {number - _MOST_LINES} more" if number > _MOST_LINES else ""
