"""Silences on a real PostgreSQL: what they hold back, what none of them ever does, and what is on record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from escalation_rig import NOON, Watch, revised, withdrawn
from factory import an_alert, an_incident
from prometheus_client import REGISTRY
from silence_rig import REPEATS, a_repeat, lifted, marks, person, sent, silenced, to

from consumers import silences
from consumers.audit import Act
from consumers.holding import look_after
from consumers.permissions import Who
from consumers.records import read_records
from consumers.silence_tables import silences as rows
from consumers.silencing import Matcher
from consumers.tables import audit, deliveries
from schemas.alerts import Severity

pytest_plugins = ["delivery_services"]


# What it holds back


def test_what_a_silence_names_is_not_sent_and_everything_else_is(watch: Watch) -> None:
    silenced(watch, places=["SI-OBR"])
    here, elsewhere = a_repeat(), a_repeat(station="SI-GRU")
    watch.tell(here, elsewhere)
    assert sent(watch) == to("SI", elsewhere)


@pytest.mark.parametrize(
    ("match", "holds"),
    [
        ({"kinds": ["repeat_vehicle"]}, True),
        ({"kinds": ["convoy"]}, False),
        ({"severity_at_most": "medium"}, True),
        ({"severity_at_most": "low"}, False),
        ({"places": ["HR-BRE/SI-OBR"]}, True),
        ({"places": ["HR-BRE"]}, False),
        ({"countries": ["SI", "AT"]}, True),
        ({"countries": ["HR"]}, False),
        ({"kinds": ["repeat_vehicle"], "countries": ["HR"]}, False),
    ],
)
def test_all_that_it_names_must_hold_of_the_alert(watch: Watch, match: dict[str, Any], holds: bool) -> None:  # noqa: FBT001 - a parameter
    silenced(watch, **match)
    alert = a_repeat()
    watch.tell(alert)
    assert sent(watch) == ([] if holds else to("SI", alert))


def test_of_a_single_alert_it_holds_no_other(watch: Watch) -> None:
    one, other = a_repeat(), a_repeat()
    silenced(watch, alert=one.id)
    watch.tell(one, other)
    assert sent(watch) == to("SI", other)


def test_other_contact_points_are_told_and_called_as_ever(watch: Watch) -> None:
    silenced(watch)
    alert = a_repeat()
    watch.tell(alert, to=("SI", "HR"))
    assert sent(watch) == to("HR", alert)
    assert watch.later(30) == ["no_rota", "exhausted"], "HR, which has no rota"


def test_one_that_begins_later_holds_nothing_yet(watch: Watch) -> None:
    silenced(watch, after_hours=1)
    first, second = a_repeat(), a_repeat()
    watch.tell(first)
    assert sent(watch) == to("SI", first)
    watch.now += timedelta(hours=1)
    watch.tell(second)
    assert sent(watch) == []


def test_the_record_is_numbered_listed_and_fetched_and_says_which_silence_held_it_back(watch: Watch) -> None:
    silence = silenced(watch)
    alert = a_repeat()
    watch.tell(alert)
    assert sent(watch) == []
    assert marks(watch) == [(1, silence, None)]
    delivery = watch.database.delivery_of(alert, "SI")
    (record,) = watch.done(lambda one: read_records(one, "SI", [delivery], Act.DISCLOSURE, Who("SI:a.novak", "case")))
    assert (record.alert or {})["id"] == alert.id
    assert record.mark.silenced_by == silence


# What none holds back


@pytest.mark.parametrize("alert", [an_alert(), a_repeat(Severity.CRITICAL, life_at_risk=True)], ids=["kind", "flag"])
def test_a_danger_to_life_is_never_held_back_whoever_approved(watch: Watch, alert: object) -> None:
    danger = alert
    silenced(watch, approved=True, countries=["SI"])
    watch.tell(danger)  # type: ignore[arg-type]
    assert sent(watch) == to("SI", danger)  # type: ignore[arg-type]
    assert watch.later(2) == ["officer_told"]


def test_a_revision_that_becomes_a_danger_to_life_is_sent_at_once_and_called_for(watch: Watch) -> None:
    alert = a_repeat()
    silence = silenced(watch, alert=alert.id)
    watch.tell(alert)
    assert sent(watch) == []
    danger = revised(alert, severity=Severity.CRITICAL, life_at_risk=True)
    watch.tell(danger)
    assert sent(watch) == to("SI", danger)
    assert marks(watch)[0][1] == silence
    assert marks(watch)[0][2] == watch.database.delivery_of(danger, "SI"), "what was held back goes with it"
    assert watch.later(2) == ["officer_told"]


def test_what_is_high_is_held_back_only_once_a_second_person_has_approved(watch: Watch) -> None:
    silence = silenced(watch)
    high, medium = a_repeat(Severity.HIGH), a_repeat(Severity.MEDIUM)
    watch.tell(high, medium)
    assert sent(watch) == to("SI", high)
    watch.done(lambda one: silences.approve(one, silence, person("b.kos"), watch.now))
    watch.tell(later := a_repeat(Severity.HIGH))
    assert sent(watch) == []
    assert watch.later(5) == [], "nor is anybody called"
    assert watch.state(later) == "running"


def test_the_fallback_is_told_whatever_it_has_silenced(watch: Watch) -> None:
    silenced(watch, code="EUROPOL", approved=True)
    alert = a_repeat(Severity.HIGH)
    watch.tell(alert)
    sent(watch)
    for _ in range(5):
        watch.later(5)
    assert sent(watch) == to("EUROPOL", alert)


def test_the_withdrawal_of_what_was_told_before_the_silence_is_sent(watch: Watch) -> None:
    alert = a_repeat()
    watch.tell(alert)
    sent(watch)
    silenced(watch)
    watch.tell(withdrawn(alert))
    assert [(code, revision) for code, _, revision in sent(watch)] == [("SI", 2)]


def test_the_withdrawal_of_what_nobody_heard_of_waits_with_it(watch: Watch) -> None:
    silence = silenced(watch)
    alert = a_repeat()
    watch.tell(alert)
    watch.tell(withdrawn(alert))
    assert sent(watch) == []
    lifted(watch, silence)
    assert [revision for _, _, revision in sent(watch)] == [2]


def test_the_withdrawal_of_what_somebody_has_fetched_all_the_same_is_sent(watch: Watch) -> None:
    silenced(watch)
    alert = a_repeat()
    watch.tell(alert)
    delivery = watch.database.delivery_of(alert, "SI")
    watch.done(lambda one: read_records(one, "SI", [delivery], Act.DISCLOSURE, Who("SI:a.novak", "case")))
    watch.tell(withdrawn(alert))
    assert [revision for _, _, revision in sent(watch)] == [2]


# On record


def test_everything_about_it_is_in_the_audit_by_accounts(watch: Watch) -> None:
    lasting, short = silenced(watch, approved=True), silenced(watch, hours=1, countries=["AT"])
    alert = a_repeat()
    watch.tell(alert)
    lifted(watch, lasting)
    watch.now += timedelta(hours=1)
    watch.done(lambda one: look_after(one, watch.now))
    query = sa.select(audit).where(audit.c.book == "SI", audit.c.act == "change").order_by(audit.c.number)
    assert [(row.actor, row.detail) for row in watch.database.rows(query)] == [
        ("SI:a.novak", f"silence {lasting} made"),
        ("SI:b.kos", f"silence {lasting} approved"),
        ("SI:a.novak", f"silence {short} made"),
        ("delivery", f"held back by {lasting}"),
        ("SI:a.novak", f"silence {lasting} lifted"),
        ("delivery", f"silence {short} expired"),
    ]


def test_how_many_hold_and_how_much_they_hold_back_is_counted(watch: Watch) -> None:
    silenced(watch)
    silenced(watch, code="HR", after_hours=1)
    watch.tell(a_repeat(), a_repeat(), an_alert(an_incident(life_at_risk=True)))
    watch.done(lambda one: look_after(one, watch.now))
    names = ("border_consumers_silences_active", "border_consumers_deliveries_held")
    assert [REGISTRY.get_sample_value(name) for name in names] == [1, 2]


def test_nobody_approves_their_own_whatever_the_program_does(watch: Watch) -> None:
    silenced(watch)
    own = sa.update(rows).values(approved_by="A.Novak", approved_at=watch.now)
    with pytest.raises(sa.exc.IntegrityError, match="four_eyes"):
        watch.done(lambda one: one.execute(own))


def test_none_outlasts_a_week_whatever_the_program_does(watch: Watch) -> None:
    silenced(watch)
    with pytest.raises(sa.exc.IntegrityError, match="bounded"):
        watch.done(lambda one: one.execute(sa.update(rows).values(ends_at=NOON + timedelta(days=8))))


def test_a_preview_says_what_would_be_held_back_now_and_what_only_once_approved(watch: Watch) -> None:
    high, medium, danger, gone = a_repeat(Severity.HIGH), a_repeat(), an_alert(), a_repeat()
    watch.tell(high, medium, danger, gone)
    watch.tell(withdrawn(gone))
    match = Matcher.model_validate({"countries": ["SI"]})
    found = watch.done(lambda one: silences.preview(one, match, person()))
    assert [(row.alert_id, row.needs_approval) for row in found] == [(high.id, True), (medium.id, False)]
    assert watch.done(lambda one: silences.preview(one, match, person(code="HR"))) == []
    assert watch.database.count(rows) == 0


def test_what_was_delivered_before_there_were_silences_is_not_held_back(watch: Watch) -> None:
    watch.tell(a_repeat())
    watch.done(lambda one: one.execute(sa.update(deliveries).values(must_tell=True, kind=None, severity=None)))
    silenced(watch, **REPEATS)
    assert len(sent(watch)) == 1
