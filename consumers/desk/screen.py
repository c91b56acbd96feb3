"""The desk drawn: a line of what is there, the table or what is opened, a line of news, a line of keys.

Texts are never markup here: everything is a `Text` with a style, so that brackets in a report stay brackets.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.segment import Segment, SegmentLines
from rich.table import Table
from rich.text import Text

from consumers.desk import detail, words
from consumers.desk.actions import OUTCOME_KEYS
from consumers.desk.alerts import DeskAlert
from consumers.desk.harmless import harmless
from consumers.desk.model import Choosing, Desk, Detail, Field, Help, Listing, Opening, Typing, is_stale
from consumers.desk.order import chosen, listed, passes

_AROUND: Final = 4
"""Lines around the middle: what is there, the rule below it or the table's head, news, keys."""

_PREVIEW: Final = 4
"""Lines below the table that show the selected summary whole, with the rule above them."""

_HIGH_ENOUGH: Final = 16
"""Lines of a terminal that has room for that."""

_MEASURE: Final = Console(file=io.StringIO(), force_terminal=False, color_system=None)
"""Breaks texts into lines; nothing is ever written to it."""

_BAR: Final = "reverse"


@dataclass(frozen=True, slots=True)
class Frame:
    """What to draw, and how far the middle can be scrolled."""

    whole: RenderableType
    furthest: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    """One alert in the table, and the style of its whole line."""

    cells: Sequence[Text]
    style: str


def frame(desk: Desk, now: datetime, width: int, height: int) -> Frame:
    """Return the screen of this size."""
    room = max(1, height - _AROUND)
    match desk.mode:
        case Detail(alert, scroll) | Choosing(alert, Detail(_, scroll)) | Typing(_, _, Detail(alert, scroll)):
            top = detail.bar(desk, alert, now)
            body = _body(detail.sections(desk, alert, now), width)
        case Help(_, scroll):
            top, body = Text(" Keys"), _body(detail.help_sections(), width)
        case _:
            below = _PREVIEW if height >= _HIGH_ENOUGH else 0
            middle = Group(_table(desk, now, width, room - below), *_preview(desk, width, below))
            return Frame(_page(_header(desk, now), middle, desk, now, width, 0, room, 0))
    furthest = max(0, len(body) - room)
    at = min(scroll, furthest)
    shown = body[at : at + room]
    shown += [[Segment("")]] * (room - len(shown))
    middle = Group(Text("─" * width, "dim"), SegmentLines(shown, new_lines=True))
    return Frame(_page(top, middle, desk, now, width, at, room, len(body)), furthest)


def table(desk: Desk, now: datetime, width: int) -> RenderableType:
    """Return everything that is listed, each text whole, for a page without an end."""
    rows = [_row(desk, one, now, width, selected=False) for one in listed(desk)]
    return Group(_header(desk, now), _columns(rows, width, fold=True))


def _page(  # noqa: PLR0913, PLR0917 - what a page consists of
    top: Text, middle: RenderableType, desk: Desk, now: datetime, width: int, at: int, room: int, lines: int
) -> Group:
    return Group(
        _line(top, width, _BAR),
        middle,
        _line(_news(desk, now), width),
        _line(_keys(desk, at, room, lines), width, "dim"),
    )


def _line(text: Text, width: int, style: str = "") -> Text:
    """Return one line that fills the width."""
    text = text.copy()
    text.truncate(width, overflow="ellipsis", pad=True)
    text.stylize_before(style)
    text.no_wrap = True
    return text


def _header(desk: Desk, now: datetime) -> Text:
    real = [one for one in desk.alerts.values() if not one.exercise]
    in_danger = sum(one.endangers_life for one in real)
    unanswered = sum(desk.standing(one).verdict is None for one in real) if desk.answers_known else "?"
    one_or_many = "alert" if len(real) == 1 else "alerts"
    drills = f" · {len(desk.alerts) - len(real)} of exercises" if len(real) < len(desk.alerts) else ""
    who = f" {desk.contact_point} · {desk.officer or 'nobody answers'} · {now:%H:%M:%S} UTC"
    return Text(f"{who}    {len(real)} {one_or_many} · {unanswered} unanswered · {in_danger} with life at risk{drills}")


