"""Silences as contact points make them: by the interface and by `brdo silence`, on a real PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_rig import all_asking, as_another
from command_line import brdo
from delivery_rig import Database
from desk_rig import a_desk, granted, lines_of, pressed
from escalation_rig import NOON, POINTS, Watch, revised
from silence_rig import a_repeat, person, sent, silenced, to

from consumers import silences
from consumers.api.models import SilenceSaid
from consumers.desk.alerts import read_record
from consumers.retention import erase
from consumers.silence_tables import silences as rows
from consumers.silencing import MOST_STANDING
from consumers.tables import audit, deliveries
from infra.local_contact_points import write_local_contact_points
from schemas.alerts import Severity

pytest_plugins = ["delivery_services"]

SAID: dict[str, Any] = {"match": {"places": ["SI-OBR"]}, "reason": "The camera is being changed."}
KOS = as_another("SI")


@pytest.fixture
def clock() -> list[datetime]:
    return [NOON]


@pytest.fixture
def ask(database: Database, clock: list[datetime]) -> Iterator[dict[str, httpx.Client]]:
    with all_asking(database, POINTS.values(), clock) as clients:
        yield clients


def made(client: httpx.Client, **said: Any) -> dict[str, Any]:
    response = client.post("/v1/silences", json={**SAID, **said})
    assert response.status_code == 201, response.text
    return dict(response.json())


def refused(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["error"]


def test_a_silence_holds_from_now_for_a_day_unless_it_says_otherwise(ask: dict[str, httpx.Client]) -> None:
    said = SilenceSaid.model_validate(made(ask["SI"]))
    assert (said.begins_at, said.ends_at) == (NOON, NOON + timedelta(hours=24))
    assert (said.author, said.status, said.approved_by, said.reason) == ("a.novak", "active", None, SAID["reason"])


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"reason": "  "}, "body.reason"),
        ({"reason": "x" * 201}, "body.reason"),
        ({"reason": None}, "body.reason"),
        ({"reason": "two\nlines"}, "body.reason"),
        ({"reason": "nothing\0"}, "body.reason"),
        ({"match": {}}, "body.match"),
        ({"match": {"kinds": []}}, "body.match.kinds"),
        ({"match": {"kinds": ["theft"]}}, "body.match.kinds"),
        ({"match": {"places": ["SI-XXX"]}}, "body.match.places"),
        ({"match": {"places": ["SI-OBR"] * 51}}, "body.match.places"),
        ({"match": {"countries": ["Slovenia"]}}, "body.match.countries"),
        ({"match": {"severity_at_most": "urgent"}}, "body.match.severity_at_most"),
        ({"match": {"alert": "17"}}, "body.match.alert"),
        ({"match": {"plates": ["LJ AB-123"]}}, "body.match.plates"),
        ({"officer": "duty_officer"}, "body.officer"),
        ({"begins_at": "2026-05-20T12:00:00"}, "body.begins_at"),
        ({"begins_at": "2026-05-20T11:59:59Z"}, "body.begins_at"),
        ({"begins_at": "2026-05-27T12:00:01Z"}, "body.begins_at"),
        ({"ends_at": "2026-05-20T12:00:00Z"}, "body.ends_at"),
        ({"ends_at": "2026-05-27T12:00:01Z"}, "body.ends_at"),
    ],
)
def test_what_no_silence_may_be_is_refused_by_the_name_of_the_field(
    database: Database, ask: dict[str, httpx.Client], said: dict[str, Any], named: str
) -> None:
    response = ask["SI"].post("/v1/silences", json={**SAID, **said})
    assert refused(response) == (422, "malformed")
    assert response.json()["text"].startswith(named)
    assert database.count(rows) == 0


def test_a_week_is_not_too_long(ask: dict[str, httpx.Client]) -> None:
    assert made(ask["SI"], ends_at="2026-05-27T12:00:00Z")["ends_at"] == "2026-05-27T12:00:00Z"


def test_another_person_approves_it_and_its_author_cannot(ask: dict[str, httpx.Client]) -> None:
    approval = f"/v1/silences/{made(ask['SI'])['id']}/approval"
    assert refused(ask["SI"].post(approval)) == (409, "own_silence")
    said = ask["SI"].post(approval, headers=KOS)
    assert (said.status_code, said.json()["approved_by"]) == (201, "duty_officer")
    assert refused(ask["SI"].post(approval, headers=KOS)) == (409, "already_approved")


@pytest.mark.parametrize("how", ["expired", "lifted"])
def test_what_has_ended_is_neither_approved_nor_ended_again(
    ask: dict[str, httpx.Client], clock: list[datetime], how: str
) -> None:
    path = f"/v1/silences/{made(ask['SI'])['id']}"
    if how == "lifted":
        assert ask["SI"].post(f"{path}/end", headers=KOS).json()["ended_by"] == "duty_officer"
    else:
        clock[0] += timedelta(hours=24)
    for act in ("approval", "end"):
        assert refused(ask["SI"].post(f"{path}/{act}", headers=KOS)) == (409, "ended")
    (listed,) = ask["SI"].get("/v1/silences").json()
    assert (listed["status"], listed["approved_by"]) == (how, None)


def test_anothers_silence_does_not_exist(ask: dict[str, httpx.Client]) -> None:
    path = f"/v1/silences/{made(ask['SI'])['id']}"
    assert [ask["HR"].post(f"{path}/{act}").status_code for act in ("approval", "end")] == [404, 404]
    assert ask["HR"].get("/v1/silences").json() == []


def test_nobody_makes_one_without_a_name(database: Database, ask: dict[str, httpx.Client]) -> None:
    response = ask["SI"].post("/v1/silences", json=SAID, headers={"Authorization": "Bearer no"})
    assert (response.status_code, database.count(rows)) == (401, 0)


def test_following_links_approves_and_ends_nothing(ask: dict[str, httpx.Client]) -> None:
    before = made(ask["SI"])
    for act in ("approval", "end"):
        assert ask["SI"].get(f"/v1/silences/{before['id']}/{act}", headers=KOS).status_code == 405
    assert ask["SI"].get("/v1/silences").json() == [before]


def test_a_contact_point_has_so_many_at_a_time_and_no_more(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    ids = [silenced(watch) for _ in range(MOST_STANDING - 1)]
    with ThreadPoolExecutor(4) as several:
        given = [several.submit(ask["SI"].post, "/v1/silences", json=SAID) for _ in range(4)]
        assert sorted(one.result().status_code for one in given) == [201, 409, 409, 409]
    assert refused(ask["SI"].post("/v1/silences", json=SAID)) == (409, "too_many")
    assert ask["SI"].post(f"/v1/silences/{ids[0]}/end").status_code == 201
    made(ask["SI"])


def test_a_silence_that_is_not_on_record_is_not_made(watch: Watch, ask: dict[str, httpx.Client]) -> None:
    watch.done(lambda one: one.execute(sa.text("ALTER TABLE audit ADD CHECK (detail NOT LIKE 'silence%') NOT VALID")))
    assert ask["SI"].post("/v1/silences", json=SAID).status_code == 500
    assert watch.database.count(rows) == 0


def test_the_list_the_live_feed_and_the_record_say_what_was_held_back_and_by_which_silence(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    silence = made(ask["SI"])["id"]
    alert = a_repeat()
    watch.tell(alert, revised(alert))
    first, second = (watch.database.delivery_of(one, "SI") for one in (alert, revised(alert)))
    page = ask["SI"].get("/v1/deliveries").json()
    assert [one["data"]["sequence"] for one in page["deliveries"]] == [1, 2]
    assert page["marks"] == {
        first: {"silenced_by": silence, "replaced_by": second},
        second: {"silenced_by": silence, "replaced_by": None},
    }
    record = ask["SI"].get(f"/v1/deliveries/{second}").json()
    assert (record["alert"]["id"], record["silenced_by"], record["replaced_by"]) == (alert.id, silence, None)
    with ask["SI"].stream("GET", "/v1/deliveries/live") as feed:
        lines = feed.iter_lines()
        said = [line for line in (next(lines) for _ in range(16)) if line.startswith(("id:", "event:"))]
    both = "event: alert.revision", "event: delivery.mark"
    assert said == ["id: 1", *both, "id: 2", *both]


def test_the_desk_lists_what_is_silenced_and_says_so(watch: Watch) -> None:
    silence = silenced(watch)
    watch.tell(a_repeat())
    (record,) = watch.database.records("SI")
    alert = read_record(record)
    assert alert is not None
    desk = a_desk(alert)
    assert "SILENCED" in "".join(lines_of(desk))
    assert f"SILENCED by {silence}" in "".join(lines_of(granted(*pressed(desk, "enter"))))


def test_what_ended_long_ago_is_forgotten_and_what_stands_is_not(watch: Watch) -> None:
    old, standing = silenced(watch), silenced(watch)
    watch.done(lambda one: silences.end(one, old, person(), watch.now))
    watch.done(lambda one: erase(one, timedelta(days=1)))
    assert [row.id for row in watch.database.rows(sa.select(rows.c.id))] == [standing]


def test_where_it_happened_is_erased_with_the_record(watch: Watch) -> None:
    watch.tell(a_repeat())
    assert watch.done(lambda one: erase(one, timedelta(0))) == 1
    (row,) = watch.database.rows(sa.select(deliveries.c.places, deliveries.c.countries))
    assert tuple(row) == ([], [])


# The command line


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> dict[str, str]:
    local = write_local_contact_points(tmp_path, "http://127.0.0.1:9")
    return {
        "PATH": os.environ["PATH"],
        "BRDO_DATA_DIR": str(tmp_path),
        "BRDO_DATABASE_URL": database.url,
        "BRDO_CONTACT_POINTS": str(local),
        "COLUMNS": "250",
        "LOGNAME": "m.horvat",
    }


def test_a_silence_is_tried_made_approved_by_another_and_ended_at_the_command_line(
    watch: Watch, settings: dict[str, str]
) -> None:
    watch.now = datetime.now(NOON.tzinfo)
    high, medium = a_repeat(Severity.HIGH), a_repeat()
    watch.tell(high, medium)
    sent(watch)
    which = ("--contact-point", "SI", "--place", "SI-OBR", "--kind", "repeat_vehicle")
    shown = brdo(settings, "silence", "preview", *which)
    assert (shown.returncode, high.id in shown.stdout, medium.id in shown.stdout) == (0, True, True), shown.stderr
    assert shown.stdout.count("once a second person has approved it") == 1
    assert watch.database.count(rows) == 0

    done = brdo(settings, "silence", "make", *which, "--reason", "Works.", "--hours", "2")
    assert done.returncode == 0, done.stderr
    silence = done.stdout.partition(":")[0]
    own = brdo(settings, "silence", "approve", silence, "--contact-point", "SI")
    assert (own.returncode, "its author cannot approve it" in own.stderr) == (1, True)
    other = {**settings, "LOGNAME": "p.kralj"}
    assert "approved by p.kralj" in brdo(other, "silence", "approve", silence, "--contact-point", "SI").stdout
    watch.now = datetime.now(NOON.tzinfo)
    watch.tell(again := a_repeat(Severity.HIGH))
    assert sent(watch) == []
    assert brdo(settings, "silence", "end", silence, "--contact-point", "SI").returncode == 0
    watch.now = datetime.now(NOON.tzinfo)
    assert sent(watch) == to("SI", again)
    listed = brdo(settings, "silence", "list", "--contact-point", "SI").stdout
    assert [word in listed for word in (silence, "lifted", "m.horvat", "p.kralj", "Works.")] == [True] * 5


@pytest.mark.parametrize(
    ("more", "named"),
    [
        (("--place", "SI-XXX"), "places"),
        ((), "names nothing"),
        (("--kind", "convoy", "--begins", "2020-01-01T00:00:00+0000"), "begins_at"),
        (("--kind", "convoy", "--hours", "169"), "hours"),
        (("--kind", "convoy", "--reason", " "), "reason"),
    ],
)
def test_what_no_silence_may_be_is_refused_at_the_command_line_too(
    database: Database, settings: dict[str, str], more: tuple[str, ...], named: str
) -> None:
    done = brdo(settings, "silence", "make", "--contact-point", "SI", "--reason", "x", *more)
    assert (done.returncode, named in done.stderr) == (2, True), done.stderr
    assert database.count(rows) == 0


def test_what_was_looked_at_is_on_record(watch: Watch, ask: dict[str, httpx.Client], settings: dict[str, str]) -> None:
    ask["SI"].get("/v1/silences")
    brdo(settings, "silence", "preview", "--contact-point", "SI", "--kind", "convoy")
    query = sa.select(audit.c.actor, audit.c.detail).where(audit.c.act == "consultation").order_by(audit.c.number)
    assert [tuple(row) for row in watch.database.rows(query)] == [
        ("SI:a.novak", "list of silences"),
        ("m.horvat", "preview of a silence"),
    ]
