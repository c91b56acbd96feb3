"""Answers: each contact point's own clock, checked against how things stand now, and never lost on the way to Kafka."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_rig import all_asking
from delivery_rig import Database
from escalation_rig import NOON, POINTS, Watch, a_verdict, revised, withdrawn
from factory import an_alert

from consumers.answers import give
from consumers.api.models import Acknowledgement
from consumers.tables import answers, audit, calls, clocks, escalations
from schemas.alerts import Alert, AlertKind, Severity

pytest_plugins = ["delivery_services"]


@pytest.fixture
def clock() -> list[datetime]:
    """Return what the interface believes the time to be."""
    return [NOON + timedelta(minutes=1)]


@pytest.fixture
def ask(database: Database, clock: list[datetime]) -> Iterator[dict[str, httpx.Client]]:
    with all_asking(database, POINTS.values(), clock) as clients:
        yield clients


def answer(
    client: httpx.Client, alert: Alert, outcome: str = "acknowledged", revision: int = 1, **more: Any
) -> httpx.Response:
    said = {"outcome": outcome, "revision": revision, **more}
    return client.post(f"/v1/alerts/{alert.id}/answers", json=said)


def refusal(response: httpx.Response) -> str:
    assert response.status_code == 409, response.text
    return str(response.json()["error"])


def standing(client: httpx.Client, alert: Alert) -> dict[str, Any]:
    response = client.get(f"/v1/alerts/{alert.id}")
    assert response.status_code == 200, response.text
    return dict(response.json())


def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    return [[tuple(row) for row in database.rows(sa.select(one))] for one in (clocks, answers, escalations, calls)]


def test_an_answer_stops_the_clock_of_its_contact_point(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    response = answer(ask["SI"], alert)
    assert response.status_code == 201
    said = Acknowledgement.model_validate_json(response.text)
    assert (said.state, said.acknowledged_by, said.outcome) == ("acknowledged", "a.novak", "acknowledged")
    assert said.acknowledged_at == NOON + timedelta(minutes=1)
    assert watch.later(600) == []


def test_it_stops_nobody_elses(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR", "AT"))
    answer(ask["SI"], alert)
    assert watch.running() == {"HR", "AT"}
    assert standing(ask["HR"], alert)["acknowledged_by"] is None


def test_following_links_acknowledges_nothing_and_changes_nothing(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    """Mail scanners fetch each link of a mail, and with HEAD too."""
    alert = an_alert()
    watch.tell(alert)
    before = everything(watch.database)
    links = [f"/v1/deliveries/{watch.database.delivery_of(alert, 'SI')}", f"/v1/alerts/{alert.id}", "/v1/deliveries"]
    for link in links:
        assert ask["SI"].get(link).status_code == 200
        ask["SI"].head(link)
    assert ask["SI"].get(f"/v1/alerts/{alert.id}/answers").status_code == 405
    assert everything(watch.database) == before
    assert watch.later(2) == ["officer_told"]


def test_nobody_answers_without_a_name(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    said = {"outcome": "acknowledged", "revision": 1}
    response = ask["SI"].post(f"/v1/alerts/{alert.id}/answers", json=said, headers={"Authorization": "Bearer no"})
    assert (response.status_code, watch.state(alert)) == (401, "running")


def test_what_a_contact_point_was_not_told_of_does_not_exist_for_it(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    assert answer(ask["HR"], alert).status_code == ask["HR"].get(f"/v1/alerts/{alert.id}").status_code == 404


def test_the_same_answer_again_is_refused_and_so_is_less_than_was_said(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    answer(ask["SI"], alert)
    assert refusal(answer(ask["SI"], alert)) == "already_answered"
    assert answer(ask["SI"], alert, "confirmed").status_code == 201
    assert refusal(answer(ask["SI"], alert, "acknowledged")) == "already_answered"
    assert standing(ask["SI"], alert)["outcome"] == "confirmed"


def test_a_late_answer_to_a_withdrawn_alert_does_not_open_it_again(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.tell(withdrawn(alert))
    assert refusal(answer(ask["SI"], alert)) == "withdrawn"
    assert watch.state(alert) == "withdrawn"


def test_a_superseded_alert_is_not_answered_but_the_one_that_it_goes_on_as(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    old, new = an_alert(), an_alert()
    watch.tell(old, withdrawn(old, new), new)
    assert refusal(answer(ask["SI"], old)) == "superseded"
    assert standing(ask["SI"], old)["superseded_by"] == new.id
    assert answer(ask["SI"], new).status_code == 201


def test_an_answer_counts_when_everyone_was_called_already(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    for _ in range(5):
        watch.later(2)
    assert answer(ask["SI"], alert).json()["state"] == "acknowledged"


def test_a_revision_after_the_answer_starts_no_clock(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    answer(ask["SI"], alert)
    watch.tell(revised(alert))
    said = standing(ask["SI"], alert)
    assert (said["state"], said["revision"]) == ("acknowledged", 2)
    assert watch.later(600) == []


def test_a_more_severe_revision_wants_an_answer_of_its_own(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert(severity=Severity.MEDIUM)
    watch.tell(alert)
    answer(ask["SI"], alert)
    watch.tell(revised(alert, severity=Severity.CRITICAL))
    assert standing(ask["SI"], alert)["outcome"] is None
    assert refusal(answer(ask["SI"], alert, revision=1)) == "severity_rose"
    assert watch.later(2) == ["officer_told"]
    assert answer(ask["SI"], alert, revision=2).status_code == 201


def test_a_revision_that_nobody_was_told_of_cannot_be_answered(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    assert refusal(answer(ask["SI"], alert, revision=2)) == "unknown_revision"


@pytest.mark.parametrize("order", ["withdrawn first", "successor first"])
def test_the_answer_carries_over_to_the_alert_that_goes_on_whichever_comes_first(
    watch: Watch, ask: dict[str, httpx.Client], order: str
) -> None:
    old, new = an_alert(), an_alert()
    watch.tell(old, to=("SI", "HR"))
    answer(ask["SI"], old, "confirmed")
    both = [withdrawn(old, new), new]
    for one in both if order == "withdrawn first" else reversed(both):
        watch.tell(one, to=("SI", "HR"))
    said = standing(ask["SI"], new)
    assert (said["state"], said["outcome"], said["acknowledged_by"]) == ("acknowledged", "confirmed", "a.novak")
    assert watch.running() == {"HR"}, "who has not answered the old one has the new one to answer"


def test_the_answer_does_not_carry_over_to_a_more_severe_alert(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    old, new = an_alert(severity=Severity.MEDIUM), an_alert()
    watch.tell(old)
    answer(ask["SI"], old)
    watch.tell(withdrawn(old, new), new)
    assert watch.state(new) == "running"


def test_of_two_officers_who_answer_at_once_one_is_told_that_the_other_has(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    with ThreadPoolExecutor(6) as several:
        given = [several.submit(answer, ask["SI"], alert) for _ in range(6)]
        assert sorted(one.result().status_code for one in given) == [201, 409, 409, 409, 409, 409]
    assert watch.database.count(answers) == 1


def test_an_answer_that_comes_before_the_escalation_wins(watch: Watch) -> None:
    """The answer holds the clock; the escalator passes it by, and finds it answered."""
    alert = an_alert()
    watch.tell(alert)
    watch.now += timedelta(minutes=2)
    with watch.database.engine.begin() as answering:
        give(answering, a_verdict(alert), 1)
        assert watch.act() == []
    assert (watch.act(), watch.called()) == ([], [])


def test_an_answer_that_comes_after_the_escalation_spares_who_was_not_reached_yet(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.later(2)
    assert answer(ask["SI"], alert).json()["steps"][0]["told"] == ["a.novak"]
    assert (watch.called("pending"), watch.called("spared")) == ([], ["a.novak"])


def test_where_the_answer_cannot_be_put_on_record_it_is_not_taken(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.done(lambda one: one.execute(sa.text("ALTER TABLE audit ADD CHECK (purpose <> 'answer') NOT VALID")))
    assert answer(ask["SI"], alert).status_code == 500
    assert (watch.state(alert), watch.database.count(answers)) == ("running", 0)


def test_an_answer_is_in_the_audit_by_account(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    answer(ask["SI"], alert, "confirmed", note="The van was empty.")
    (row,) = watch.database.rows(sa.select(audit).where(audit.c.purpose == "answer"))
    assert (row.book, row.act, row.actor, row.detail) == ("SI", "change", "SI:a.novak", "answered confirmed")


@pytest.mark.parametrize(
    ("outcome", "more"),
    [("false_match", {}), ("confirmed", {"between": [{"event": "a", "subject": "vehicle"}] * 2}), ("seen", {})],
)
def test_an_answer_that_contradicts_itself_is_none(
    watch: Watch, ask: dict[str, httpx.Client], outcome: str, more: dict[str, Any]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    assert answer(ask["SI"], alert, outcome, **more).status_code == 422
    assert watch.state(alert) == "running"


def test_a_first_report_and_a_sirene_reply_are_shown_with_their_law_where_they_apply(
    watch: Watch, ask: dict[str, httpx.Client], clock: list[datetime]
) -> None:
    urgent, hit, minor = an_alert(), an_alert(kind=AlertKind.WATCHLIST_HIT), an_alert(severity=Severity.LOW)
    watch.tell(urgent, hit, minor)
    clock[0] = NOON + timedelta(hours=13)

    def deadlines(alert: Alert) -> dict[str, float]:
        return {one["what"]: one["seconds_left"] / 3600 for one in standing(ask["SI"], alert)["deadlines"]}

    assert deadlines(urgent) == {"first_report": 11}
    assert deadlines(hit) == {"first_report": 11, "sirene_reply": -1}, "what is over shows"
    assert deadlines(minor) == {}
    assert "2021/581 Art. 9" in standing(ask["SI"], urgent)["deadlines"][0]["law"]


def test_what_is_left_of_the_clock_is_shown(watch: Watch, ask: dict[str, httpx.Client], clock: list[datetime]) -> None:
    alert = an_alert()
    watch.tell(alert)
    said = standing(ask["SI"], alert)
    assert (said["state"], said["seconds_left"], said["steps"]) == ("running", 60, [])
    watch.later(2)
    clock[0] = watch.now
    said = standing(ask["SI"], alert)
    assert (said["seconds_left"], said["steps"][0]["reason"]) == (120, "officer_told")


def test_a_deadline_counts_from_the_first_revision_to_which_it_applies_and_stays(
    watch: Watch, ask: dict[str, httpx.Client], clock: list[datetime]
) -> None:
    alert = an_alert(severity=Severity.LOW)
    watch.tell(alert)
    for days, number, severity in ((3, 2, Severity.HIGH), (3.5, 3, Severity.CRITICAL), (3.6, 4, Severity.LOW)):
        watch.now = clock[0] = NOON + timedelta(days=days)
        watch.tell(revised(alert, number, severity=severity))
    (deadline,) = standing(ask["SI"], alert)["deadlines"]
    assert datetime.fromisoformat(deadline["by"]) == NOON + timedelta(days=4)
