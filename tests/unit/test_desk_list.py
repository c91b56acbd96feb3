"""The duty desk's list: its order, its filter, and a selection that nothing takes over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from desk_rig import a_desk, a_record, answered, assigned, pressed, told_all
from factory import NOW, a_vehicle, an_alert, an_incident, at
from hypothesis import given
from hypothesis import strategies as st

from consumers.audience import Audience, AudienceReason, View
from consumers.desk.alerts import DeskAlert, read_record
from consumers.desk.answers import Answers
from consumers.desk.model import Away, Desk, Read, Recorded, RecordList, Ring, is_stale
from consumers.desk.news import told
from consumers.desk.order import chosen, listed
from schemas.alerts import Severity


def a_repeat(plate: str = "LJ AB-123", *, minutes_old: float = 0, **fields: Any) -> DeskAlert:
    events = [an_incident(occurred_at=at(day), vehicles=[a_vehicle(plate)]) for day in (0, 5)]
    return assigned(an_alert(*events, updated_at=NOW - timedelta(minutes=minutes_old), **fields))


def a_danger(*, minutes_old: float = 0, **fields: object) -> DeskAlert:
    return assigned(an_alert(updated_at=NOW - timedelta(minutes=minutes_old), **fields))


def test_life_at_risk_comes_first_then_the_unanswered_by_severity_then_the_newest() -> None:
    newer, older = a_danger(minutes_old=10), a_danger(minutes_old=90)
    high_old = a_repeat("A 1", minutes_old=60, severity=Severity.HIGH)
    high_new = a_repeat("A 2", minutes_old=50, severity=Severity.HIGH)
    low = a_repeat("A 3", minutes_old=1, severity=Severity.LOW)
    withdrawn = a_repeat("A 4", severity=Severity.CRITICAL, status="withdrawn")
    done = a_repeat("A 5", severity=Severity.CRITICAL)
    desk = a_desk(low, done, withdrawn, high_old, older, high_new, newer)
    desk = replace(desk, answers=desk.answers.with_messages([answered(done)]))
    desk = told_all(desk, Read((done,), NOW))
    assert listed(desk) == [newer, older, high_new, high_old, low, withdrawn, done]


def test_a_danger_that_is_answered_comes_after_one_that_is_not_and_before_everything_else() -> None:
    done, repeat = a_danger(), a_repeat()
    open_danger, drill = a_danger(minutes_old=600), a_danger(exercise=True)
    desk = a_desk(repeat, done, drill, open_danger)
    desk = told_all(replace(desk, answers=desk.answers.with_messages([answered(done)])), Read((done,), NOW))
    assert listed(desk) == [open_danger, drill, done, repeat]


def test_the_selection_stays_on_its_alert_when_others_come_above_it() -> None:
    """Even where nobody has moved it yet: the next key must not fall on what has just come."""
    first, second = a_repeat("A 1"), a_repeat("A 2", minutes_old=5)
    untouched = a_desk(first, second)
    moved, _ = pressed(untouched, "down")
    for desk, alert in ((untouched, first), (moved, second)):
        after = told_all(desk, Read((a_danger(),), NOW))
        assert chosen(after) == alert
        assert listed(after).index(alert) == listed(desk).index(alert) + 1


@given(st.lists(st.sampled_from(["up", "down", "page_down", "home", "end", "new", "a"]), max_size=30))
def test_the_selection_is_moved_by_keys_alone(steps: list[str]) -> None:
    desk = a_desk(a_repeat("A 1"), a_repeat("A 2"))
    for step in steps:
        before = chosen(desk)
        desk = told_all(desk, Read((a_danger(),), NOW)) if step == "new" else pressed(desk, step)[0]
        assert before is not None
        assert step not in {"new", "a"} or chosen(desk) == before


def test_a_new_revision_takes_the_place_of_the_old_one() -> None:
    alert = a_danger()
    newer = alert.model_copy(update={"revision": 2, "status": "withdrawn"})
    assert listed(told_all(a_desk(alert), Read((newer,), NOW))) == [newer]


def test_the_filter_takes_words_kinds_and_severities() -> None:
    danger, repeat, low = a_danger(), a_repeat("KP 7"), a_repeat("KP 8", severity=Severity.LOW)
    desk = a_desk(danger, repeat, low)

    def found(text: str) -> list[DeskAlert]:
        return listed(replace(desk, filter=text))

    assert found("") == [danger, repeat, low]
    assert found("kind:life") == [danger]
    assert found("k:vehicle severity:low") == found("kp8") == [low]
    assert found("OBREŽJE") == [danger, repeat, low]
    assert found("s:life") == found("nothing like it") == []
    assert found("exercise") == []


def test_a_summary_that_may_not_be_shown_yet_is_not_found_either() -> None:
    alert = a_repeat("KP 7")
    desk, effects = told(Desk("SI", Answers("SI")), Read((alert,), NOW))
    assert effects == (RecordList((alert.key,)),)
    assert listed(replace(desk, filter="kp7")) == []
    desk, _ = told(desk, Recorded(RecordList((alert.key,))))
    assert listed(replace(desk, filter="kp7")) == [alert]


def test_each_revision_that_is_listed_is_written_down_once_and_again_after_a_failure() -> None:
    first, second = a_repeat("A 1"), a_repeat("A 2")
    desk, effects = told(Desk("SI", Answers("SI")), Read((first,), NOW))
    look = RecordList((first.key,))
    assert effects == (look,)
    desk, effects = told(desk, Read((second,), NOW))
    assert effects == (RecordList((second.key,)),)
    desk, _ = told(desk, Recorded(look, "Kafka is away"))
    assert "Kafka is away" in desk.message
    desk, effects = told(desk, Read((), NOW))
    assert effects == (look,)
    desk, _ = told(desk, Recorded(look))
    assert told(desk, Read((), NOW))[1] == ()


def test_a_new_danger_rings_and_is_named_whatever_the_filter_hides() -> None:
    desk = replace(a_desk(a_repeat()), filter="kind:vehicle")
    after, effects = told(desk, Read((a_danger(),), NOW))
    assert Ring() in effects
    assert after.message == "new: Life at risk at Obrežje (SI)"
    assert Ring() not in told(a_desk(), Read((a_repeat(),), NOW))[1]
    first = told(Desk("SI", Answers("SI")), Read((a_danger(),), NOW))
    assert Ring() not in first[1], "what stood there before the desk was opened is no news"


def test_the_list_is_stale_while_the_database_is_away_or_silent_and_fresh_once_it_is_back() -> None:
    desk = a_desk(a_repeat())
    assert not is_stale(desk, NOW + timedelta(seconds=9))
    assert is_stale(desk, NOW + timedelta(seconds=11))
    away = told_all(desk, Away("OperationalError"))
    assert is_stale(away, NOW)
    assert listed(away) == listed(desk)
    assert not is_stale(told_all(away, Read((), NOW)), NOW)


def test_an_extract_and_a_recall_are_read_as_far_as_they_go() -> None:
    secret: dict[str, Any] = {"handling": "H2", "handling_codes": ("H2",), "restricted_by": ("HR",)}
    extract = assigned(an_alert(**secret))
    assert (extract.view, extract.originators, extract.place) == (View.PROTECTION_EXTRACT, (), "Obrežje (SI)")
    recall = a_repeat(status="withdrawn", **secret)
    assert (recall.view, recall.severity, recall.summary, recall.place) == (View.RECALL, None, "", "")
    assert listed(a_desk(recall, extract)) == [extract, recall]


def test_what_cannot_be_read_is_counted_and_hides_nothing_else() -> None:
    full = Audience(View.FULL, AudienceReason.NO_RESTRICTION)
    bad: tuple[Any, ...] = (None, {}, 1, [], "x", {"id": "al-1"})
    for shown in bad:
        assert read_record(a_record(shown, full)) is None
    desk = told_all(a_desk(a_repeat()), Read((), NOW, unreadable=2))
    assert (desk.unreadable, len(listed(desk))) == (2, 1)
