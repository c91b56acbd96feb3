"""Signing in at the console: one-time passwords, guessing, the end of a shift, and what was being typed then."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from console_rig import ALERT, PASSWORD, SI, Officer, answered, on_duty, one_time
from delivery_rig import Database

from consumers.console.accounts import INVITED_FOR, SHIFT

pytest_plugins = ["delivery_services", "console_services"]


def test_a_one_time_password_lets_in_to_choose_another_and_to_nothing_else(database: Database, address: str) -> None:
    database.store(ALERT, told=[SI])
    officer = Officer(address, "SI")
    with officer.browser:
        shown = officer.sign_in(one_time(database, "SI"))
        assert shown.url.path == "/password"
        for path in ("/", f"/alerts/{ALERT.id}", "/live"):
            assert "Röszke" not in officer.get(path).text
        assert officer.post(f"/alerts/{ALERT.id}/answers", "", outcome="acknowledged").status_code == 401
    assert answered(database) == []


def test_a_one_time_password_is_over_after_a_day(database: Database, address: str, clock: list[datetime]) -> None:
    password, officer = one_time(database, "SI"), Officer(address, "SI")
    clock[0] += INVITED_FOR + timedelta(seconds=5)
    with officer.browser:
        assert officer.sign_in(password).status_code == 401


def test_the_password_that_was_chosen_lets_in_and_the_one_time_one_no_more(database: Database, address: str) -> None:
    first = one_time(database, "SI")
    with on_duty(database, address, "SI", "b.kos") as other:
        assert other.get("/").url.path == "/"
        assert other.sign_in(PASSWORD).url.path == "/"
        assert other.sign_in(first).status_code == 401
        other.code = "HR"
        assert other.sign_in(PASSWORD).status_code == 401, "it is of one contact point"


@pytest.mark.parametrize(
    ("password", "again"), [("short", "short"), ("x" * 201, "x" * 201), (PASSWORD, PASSWORD + "!")]
)
def test_a_password_that_is_short_or_mistyped_is_refused(
    database: Database, address: str, password: str, again: str
) -> None:
    officer = Officer(address, "SI")
    with officer.browser:
        page = officer.sign_in(one_time(database, "SI")).text
        csrf = page.partition('name="csrf" value="')[2][:64]
        assert officer.post("/password", csrf, password=password, again=again).status_code == 422
        assert officer.get("/").url.path == "/password"


def test_guessing_takes_longer_and_longer_for_that_account_alone(
    database: Database, address: str, clock: list[datetime], officer: Officer
) -> None:
    guesser = Officer(address, "SI", "b.kos")
    one_time(database, "SI", "b.kos")
    with guesser.browser:
        assert [guesser.sign_in("guess").status_code for _ in range(6)] == [401] * 5 + [429]
        assert guesser.sign_in("guess").headers["Retry-After"] == "31"
        clock[0] += timedelta(seconds=31)
        assert [guesser.sign_in("guess").status_code for _ in range(2)] == [401, 429]
        clock[0] += timedelta(seconds=31)
        assert guesser.sign_in("guess").status_code == 429, "a minute now"
    assert officer.sign_in().url.path == "/"


def test_who_is_refused_is_not_told_which_of_the_two_was_wrong(database: Database, address: str) -> None:
    one_time(database, "SI")
    said = []
    for name in ("a.novak", "nobody"):
        one = Officer(address, "SI", name)
        with one.browser:
            refused = one.sign_in("wrong")
            said.append((refused.status_code, refused.text.replace(name, "")))
    assert said[0] == said[1]


def test_a_session_ends_with_the_shift_and_what_was_typed_is_kept(
    database: Database, clock: list[datetime], officer: Officer
) -> None:
    database.store(ALERT, told=[SI])
    csrf = officer.csrf
    clock[0] += SHIFT
    note = 'van is <blue>, two "men"'
    over = officer.post(f"/alerts/{ALERT.id}/answers", csrf, outcome="confirmed", revision="1", note=note)
    assert over.status_code == 401
    assert "Röszke" not in over.text
    assert answered(database) == []
    again = officer.sign_in(note=note, next=f"/alerts/{ALERT.id}")
    assert "van is &lt;blue&gt;, two &#34;men&#34;</textarea>" in again.text


def test_signing_in_leads_nowhere_else(officer: Officer) -> None:
    for where in ("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "/alerts/../../x"):
        assert officer.sign_in(next=where).url.path == "/"


def test_signing_out_ends_the_session_for_whoever_has_its_cookie(officer: Officer) -> None:
    cookie = dict(officer.browser.cookies)
    assert officer.post("/sign-out").url.path == "/sign-in"
    officer.browser.cookies.update(cookie)
    assert officer.get("/").url.path == "/sign-in"


def test_an_invitation_anew_ends_the_sessions_of_that_account(database: Database, officer: Officer) -> None:
    one_time(database, "SI")
    assert officer.get("/").url.path == "/sign-in"
