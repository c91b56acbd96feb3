"""The duty desk's screen: readable without colour, whole in a detail, and steered by no text from outside."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from desk_rig import a_desk, a_record, answered, assigned, granted, lines_of, pressed, told_all
from factory import NOW, a_bulletin, a_vehicle, an_alert, an_incident, at
from hypothesis import given
from hypothesis import strategies as st
from offline_rig import standing

from consumers.audience import Audience, AudienceReason, View
from consumers.desk.actions import press
from consumers.desk.alerts import DeskAlert, read_record
from consumers.desk.answers import Answers
from consumers.desk.harmless import harmless
from consumers.desk.keys import Press
from consumers.desk.model import Answered, AnswersAway, Away, Desk, Read
from consumers.desk.news import told
from consumers.desk.screen import frame
from schemas.alerts import Severity, SuggestedResponse

CHECKED = {"id", "status", "kind", "severity"}
"""Fields that are codes: what is none of them is no alert at all."""

HOSTILE = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202e\u200b[bold red]x[/] \r\nnext"


def opened(desk: Desk) -> Desk:
    desk, effects = pressed(desk, "enter")
    return granted(desk, effects)


def shown(desk: Desk, width: int = 100, height: int = 30) -> str:
    return "\n".join(lines_of(desk, width=width, height=height))


def a_repeat(**fields: object) -> DeskAlert:
    events = [an_incident(id=f"E-{day}", occurred_at=at(day), vehicles=[a_vehicle()]) for day in (0, 5)]
    return assigned(an_alert(*events, **fields))


def test_the_list_says_everything_without_colour() -> None:
    danger = assigned(updated_at=NOW - timedelta(minutes=5))
    repeat = a_repeat(severity=Severity.MEDIUM, updated_at=NOW - timedelta(hours=3))
    desk = told_all(a_desk(danger, repeat), Answered((answered(repeat),)))
    first, second = lines_of(desk)[2:4]
    assert re.match(
        r"▶ C ! Life at risk +migrant smuggling at Obrežje .*… Obrežje \(SI\) +5 min not acknowledged", first
    )
    assert re.match(r"  M   Vehicle is back Vehicle LJAB123 .*… Obrežje \(SI\) +3 h acknowledged: M. Kovač", second)


@pytest.mark.parametrize(("width", "height"), [(160, 45), (100, 30), (60, 15), (40, 8), (20, 5), (1, 1)])
def test_a_screen_of_any_size_fits(width: int, height: int) -> None:
    for desk in (Desk("SI", Answers("SI")), a_desk(), a_desk(*(a_repeat(id=f"al-{n:020}") for n in range(40)))):
        for keys in ((), ("enter",), ("?",), ("f",), ("o",), ("o", "1"), ("end",)):
            mode, effects = pressed(desk, *keys)
            lines = lines_of(granted(mode, effects), width=width, height=height)
            assert len(lines) == height or width < 40  # smaller ones are cut by the terminal
            assert all(len(line) <= width for line in lines)


def test_the_selected_line_is_on_the_screen_wherever_it_stands_and_moves_for_nothing_above_it() -> None:
    alerts = [a_repeat(id=f"al-{n:020}", updated_at=NOW - timedelta(minutes=n)) for n in range(100)]
    desk, _ = pressed(a_desk(*alerts), *["down"] * 50)
    (before,) = (number for number, line in enumerate(lines_of(desk)) if "▶" in line)
    (after,) = (number for number, line in enumerate(lines_of(told_all(desk, Read((assigned(),), NOW)))) if "▶" in line)
    assert before == after


def test_the_longest_bulletin_is_read_to_its_last_word() -> None:
    text = "Ђ " * 9_997 + "finis."
    (alert,) = standing("bulletin", a_bulletin(text=text, exercise=True))
    desk, _ = pressed(opened(a_desk(assigned(alert))), "end")
    assert len(text) == 20_000
    assert "finis." in shown(desk)


def test_a_detail_is_whole() -> None:
    entry = SuggestedResponse(entry="w-1", check="specific", text="Search it.", originator="AT")
    notes = ("Ignored an update of another station.",)
    alert = a_repeat(suggested_responses=(entry,), quality_notes=notes, superseded_by="al-" + "0" * 20)
    text = shown(opened(a_desk(alert)), width=160, height=80)
    for part in (
        alert.summary[:60],
        "+0.50 LJAB123 (SI) was used in 2 occurrences",
        "evidence: E-0, E-5",
        "specific check: Search it.",
        "asked by AT",
        "06 May 2026 08:00  Obrežje (SI)  incident",
        "vehicle LJAB123 (SI)",
        "H1: not to be used in court without permission",
        "evaluation X4: the reliability of the source cannot be assessed; not known to the source",
        "originated by SI",
        notes[0],
        "Obrežje (SI) is one of the places.",
        "Nobody at SI has acknowledged it.",
        "Continued as al-00000000000000000000",
    ):
        assert part in text
    assert "EXERCISE" not in text
    assert "WITHDRAWN" not in text


def test_a_drill_and_a_withdrawal_say_so_first() -> None:
    alert = a_repeat(exercise=True, status="withdrawn", withdrawn_reason="no_longer_supported")
    assert "WITHDRAWN EXERCISE: Vehicle" in shown(a_desk(alert), width=160)
    lines = lines_of(opened(a_desk(alert)))
    assert "EXERCISE" in lines[0]
    assert lines[2].startswith(" EXERCISE — this is a drill")
    assert lines[3].strip() == "WITHDRAWN: the reports no longer support it"


def test_an_extract_says_what_it_is_and_names_no_source() -> None:
    alert = assigned(handling="H2", handling_codes=("H2",), restricted_by=("HR",), originators=("HR",))
    assert alert.view is View.PROTECTION_EXTRACT
    text = shown(opened(a_desk(alert)), height=60)
    assert "Extract to protect life" in text
    assert "originated by somebody who may not be told" in text


def test_a_detail_scrolls_to_its_end_and_no_further() -> None:
    desk = opened(a_desk(a_repeat()))
    furthest = frame(desk, NOW, 100, 12).furthest
    assert furthest > 0
    last, _ = pressed(desk, *["page_down"] * 50)
    assert "evidence counts until" in shown(last, height=12)


def test_a_newer_revision_is_announced_over_the_one_that_is_read() -> None:
    alert = assigned()
    newer = alert.model_copy(update={"revision": 2, "status": "withdrawn", "summary": "not yet"})
    text = shown(told_all(opened(a_desk(alert)), Read((newer,), NOW)))
    assert "WITHDRAWN meanwhile; Enter shows it." in text
    assert "not yet" not in text


def test_a_summary_waits_until_it_is_written_down_who_sees_it() -> None:
    desk, _ = told(Desk("SI", Answers("SI")), Read((a_repeat(),), NOW))
    assert "LJAB123" not in shown(desk)
    assert "being written down that you see it" in shown(desk)


def test_the_line_of_news_says_what_is_wrong() -> None:
    later = NOW + timedelta(seconds=75)
    desk = told_all(a_desk(assigned(), a_repeat()), Away("OperationalError"), AnswersAway("Kafka does not answer"))
    line = lines_of(replace(desk, filter="kind:vehicle"), now=later, width=200)[-2]
    assert line.startswith(" STALE, as of 1 min ago: the database does not answer (OperationalError)")
    assert "THE FILTER HIDES 1 WITH LIFE AT RISK" in line
    assert "answers of others are not read" in line


def hostile(alert: DeskAlert) -> DeskAlert:
    """Return the alert with every text in its payload followed by what would steer a terminal."""

    def spoilt(value: object) -> object:
        if isinstance(value, list):
            return [spoilt(one) for one in value]
        if isinstance(value, dict):
            return {
                name: one if name in CHECKED or name.endswith("_at") else spoilt(one) for name, one in value.items()
            }
        return value + HOSTILE if isinstance(value, str) else value

    whole = spoilt(json.loads(alert.model_dump_json(exclude={"view", "why", "valid_until"}, exclude_none=True)))
    full = Audience(View.FULL, AudienceReason.NO_RESTRICTION)
    read = read_record(a_record(whole, full, (HOSTILE,)))
    assert read is not None
    return read


@pytest.mark.parametrize("color_system", [None, "truecolor"])
def test_no_text_from_outside_steers_the_terminal_or_the_markup(color_system: str | None) -> None:
    """Of escapes there are only colours: those that this program writes itself."""
    alert = hostile(a_repeat())
    desk = told_all(a_desk(alert, officer="A. Novak"), Answered((answered(alert, f"X{HOSTILE}", note=HOSTILE),)))
    for seen in (desk, opened(desk), replace(desk, filter=harmless(HOSTILE), message=harmless(HOSTILE))):
        text = "\n".join(lines_of(seen, height=200, width=600, color_system=color_system))
        plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
        assert color_system is None or plain != text
        assert all(character.isprintable() or character == "\n" for character in plain)
        for after in plain.split("\\x200b")[1:]:
            assert after.startswith("[bold red]x[/]") or "…" in after[:14]
        assert "[bold red]x[/]" in plain
        assert "\\x1b[2J" in plain
        assert "\\x202e" in plain


@given(st.text(max_size=200))
def test_harmless_text_is_one_printable_line_and_cut(text: str) -> None:
    assert harmless(text).isprintable()
    assert len(harmless(text, 10)) <= 10 * 10 + 1
    assert text not in {"", *text.splitlines()} or not text.isprintable() or harmless(text) == text


def test_a_filter_is_shown_as_it_is_typed() -> None:
    desk, _ = pressed(a_desk(assigned(), a_repeat()), "f", *"kind:vehicle")
    assert lines_of(desk)[-2].startswith(" filter: kind:vehicle▏ 1 of 2")
    desk, _ = press(desk, Press("enter"))
    assert "filter “kind:vehicle”: 1 of 2" in lines_of(desk)[-2]
    desk, _ = pressed(desk, "escape")
    assert desk.filter == ""
