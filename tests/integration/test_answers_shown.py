"""The record says who answered what, to whoever may know that they were told; the alert itself does not change."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from api_rig import all_asking
from delivery_rig import Database
from escalation_rig import POINTS, Watch, a_retraction, a_verdict, revised
from factory import a_vehicle, an_alert, an_incident, at

from schemas.alerts import Alert, Edition

pytest_plugins = ["delivery_services"]


@pytest.fixture
def ask(database: Database) -> Iterator[dict[str, httpx.Client]]:
    with all_asking(database, POINTS.values()) as clients:
        yield clients


def shown(client: httpx.Client, alert: Alert) -> list[tuple[str, str, str | None]]:
    """Return who answered what by which officer, as the newest record says it; the alert's own page says the same."""
    newest = client.get("/v1/deliveries").json()["deliveries"][-1]["data"]["link"]
    record, standing = client.get(newest).json(), client.get(f"/v1/alerts/{alert.id}").json()
    assert record["answers"] == standing["answers"]
    return [(one["contact_point"], one["outcome"], one["officer"]) for one in record["answers"]]


def a_repeat(**changes: Any) -> Alert:
    incidents = (an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2))
    return an_alert(*incidents).model_copy(update=changes)


def test_everybody_who_may_see_the_alert_sees_who_answered_it_and_officers_only_their_own(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR"))
    watch.hear(a_verdict(alert, officer="A. Novak"))
    watch.hear(a_verdict(alert, "HR", id="vd-2", officer="I. Horvat", outcome="confirmed"))
    assert shown(ask["SI"], alert) == [("SI", "acknowledged", "A. Novak"), ("HR", "confirmed", None)]
    assert shown(ask["HR"], alert) == [("SI", "acknowledged", None), ("HR", "confirmed", "I. Horvat")]


def test_a_later_revision_shows_them_and_no_answer_changes_what_the_alert_says(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    (link,) = (one["data"]["link"] for one in ask["SI"].get("/v1/deliveries").json()["deliveries"])
    before = ask["SI"].get(link).json()
    watch.hear(a_verdict(alert))
    after = ask["SI"].get(link).json()
    assert (before["alert"], before["digest"]) == (after["alert"], after["digest"])
    watch.tell(revised(alert))
    assert shown(ask["SI"], alert) == [("SI", "acknowledged", "A. Novak")]


def test_an_answer_that_was_taken_back_is_shown_no_more(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR"))
    watch.hear(a_verdict(alert))
    watch.hear_back(a_retraction(a_verdict(alert)))
    assert (shown(ask["SI"], alert), shown(ask["HR"], alert)) == ([], [])


def test_whoever_sees_an_extract_alone_sees_its_own_answers_alone(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert(an_incident(life_at_risk=True, vehicles=[a_vehicle()], handling="H2"), restricted_by=("SI",))
    watch.tell(alert, to=("SI", "HR"))
    watch.hear(a_verdict(alert))
    watch.hear(a_verdict(alert, "HR", id="vd-2", officer="I. Horvat"))
    assert shown(ask["HR"], alert) == [("HR", "acknowledged", "I. Horvat")]
    assert [code for code, _, _ in shown(ask["SI"], alert)] == ["SI", "HR"]


def test_that_somebody_was_told_by_an_edition_of_its_own_shows_to_nobody_else(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    common = a_repeat()
    own = common.model_copy(update={"restricted_by": ("SI",), "handling_codes": ("H1", "H2")})
    watch.tell_editions(Edition(alert=own, reader="SI"), Edition(alert=common, apart=("SI",)), to=("SI", "HR"))
    watch.hear(a_verdict(common))
    watch.hear(a_verdict(common, "HR", id="vd-2"))
    assert [code for code, _, _ in shown(ask["HR"], common)] == ["HR"]
    assert [code for code, _, _ in shown(ask["SI"], common)] == ["SI", "HR"]


def test_who_was_not_told_has_not_answered(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert)
    watch.hear(a_verdict(alert, "AT"))
    assert shown(ask["SI"], alert) == []


def test_a_drills_answer_is_none_to_what_is_real(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR"))
    watch.hear(a_verdict(alert, "HR", exercise=True))
    assert shown(ask["SI"], alert) == []