def _preview(desk: Desk, width: int, room: int) -> list[RenderableType]:
    """Return the selected summary in as many lines as there is room for."""
    selected = chosen(desk)
    if not room or selected is None:
        return [Text("")] * room
    lines = list(_summary(desk, selected, whole=True).wrap(_MEASURE, max(1, width - 2)))[: room - 1]
    lines += [Text("")] * (room - 1 - len(lines))
    return [Text("─" * width, "dim"), *(Text.assemble(" ", line) for line in lines)]


def _body(sections: Sequence[RenderableType], width: int) -> list[list[Segment]]:
    options = _MEASURE.options.update(width=width, height=None)
    return _MEASURE.render_lines(Group(*sections), options, pad=False)


def _table(desk: Desk, now: datetime, width: int, room: int) -> RenderableType:
    alerts, selected = listed(desk), chosen(desk)
    if selected is None:
        empty = "nothing passes the filter" if desk.alerts else "nothing is assigned" if desk.read_at else "reading …"
        return Group(Text(""), Text(f"  {empty}", "dim"), *[Text("")] * (room - 1))
    index = next((at for at, one in enumerate(alerts) if one.id == selected.id), 0)
    # The selection keeps to the middle where it can: what comes above it then moves nothing on the screen.
    first = max(0, min(index - room // 2, len(alerts) - room))
    window = alerts[first : first + room]
    rows = [_row(desk, one, now, width, selected=one is selected) for one in window]
    return Group(_columns(rows, width), *[Text("")] * (room - len(rows)))


def _columns(rows: Sequence["_Row"], width: int, *, fold: bool = False) -> Table:
    grid = Table(box=None, expand=True, width=width, padding=(0, 1, 0, 0), header_style="dim", pad_edge=False)
    widths = _widths(width)
    for name, wide in widths.items():
        grid.add_column(
            name,
            width=wide or None,
            ratio=None if wide else 1,
            no_wrap=not fold,
            overflow="fold" if fold else "ellipsis",
            justify="right" if name == "age" else "left",
        )
    for row in rows:
        grid.add_row(*row.cells, style=row.style)
    return grid


def _widths(width: int) -> dict[str, int]:
    """Return the columns and their widths, 0 for what is left over; a narrow terminal has fewer."""
    if width < 60:  # noqa: PLR2004 - columns of characters
        return {"": 5, "kind": 12, "summary": 0, "age": 6}
    if width < 90:  # noqa: PLR2004
        return {"": 5, "kind": 12, "summary": 0, "age": 6, "state": 16}
    if width < 130:  # noqa: PLR2004
        return {"": 5, "kind": 15, "summary": 0, "place": 15, "age": 6, "state": 22}
    return {"": 5, "kind": 18, "summary": 0, "place": 22, "age": 6, "state": 28}


def _row(desk: Desk, alert: DeskAlert, now: datetime, width: int, *, selected: bool) -> "_Row":
    mark = Text.assemble(("▶" if selected else " "), (f" {words.LETTERS[alert.severity]} ", _severity_style(alert)))
    kind = Text(words.KINDS[alert.kind], "bold" if alert.endangers_life else "")
    if alert.endangers_life:
        mark.append("!", "bold red")
    cells = {
        "": mark,
        "kind": kind,
        "summary": _summary(desk, alert),
        "place": Text(alert.place),
        "age": Text(words.age(now - alert.updated_at)),
        "state": state(desk, alert),
    }
    return _Row([cells[name] for name in _widths(width)], _BAR if selected else "")


def _severity_style(alert: DeskAlert) -> str:
    return f"{words.STYLES[alert.severity]} not reverse" if alert.is_open else "dim"


def _summary(desk: Desk, alert: DeskAlert, *, whole: bool = False) -> Text:
    """Return the summary; beside its kind, without the words that say the kind again."""
    text = Text()
    if not alert.is_open:
        text.append("WITHDRAWN ", "bold")
    if alert.silenced_by:
        text.append("SILENCED ", "yellow")
    if alert.exercise and not alert.summary.startswith("EXERCISE"):
        text.append("EXERCISE: ", "bold magenta")
    if alert.key not in desk.recorded:
        return text.append("being written down that you see it …", "dim")
    said = alert.summary if whole else alert.summary.replace(f"{words.KINDS[alert.kind]}: ", "", 1)
    return text.append(said, "" if alert.is_open else "dim")


def state(desk: Desk, alert: DeskAlert) -> Text:
    """Return what the contact point answered, in a few words."""
    if pending := desk.pending.get(alert.id):
        return Text(f"sending: {words.OUTCOMES[pending.outcome]} …", "yellow")
    standing = desk.standing(alert)
    if standing.verdict is None:
        return Text("not acknowledged", "bold") if desk.answers_known else Text("…", "dim")
    changed = "changed since, " if standing.changed_since else ""
    by = f"{words.OUTCOMES[standing.verdict.outcome]}: {standing.verdict.officer}"
    return Text(changed + by, "yellow" if changed else "green")


def _news(desk: Desk, now: datetime) -> Text:
    """Return the line of news: what is typed or asked, else what is wrong and what came."""
    match desk.mode:
        case Typing(Field.FILTER, text):
            return Text(f" filter: {text}▏ {len(listed(desk))} of {len(desk.alerts)}", "bold")
        case Typing(Field.NOTE, text, outcome=str(outcome)):
            return Text(f" {words.OUTCOMES[outcome]}, note (may be empty): {text[-60:]}▏", "bold")
        case Choosing():
            choices = "  ".join(f"{key} {words.OUTCOMES[outcome]}" for key, outcome in OUTCOME_KEYS.items())
            return Text(f" outcome:  {choices}", "bold")
        case Opening():
            return Text(" being written down that you look at it …", "yellow")
    wrong = _wrong(desk, now)
    told = " · ".join((*wrong, *filter(None, (desk.message, *_limits(desk)))))
    return Text(harmless(f" {told}"), "bold red" if wrong or "NOT SENT" in desk.message else "yellow")


def _wrong(desk: Desk, now: datetime) -> list[str]:
    """Return what an officer must know before trusting the list."""
    found = []
    if is_stale(desk, now):
        old = f"as of {words.age(now - desk.read_at)} ago" if desk.read_at else "nothing read yet"
        found.append(f"STALE, {old}: the database does not answer{f' ({desk.away})' if desk.away else ''}")
    hidden = sum(one.endangers_life and not one.exercise and not passes(desk, one) for one in desk.alerts.values())
    if hidden:
        found.append(f"THE FILTER HIDES {hidden} WITH LIFE AT RISK")
    return found


def _limits(desk: Desk) -> Iterator[str]:
    """Return what is not shown."""
    if desk.filter:
        yield f"filter “{desk.filter}”: {len(listed(desk))} of {len(desk.alerts)}, Esc shows all"
    if desk.answers_away:
        yield f"answers of others are not read: {desk.answers_away}"
    if desk.left_out:
        yield f"{desk.left_out} older alerts are not listed"
    if desk.unreadable:
        yield f"{desk.unreadable} deliveries cannot be read"


def _keys(desk: Desk, at: int, room: int, lines: int) -> Text:
    match desk.mode:
        case Typing():
            return Text(" Enter takes it · Esc drops it · Ctrl-U clears")
        case Choosing():
            return Text(" 1 to 4 chooses · Esc goes back")
        case Opening():
            return Text(" Esc goes back")
        case Listing():
            return Text(" ↑↓ move · Enter detail · a acknowledge · o outcome · f filter · g top · ? help · q quit")
    whole = f" · lines {at + 1} to {min(at + room, lines)} of {lines}" if lines > room else ""
    if isinstance(desk.mode, Help):
        return Text(f" q back{whole}")
    return Text(f" ↑↓ scroll · a acknowledge · o outcome · ? help · q back{whole}")
