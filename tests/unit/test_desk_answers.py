"""What officers answer: who did, what carries over, what is taken back, and what goes on its way."""

from datetime import timedelta

import pytest
from desk_rig import a_desk, answered, assigned, granted, pressed, told_all
from factory import NOW, an_alert

from consumers.desk.actions import press
from consumers.desk.answers import Answer, Answers, verdict
from consumers.desk.keys import Press
from consumers.desk.model import (
    Answered,
    Choosing,
    Consult,
    Desk,
    Detail,
    Listing,
    NotSent,
    Opening,
    Quit,
    Read,
    Recorded,
    Send,
    Sent,
    Typing,
)
from consumers.desk.news import told
from schemas.codec import decode, encode
from schemas.feedback import Retraction


def taken_back(identity: str, originator: str = "SI") -> Retraction:
    return Retraction(
        type="retraction",
        schema_version="1.0",
        id="rt-1",
        at=NOW,
        originator=originator,
        officer="A. Novak",
        retracts=identity,
        reason="entered_in_error",
    )


def test_acknowledging_is_pending_until_kafka_has_it() -> None:
    alert = assigned()
    desk, effects = pressed(a_desk(alert), "a")
    answer = Answer(alert.id, exercise=False, outcome="acknowledged")
    assert effects == [Send(answer)]
    assert (desk.pending, desk.standing(alert).verdict) == ({alert.id: answer}, None)
    assert pressed(desk, "a")[1] == [], "not twice"
    verdict = answered(alert, "A. Novak")
    desk = told_all(desk, Sent(answer, verdict))
    assert (desk.pending, desk.standing(alert).verdict) == ({}, verdict)
    desk, effects = pressed(desk, "a")
    assert (effects, desk.message) == ([], "answered already: acknowledged by A. Novak")


def test_an_answer_that_did_not_arrive_is_not_shown_as_given() -> None:
    alert = assigned()
    desk, (sent,) = pressed(a_desk(alert), "a")
    assert isinstance(sent, Send)
    desk = told_all(desk, NotSent(sent.answer, "no answer in time"))
    assert (desk.pending, desk.standing(alert).verdict) == ({}, None)
    assert desk.message.startswith("NOT SENT: acknowledged")
    assert pressed(desk, "a")[1] == [sent]


@pytest.mark.parametrize("keys", [("a",), ("o",), ("enter", "a"), ("enter", "o")])
def test_nobody_answers_without_a_name_or_before_the_answers_are_read(keys: tuple[str, ...]) -> None:
    alert = assigned()
    nameless = a_desk(alert, officer=None)
    early = told_all(Desk("SI", Answers("SI"), "A. Novak"), Read((alert,), NOW))
    for desk, said in ((nameless, "--officer"), (early, "not read yet")):
        after = desk
        for key in keys:
            after, effects = pressed(after, key)
            after = granted(after, effects)
            assert not any(isinstance(one, Send) for one in effects)
        assert said in after.message
        assert not isinstance(after.mode, Choosing)


def test_an_outcome_goes_with_its_note_and_can_be_dropped() -> None:
    alert = assigned(exercise=True)
    desk, effects = pressed(a_desk(alert), "o", "2", *"not ours ", "enter")
    assert effects == [Send(Answer(alert.id, exercise=True, outcome="not_confirmed", note="not ours"))]
    assert desk.mode == Listing()
    assert pressed(a_desk(alert), "o", "3", "enter")[1] == [Send(Answer(alert.id, exercise=True, outcome="no_action"))]
    for keys in (("o", "escape"), ("o", "1", "escape"), ("o", "9", "q")):
        desk, effects = pressed(a_desk(alert), *keys)
        assert (desk.mode, effects) == (Listing(), [])


def test_texts_that_are_typed_have_an_end_and_letters_in_them_are_no_commands() -> None:
    desk, effects = pressed(a_desk(assigned()), "o", "1", *"aq" * 400)
    assert isinstance(desk.mode, Typing)
    assert (len(desk.mode.text), effects) == (500, [])
    desk, _ = press(desk, Press("x" * 9_000, pasted=True))
    assert isinstance(desk.mode, Typing)
    assert len(desk.mode.text) == 500


def test_what_is_pasted_does_nothing_outside_a_text() -> None:
    desk = a_desk(assigned())
    assert press(desk, Press("a", pasted=True)) == (desk, ())
    typing, _ = pressed(desk, "f")
    assert press(typing, Press("a\x1b[2Jb\n", pasted=True))[0].filter == "a[2Jb"


