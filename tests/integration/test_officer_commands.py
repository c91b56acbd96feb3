"""`brdo answer`, `bulletin`, `reply` and `token` against a running interface, as an officer types them."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from api_rig import serving_api, token
from bulletin_rig import NOW, POINTS, TABLE, Word, sending_word
from command_line import brdo
from delivery_rig import Database

from consumers.api.access import AccessRefusal, load_tokens
from consumers.configuration import Configuration
from consumers.roles import Role

pytest_plugins = ["delivery_services"]

Run = Callable[..., subprocess.CompletedProcess[str]]
TEXT = ("--title", "Vans with a false wall", "--text", "Knock on the wall.")


@pytest.fixture
def word(database: Database) -> Iterator[Word]:
    with sending_word(database) as opened:
        yield opened


@pytest.fixture
def run(word: Word, tmp_path: Path) -> Iterator[Run]:
    """Return what runs a command as an account of a contact point; its token stands in a file."""
    configuration = Configuration(TABLE, POINTS)
    with serving_api(word.database, *POINTS.values(), clock=[NOW], configuration=configuration) as address:

        def as_account(code: str, *arguments: str, role: Role = Role.DUTY_OFFICER) -> subprocess.CompletedProcess[str]:
            file = tmp_path / "token"
            file.write_text(token(code, role), encoding="ascii")
            said = {"BRDO_API_TOKEN_FILE": str(file), "BRDO_PUBLIC_URL": address}
            return brdo({"PATH": os.environ["PATH"], "BRDO_DATA_DIR": str(tmp_path), **said}, *arguments)

        yield as_account


def lines(done: subprocess.CompletedProcess[str]) -> list[list[str]]:
    assert done.returncode == 0, done.stderr
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_word_goes_out_is_replied_to_and_taken_back(word: Word, run: Run) -> None:
    previewed = lines(run("SI", "bulletin", "preview", *TEXT, "--country", "HR"))
    assert ["HR", "full", "The bulletin is for HR."] in previewed
    assert ["AT", "none", "No route leads there."] in previewed

    ((_, alert, state),) = lines(run("SI", "bulletin", "send", *TEXT, "--country", "HR", "--id", "vans"))
    assert state == "on_its_way"
    word.pass_on()
    ((listed, _, _, whose, _, title, _),) = lines(run("HR", "bulletin", "list"))
    assert (listed, whose, title) == (alert, "SI", "Vans with a false wall")

    assert run("HR", "reply", alert, "Seen here too.").stdout == "Reply 1, to SI.\n"
    ((number, author, officer, to, text, _),) = lines(run("SI", "bulletin", "thread", alert))
    assert (number, author, officer, to, text) == ("1", "HR", "duty_officer", "SI", "Seen here too.")

    ((_, _, state),) = lines(run("SI", "bulletin", "withdraw", "vans", "--reason", "duplicate"))
    assert state == "withdrawing"


def test_an_alert_is_answered_by_the_account_with_a_note(word: Word, run: Run) -> None:
    alert = word.told("SI", countries=["HR"])
    done = run("HR", "answer", alert, "confirmed", "--note", "The wall sounds hollow.")
    assert (done.returncode, done.stdout) == (0, "confirmed to revision 1, by HR.\n"), done.stderr
    said = word.ask["HR"].get(f"/v1/alerts/{alert}").json()
    assert (said["outcome"], said["acknowledged_by"]) == ("confirmed", "duty_officer")


def test_what_the_interface_refuses_is_said_in_its_words_and_the_command_fails(word: Word, run: Run) -> None:
    alert = word.told("SI", countries=["HR"])
    done = run("HR", "answer", alert, "confirmed", role=Role.SYSTEM)
    assert done.returncode == 1
    assert "not_allowed: this is not for the role system" in done.stderr
    assert token("HR", Role.SYSTEM) not in done.stderr + done.stdout


def test_without_a_token_the_command_says_what_it_needs(tmp_path: Path) -> None:
    done = brdo({"PATH": os.environ["PATH"], "BRDO_DATA_DIR": str(tmp_path)}, "bulletin", "list")
    assert (done.returncode, "BRDO_API_TOKEN is needed" in done.stderr) == (1, True)


def test_a_token_is_made_for_a_file_that_takes_it_until_its_last_day(tmp_path: Path) -> None:
    settings = {"PATH": os.environ["PATH"], "BRDO_DATA_DIR": str(tmp_path)}
    whose = ("--contact-point", "SI", "--account", "a.novak", "--role", "duty_officer", "--days", "30")
    done = brdo(settings, "token", "make", *whose)
    made, _, yaml = done.stdout.partition("\n")
    file = tmp_path / "tokens.yaml"
    file.write_text(yaml, encoding="utf-8")
    known = load_tokens(file).find(f"Bearer {made}")
    assert known is not None
    assert (known.caller.actor, known.caller.role) == ("SI:a.novak", Role.DUTY_OFFICER)
    route, today = ("GET", "/v1/deliveries"), datetime.now(UTC)
    assert known.refused(*route, today + timedelta(days=29)) is None
    assert known.refused(*route, today + timedelta(days=32)) is AccessRefusal.EXPIRED
    assert made not in yaml + done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["tokens.yaml"], "it is kept nowhere"


@pytest.mark.parametrize("whose", [("si", "a.novak"), ("SI", "A Novak")])
def test_no_token_is_made_for_a_name_that_no_file_takes(tmp_path: Path, whose: tuple[str, str]) -> None:
    settings = {"PATH": os.environ["PATH"], "BRDO_DATA_DIR": str(tmp_path)}
    done = brdo(settings, "token", "make", "--contact-point", whose[0], "--account", whose[1], "--role", "auditor")
    assert (done.returncode, done.stdout) == (1, "")
    assert re.search("has not the form of a name", done.stderr)
