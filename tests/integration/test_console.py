"""The console: nobody sees another's alerts, nothing is shown that is not on record, no other page changes anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest
import sqlalchemy as sa
from console_rig import ALERT, HR, SI, Officer, acts, answered, on_duty
from delivery_rig import Database, by_default, everybody
from factory import a_vehicle, an_alert, an_incident, at

from consumers import sharing
from consumers.permissions import PermissionState, Which, Who
from consumers.roles import Role
from consumers.storing import Arrived, store
from consumers.tables import audit, clocks
from schemas.alerts import Alert, Edition

pytest_plugins = ["delivery_services", "console_services"]


# What is shown


def test_the_board_shows_what_this_contact_point_was_told_and_nobody_elses(
    database: Database, address: str, officer: Officer, stack: ExitStack
) -> None:
    other = an_alert(id="al-00000000000000000002", summary="Of Croatia alone.")
    database.store(ALERT, told=[SI])
    database.store(other, told=[HR])
    shown = officer.get("/").text
    assert "Röszke → Horgoš" in shown
    assert "Of Croatia alone." not in shown
    assert officer.get(f"/alerts/{other.id}").status_code == 404
    theirs = stack.enter_context(on_duty(database, address, "HR")).get("/").text
    assert "Of Croatia alone." in theirs
    assert "Röszke" not in theirs


def test_every_look_is_on_record_under_the_officers_account(database: Database, officer: Officer) -> None:
    database.store(ALERT, told=[SI])
    officer.get("/")
    officer.get(f"/alerts/{ALERT.id}")
    looks = [one for one in acts(database, audit, "SI") if one[0] == "SI:a.novak"][-2:]
    assert looks == [
        ("SI:a.novak", "", f"board: {ALERT.id}/1"),
        ("SI:a.novak", ALERT.id, "record, full"),
    ]


def test_where_the_look_cannot_be_recorded_nothing_is_shown(database: Database, officer: Officer) -> None:
    database.store(ALERT, told=[SI])
    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit RENAME TO elsewhere"))
    for path in ("/", f"/alerts/{ALERT.id}"):
        assert "Röszke" not in officer.get(path).text


def events(officer: Officer, number: int) -> Iterator[dict[str, object]]:
    """Yield what the live board is told, so many times."""
    with officer.browser.stream("GET", "/live") as response:
        assert response.status_code == 200
        name = ""
        for text in response.iter_lines():
            if text.startswith("event: "):
                name = text.removeprefix("event: ")
            elif text.startswith("data: ") and name == "rows":
                yield json.loads(text.removeprefix("data: "))
                number -= 1
                if not number:
                    return


def test_a_new_alert_comes_to_the_open_board_and_an_answer_too(database: Database, officer: Officer) -> None:
    database.store(ALERT, told=[SI])
    csrf, told = officer.csrf, events(officer, 3)
    assert [row["alert"] for row in next(told)["rows"]] == [ALERT.id]  # type: ignore[attr-defined]
    second = an_alert(id="al-00000000000000000002")
    database.store(second, told=[SI])
    news = next(told)
    assert [row["alert"] for row in news["rows"]] == [second.id]  # type: ignore[attr-defined]
    assert news["waiting"] == 2
    answer(officer, ALERT, csrf)
    news = next(told)
    assert [row["alert"] for row in news["rows"]] == [ALERT.id]  # type: ignore[attr-defined]
    assert news["waiting"] == 1
    assert ("SI:a.novak", "", f"board: {second.id}/1") in acts(database, audit, "SI")


def test_what_a_permission_opened_leaves_the_open_board_when_it_is_taken_back(
    database: Database, address: str, stack: ExitStack
) -> None:
    """Between two looks of the officer: nobody has to open it to find out."""
    croatia = stack.enter_context(on_duty(database, address, "HR"))
    alert = an_alert(summary="What SI alone knows.", restricted_by=("SI",), handling_codes=("H1", "H2"))
    points, which = {"SI": SI, "HR": HR}, Which(alert.id, "SI", "HR")
    with database.engine.begin() as connection:
        store(connection, [Arrived(Edition(alert=alert, reader="SI"), "")], everybody("SI"), points, by_default())
        sharing.decide(connection, which, PermissionState.GRANTED, Who("SI:x", "case"), points, by_default())
    told = events(croatia, 2)
    assert "What SI alone knows." in str(next(told)["rows"])
    with database.engine.begin() as connection:
        sharing.decide(connection, which, PermissionState.REVOKED, Who("SI:x", "case"), points, by_default())
    news = next(told)
    assert (news["rows"], news["gone"]) == ([], [alert.id])
    with httpx.Client(base_url=address, cookies=croatia.browser.cookies, trust_env=False, follow_redirects=True) as tab:
        for path in ("/", f"/alerts/{alert.id}"):
            assert "What SI alone knows." not in tab.get(path).text


def test_without_a_session_no_page_says_anything(database: Database, address: str) -> None:
    database.store(ALERT, told=[SI])
    with httpx.Client(base_url=address, trust_env=False, follow_redirects=True) as nobody:
        for path in ("/", f"/alerts/{ALERT.id}", "/live", "/password", "/nothing"):
            assert ALERT.id not in nobody.get(path).text.replace(f'value="/alerts/{ALERT.id}"', "")


# Answering


def answer(officer: Officer, alert: Alert, csrf: str | None = None, **more: str) -> httpx.Response:
    said = {"outcome": "acknowledged", "revision": str(alert.revision), **more}
    with httpx.Client(
        base_url=officer.browser.base_url, cookies=officer.browser.cookies, trust_env=False, follow_redirects=True
    ) as tab:  # another tab: the first one may be reading the live board
        return tab.post(f"/alerts/{alert.id}/answers", data={"csrf": csrf or officer.csrf, **said})


def test_an_answer_stops_this_contact_points_clock_under_the_officers_name(
    database: Database, officer: Officer
) -> None:
    database.store(ALERT, told=[SI, HR])
    shown = answer(officer, ALERT)
    assert shown.status_code == 200
    assert "acknowledged · a.novak" in shown.text
    states = {row.contact_point: row.state for row in database.rows(sa.select(clocks))}
    assert states == {"SI": "acknowledged", "HR": "running"}


def test_a_false_match_names_the_two(database: Database, officer: Officer) -> None:
    first, second = (an_incident(id=f"I-{day}", occurred_at=at(day), vehicles=[a_vehicle()]) for day in (1, 5))
    alert = an_alert(first, second)
    database.store(alert, told=[SI])
    pair = "I-1#vehicles/0 I-5#vehicles/0"
    assert f'<option value="{pair}">' in officer.get(f"/alerts/{alert.id}").text
    assert answer(officer, alert, outcome="false_match", between=pair).status_code == 200
    assert answered(database) == [("SI", "a.novak", "false_match")]


@pytest.mark.parametrize(
    "said", [{"outcome": "nonsense"}, {"revision": "x"}, {"outcome": "false_match", "between": "nothing"}], ids=str
)
def test_an_answer_that_says_nothing_is_refused_and_the_note_kept(
    database: Database, officer: Officer, said: dict[str, str]
) -> None:
    database.store(ALERT, told=[SI])
    refused = answer(officer, ALERT, note="kept", **said)
    assert refused.status_code == 422
    assert ">kept</textarea>" in refused.text
    assert answered(database) == []


def test_an_answer_that_does_not_count_any_more_says_why(database: Database, officer: Officer) -> None:
    database.store(ALERT, told=[SI])
    answer(officer, ALERT)
    again = answer(officer, ALERT)
    assert again.status_code == 409
    assert "Your contact point has answered so already." in again.text


def test_another_site_cannot_answer_in_an_officers_name(database: Database, officer: Officer) -> None:
    """Neither with the cookie alone, nor with another session's token, nor from another origin."""
    database.store(ALERT, told=[SI])
    assert answer(officer, ALERT, csrf="0" * 64).status_code == 403
    path, said = f"/alerts/{ALERT.id}/answers", {"csrf": officer.csrf, "outcome": "acknowledged", "revision": "1"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert officer.browser.post(path, data=said, headers=headers).status_code == 403
    assert officer.get(f"{path}?outcome=acknowledged").status_code in {404, 405}
    assert answered(database) == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_whose_role_it_is_not_sees_no_alert_and_answers_none(database: Database, address: str, role: Role) -> None:
    database.store(ALERT, told=[SI])
    with on_duty(database, address, "SI", "c.rom", role) as other:
        for path in ("/", f"/alerts/{ALERT.id}", "/live"):
            refused = other.get(path)
            assert refused.status_code == 403
            assert "Röszke" not in refused.text
        assert answer(other, ALERT, csrf="0" * 64).status_code == 403
    assert answered(database) == []


def test_a_machine_looks_and_does_not_answer(database: Database, address: str) -> None:
    database.store(ALERT, told=[SI])
    with on_duty(database, address, "SI", "wall", Role.SYSTEM) as screen:
        assert "Röszke" in screen.get("/").text
        assert answer(screen, ALERT).status_code == 403
    assert answered(database) == []


def test_a_form_that_is_too_large_or_none_is_refused(officer: Officer) -> None:
    path = f"/alerts/{ALERT.id}/answers"
    assert officer.post(path, note="x" * 40_000).status_code == 413
    assert officer.browser.post(path, json={"outcome": "acknowledged"}).status_code == 415


def test_each_answer_carries_the_headers_that_keep_a_page_to_itself(officer: Officer) -> None:
    for path in ("/", "/sign-in", "/nothing", "/password"):
        headers = officer.get(path).headers
        assert "default-src 'none'; script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
    cookie = officer.sign_in().history[0].headers["Set-Cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