def test_no_record_no_look() -> None:
    alert = assigned()
    desk, effects = pressed(a_desk(alert), "enter")
    assert (desk.mode, effects) == (Opening(alert), [Consult(alert)])
    refused = told_all(desk, Recorded(Consult(alert), "no answer in time"))
    assert refused.mode == Listing()
    assert "not shown" in refused.message
    assert told_all(desk, Recorded(Consult(alert))).mode == Detail(alert)
    left, _ = pressed(desk, "escape")
    assert told_all(left, Recorded(Consult(alert))).mode == Listing(), "who has left it is not shown it"


def test_a_newer_revision_is_a_look_of_its_own_and_answered_only_once_it_is_read() -> None:
    alert = assigned()
    desk, effects = pressed(a_desk(alert), "enter")
    newer = alert.model_copy(update={"revision": 2})
    desk = told_all(granted(desk, effects), Read((newer,), NOW))
    assert desk.mode == Detail(alert), "what is being read stays"
    refused, effects = pressed(desk, "a")
    assert (effects, "read it again" in refused.message) == ([], True)
    desk, effects = pressed(desk, "enter")
    assert effects == [Consult(newer)]
    desk = granted(desk, effects)
    assert desk.mode == Detail(newer)
    assert pressed(desk, "enter")[1] == [], "once is enough"


def test_answers_are_those_of_the_own_contact_point_and_the_newest_holds() -> None:
    alert = assigned()
    first = answered(alert, at=alert.updated_at + timedelta(minutes=1))
    later = answered(alert, "Z. Horvat", at=first.at + timedelta(minutes=1), id="vd-2", outcome="confirmed")
    others = answered(alert, at=later.at + timedelta(minutes=1), id="vd-3", contact_point="HR")
    desk = told_all(a_desk(alert), Answered((later, others, first)))
    assert desk.standing(alert).verdict == later
    again = answered(alert, at=NOW + timedelta(days=1), outcome="no_action")
    assert told_all(desk, Answered((again,))).standing(alert).verdict == later, "of two with one id the first holds"


def test_an_answer_that_was_taken_back_counts_no_more_whichever_came_first() -> None:
    alert = assigned()
    said = answered(alert)
    for messages in ((said, taken_back("vd-1")), (taken_back("vd-1"), said)):
        assert told_all(a_desk(alert), Answered(messages)).standing(alert).verdict is None
    assert told_all(a_desk(alert), Answered((said, taken_back("vd-1", "HR")))).standing(alert).verdict == said


def test_what_changed_since_the_answer_says_so_and_can_be_acknowledged_again() -> None:
    alert = assigned()
    desk = told_all(a_desk(alert), Answered((answered(alert, at=alert.updated_at),)))
    assert not desk.standing(alert).changed_since
    newer = alert.model_copy(update={"revision": 2, "updated_at": alert.updated_at + timedelta(minutes=1)})
    desk = told_all(desk, Read((newer,), NOW))
    assert desk.standing(newer).changed_since
    assert len(pressed(desk, "a")[1]) == 1


def test_an_answer_carries_over_to_the_alert_that_continues_it_and_a_circle_ends() -> None:
    old, middle, new = assigned(), assigned(), assigned()
    chain = [
        old.model_copy(update={"status": "withdrawn", "superseded_by": middle.id}),
        middle.model_copy(update={"status": "withdrawn", "superseded_by": new.id}),
    ]
    said = answered(old)
    desk = told_all(a_desk(*chain, new), Answered((said,)))
    assert desk.standing(new).verdict == said
    circle = new.model_copy(update={"superseded_by": old.id})
    assert told_all(desk, Read((circle,), NOW)).standing(old).verdict == said


def test_leaving_warns_while_an_answer_is_on_its_way() -> None:
    assert pressed(a_desk(), "q")[1] == [Quit()]
    desk, _ = pressed(a_desk(assigned()), "a")
    warned, effects = pressed(desk, "q")
    assert (effects, "not with Kafka yet" in warned.message) == ([], True)
    assert pressed(warned, "q")[1] == [Quit()]
    assert pressed(warned, "j", "q")[1] == [], "another key takes it back"


def test_the_verdict_that_is_sent_passes_intake() -> None:
    answer = Answer(an_alert().id, exercise=True, outcome="clarification_asked", note="Which lane?")
    said = verdict(answer, contact_point="SI", officer="A. Novak", at=NOW, identity="vd-1")
    assert decode(encode(said)) == said
    assert (said.exercise, said.officer, said.note) == (True, "A. Novak", "Which lane?")


def test_a_message_of_another_kind_is_no_answer() -> None:
    alert = assigned()
    desk, effects = told(a_desk(alert), Answered(()))
    assert (desk.answers.verdicts, effects) == ({}, ())
