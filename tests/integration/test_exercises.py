"""Exercises: everything as in earnest and marked, but only who agreed is called, and nothing real is touched."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa
from escalation_rig import OPERATIONS, ROTA, Watch, a_verdict, duties
from exercise_rig import Drill
from factory import a_vehicle, an_alert, an_incident, as_line, at
from notices import a_notice

from consumers.calls import About, claim_calls
from consumers.channels.cap import compose
from consumers.contact_points import Channel, Language
from consumers.errors import ExerciseError
from consumers.exercise_tables import exercises
from consumers.exercises import alerts_of
from consumers.notice import parse
from consumers.outbox import Queue, claim
from consumers.retention import erase
from consumers.tables import audit, calls, sendings
from consumers.wording import word
from schemas.alerts import Severity
from schemas.codec import decode

pytest_plugins = ["delivery_services"]
AGREED = {**ROTA, "exercises": True}


@pytest.fixture
def drill(watch: Watch) -> Drill:
    return Drill(watch)


# Who is called


def test_by_default_nobody_is_called_and_neither_the_fallback_nor_operations_are_alarmed(
    watch: Watch, drill: Drill
) -> None:
    drill.start()
    done = Counter(watch.later(2))
    assert done == {"not_agreed": 5, "exercise_exhausted": 2}, "the four steps of SI, which has a rota, and one of HR"
    assert (watch.called(), watch.state(drill.alerts[0]), watch.state(drill.alerts[0], "EUROPOL")) == (
        [],
        "exhausted",
        None,
    )


def test_an_answer_still_counts_where_nobody_agreed_to_be_called(watch: Watch, drill: Drill) -> None:
    drill.start()
    watch.later(2)
    watch.hear(a_verdict(drill.alerts[0], exercise=True))
    assert watch.state(drill.alerts[0]) == "acknowledged"


def test_where_the_contact_point_agreed_its_officers_are_called_step_by_step(watch: Watch, drill: Drill) -> None:
    watch.duties = duties(AGREED)
    drill.to = ("SI",)
    drill.start()
    assert [watch.later(2), watch.later(2)] == [["officer_told"], ["officer_told"]]
    assert watch.called() == ["a.novak", "b.kos"]


def test_what_an_officer_says_holds_before_what_the_contact_point_says(watch: Watch, drill: Drill) -> None:
    officers = {**ROTA["officers"], "a.novak": {**ROTA["officers"]["a.novak"], "exercises": False}}
    watch.duties = duties({**AGREED, "officers": officers})
    drill.to = ("SI",)
    drill.start()
    assert watch.later(2) == ["not_agreed", "officer_told"]
    assert watch.called() == ["b.kos"]


def test_a_hole_in_the_rota_is_what_an_exercise_is_to_find(watch: Watch, drill: Drill) -> None:
    watch.duties = duties({**AGREED, "layers": [[], [{"officers": ["b.kos"]}]]})
    drill.to = ("SI",)
    drill.start()
    assert watch.later(2) == ["nobody_on_duty", "officer_told"]


def test_one_officer_may_agree_where_the_contact_point_does_not(watch: Watch, drill: Drill) -> None:
    officers = {**ROTA["officers"], "b.kos": {**ROTA["officers"]["b.kos"], "exercises": True}}
    watch.duties = duties({**ROTA, "officers": officers})
    drill.to = ("SI",)
    drill.start()
    for _ in range(6):
        watch.later(2)
    assert set(watch.called()) == {"b.kos"}


def test_a_fallback_and_operations_that_agreed_are_told(watch: Watch, drill: Drill) -> None:
    europol = {**AGREED, "supervisors": []}
    watch.duties = duties(None, rotas={"EUROPOL": europol}, operations={**OPERATIONS, "exercises": True})
    drill.to = ("SI",)
    drill.start()
    watch.later(2)
    assert watch.steps()[-1][3] == ["EUROPOL", "operations"]


def test_who_did_not_agree_to_exercises_is_called_in_earnest_meanwhile(watch: Watch, drill: Drill) -> None:
    drill.start()
    watch.tell(an_alert())
    assert "officer_told" in watch.later(2)
    assert watch.called() == ["a.novak"]


# What is real goes first


def test_a_real_clock_is_acted_on_before_one_of_an_exercise_that_is_due_longer(watch: Watch, drill: Drill) -> None:
    watch.duties = duties(AGREED)
    drill.to = ("SI",)
    drill.start()
    watch.now += timedelta(minutes=1)
    real = an_alert()
    watch.tell(real)
    watch.later(5)
    first = watch.database.rows(
        sa.select(audit.c.alert_id).where(audit.c.purpose == "escalation").order_by(audit.c.number)
    )
    assert first[0].alert_id == real.id


def test_a_real_call_is_made_before_one_of_an_exercise_that_waits_longer(watch: Watch, drill: Drill) -> None:
    watch.duties = duties(AGREED)
    drill.to = ("SI",)
    drill.start()
    watch.later(2)
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2))
    real = an_alert(*incidents, severity=Severity.LOW)
    watch.tell(real)
    watch.now += timedelta(hours=4)
    watch.act()
    (call,) = watch.done(lambda connection: claim_calls(connection, "one", 1))
    assert call.alert_id == real.id


def test_the_least_of_what_is_real_is_delivered_before_an_exercises_danger_to_life(watch: Watch, drill: Drill) -> None:
    drill.start()
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2))
    real = an_alert(*incidents, severity=Severity.LOW)
    watch.tell(real)
    queue = Queue("SI", Channel.WEBHOOK)
    (first,) = watch.done(lambda connection: claim(connection, "one", {queue: 1}))
    assert parse(first.payload).data.alert == real.id


# What is said


def test_every_notice_of_it_says_that_it_is_an_exercise(watch: Watch, drill: Drill) -> None:
    drill.start()
    drill.stop()
    said = [parse(row.notice) for row in watch.database.rows(sa.select(sendings))]
    assert [(one.data.exercise, one.data.status) for one in said] == [
        (True, "open"),
        (True, "open"),
        (True, "withdrawn"),
        (True, "withdrawn"),
    ]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("call", [None, *About])
def test_mails_and_calls_say_exercise_before_anything_else(language: Language, call: About | None) -> None:
    word_for_it = {"en": "EXERCISE", "sl": "VAJA", "sr_Latn": "VEŽBA", "sr_Cyrl": "ВЕЖБА"}[language]
    said = word(a_notice(exercise=True, life_at_risk=True), language, "https://brdo.example", call)
    assert said.subject.startswith(f"{word_for_it}: ")
    assert said.text.startswith(f"{word_for_it}: ")


def test_cap_says_exercise_where_cap_says_it_and_in_the_headline() -> None:
    document = compose(a_notice(exercise=True, severity=Severity.CRITICAL), Language.ENGLISH, "https://brdo.example")
    status, headline = (document.findtext(f".//{{*}}{name}") for name in ("status", "headline"))
    assert status == "Exercise"
    assert str(headline).startswith("EXERCISE: ")


def test_the_record_says_it_first_and_every_event_of_it_is_marked(watch: Watch, drill: Drill) -> None:
    drill.start("back-again")
    (record,) = watch.database.records("SI")
    assert record.alert is not None
    assert record.alert["summary"].startswith("EXERCISE: ")
    assert all(decode(line).exercise for line in drill.sent)


# Stopping


def test_stopping_withdraws_its_alerts_and_stops_their_clocks(watch: Watch, drill: Drill) -> None:
    exercise = drill.start()
    assert watch.running() == {"SI", "HR"}
    drill.stop()
    assert watch.running() == set()
    assert watch.state(drill.alerts[0]) == "withdrawn"
    assert watch.done(lambda connection: alerts_of(connection, exercise)) == {drill.alerts[0].id: False}
    assert watch.later(600) == []


def test_stopping_tells_whoever_was_called_that_it_is_over(watch: Watch, drill: Drill) -> None:
    watch.duties = duties(AGREED)
    drill.to = ("SI",)
    drill.start()
    watch.later(2)
    watch.delivered()
    drill.stop()
    assert watch.told_over() == [("a.novak", "withdrawn")]
    (over,) = watch.database.rows(sa.select(calls).where(calls.c.about == "withdrawn"))
    assert word(parse(over.notice), Language.ENGLISH, "https://brdo.example", About.WITHDRAWN).subject == (
        f"EXERCISE: STAND DOWN: SI, {drill.alerts[0].id}"
    )


def test_stopping_leaves_alone_what_is_real_even_of_the_same_vehicle(watch: Watch, drill: Drill) -> None:
    drill.start()
    van = a_vehicle("EXERCISE-1", "HR")
    (real,) = drill.report(as_line(an_incident(life_at_risk=True, vehicles=[van])))
    drill.stop()
    assert watch.state(real) == "running"
    assert [alert.id for alert in drill.casebook.open_alerts] == [real.id]


def test_where_it_broke_off_in_the_middle_all_that_may_have_been_sent_is_taken_back(drill: Drill) -> None:
    drill.fails_after = 1
    with pytest.raises(OSError, match="away"):
        drill.start("back-again")
    drill.fails_after = None
    exercise = drill.stop()
    back = [decode(line) for line in drill.sent[1:]]
    assert [(one.type, getattr(one, "retracts", "")) for one in back] == [
        ("retraction", f"{exercise.id}.again"),
        ("retraction", f"{exercise.id}.first"),
    ]


def test_there_is_one_at_a_time(drill: Drill) -> None:
    first = drill.start()
    with pytest.raises(ExerciseError, match=f"{first.id} runs already"):
        drill.start()
    assert len(drill.sent) == 1
    drill.stop()
    with pytest.raises(ExerciseError, match="no exercise runs"):
        drill.stop()
    assert drill.start().id != first.id


def test_start_and_stop_are_in_the_audit(watch: Watch, drill: Drill) -> None:
    identity = drill.start().id
    drill.stop()
    rows = watch.database.rows(
        sa.select(audit).where(audit.c.purpose == "exercise of A. Novak").order_by(audit.c.number)
    )
    assert [(row.book, row.actor, row.act, row.detail) for row in rows] == [
        ("system", "root", "change", f"{identity} started, scenario sealed-van"),
        ("system", "root", "change", f"{identity} stopped"),
    ]


def test_it_is_forgotten_when_retention_ends_and_only_once_it_is_over(watch: Watch, drill: Drill) -> None:
    drill.start()
    watch.done(lambda connection: erase(connection, timedelta(days=-400)))
    assert watch.database.count(exercises) == 1
    drill.stop()
    watch.done(lambda connection: erase(connection, timedelta(days=-400)))
    assert watch.database.count(exercises) == 0
