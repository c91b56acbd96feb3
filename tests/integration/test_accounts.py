"""Accounts at the interface: a role does its own, what is refused is on record, and a change of the file is heard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_rig import all_asking, serving_api, token
from delivery_rig import Database, everybody
from escalation_rig import NOON, POINTS, Watch
from factory import an_alert

from consumers.api.access import Caller, Known, Tokens, load_tokens, token_hash
from consumers.api.app import Interface, api
from consumers.configuration import Configuration, Reloadable
from consumers.roles import ROUTES, Role
from consumers.tables import answers, audit

pytest_plugins = ["delivery_services"]

SI = POINTS["SI"]


@pytest.fixture
def ask(database: Database) -> Iterator[dict[str, httpx.Client]]:
    with all_asking(database, [SI], [NOON], roles=list(Role)) as clients:
        yield {name.removeprefix("SI "): client for name, client in clients.items()}


def refusals(database: Database) -> list[tuple[str, str, str]]:
    query = sa.select(audit).where(audit.c.purpose == "access").order_by(audit.c.number)
    return [(row.book, row.actor, row.detail) for row in database.rows(query)]


def requests(alert: str, delivery: str) -> dict[tuple[str, str], Any]:
    """Return a request of each route by its name in the table."""
    bulletin = {"title": "x", "text": "y"}
    bodies: dict[tuple[str, str], Any] = {
        ("POST", "/v1/alerts/{alert}/answers"): {"outcome": "acknowledged", "revision": 1},
        ("POST", "/v1/alerts/{alert}/replies"): {"id": "r", "text": "x"},
        ("POST", "/v1/bulletins"): {"id": "b", **bulletin},
        ("POST", "/v1/bulletins/preview"): bulletin,
        ("POST", "/v1/bulletins/{bulletin}/withdrawal"): {"reason": "unfounded"},
        ("POST", "/v1/silences"): {"match": {"countries": ["SI"]}, "reason": "x"},
        ("POST", "/v1/permissions/requests"): {"alert": alert, "originator": "HR", "purpose": "x"},
        ("POST", "/v1/permissions/decisions"): {
            "alert": alert, "contact_point": "HR", "decision": "granted", "purpose": "x",
        },
    }  # fmt: skip
    return {
        (method, path.format(alert=alert, delivery=delivery, bulletin="b", silence=f"sl-{0:020x}")): bodies.get(
            (method, path)
        )
        for method, path in ROUTES
        if path != "/v1/deliveries/live"
    }


def test_every_route_of_the_interface_is_in_the_table_and_the_table_names_no_other(database: Database) -> None:
    """So nothing is added that nobody, or everybody, may do without its being said."""
    none: Any = None
    app = api(Interface(database.engine, none, none, none, none))
    described = {(method.upper(), path) for path, operations in app.openapi()["paths"].items() for method in operations}
    assert described == set(ROUTES)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_is_not_for_alerts_gets_nothing_of_one_by_any_route(
    watch: Watch, ask: dict[str, httpx.Client], role: Role
) -> None:
    alert = an_alert(summary="HUSHHUSH")
    watch.tell(alert)
    said = []
    for (method, path), body in requests(alert.id, watch.database.delivery_of(alert, "SI")).items():
        answer = ask[role].request(method, path, json=body)
        said.append(answer.text)
        if path not in {"/v1/account", "/v1/audit"}:
            assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed"), (method, path)
    assert "HUSHHUSH" not in "".join(said)
    assert ask[role].get("/v1/deliveries/live").status_code == 403


def test_a_machine_reads_and_confirms_but_does_not_answer_in_a_persons_name(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    (notice,) = ask["system"].get("/v1/deliveries").json()["deliveries"]
    link = notice["data"]["link"]
    assert ask["system"].get(link).status_code == 200
    assert ask["system"].post(f"{link}/confirmation").status_code == 204
    answer = ask["system"].post(f"/v1/alerts/{alert.id}/answers", json={"outcome": "acknowledged", "revision": 1})
    assert (answer.status_code, answer.json()["error"]) == (403, "not_allowed")
    assert (watch.state(alert), watch.database.count(answers)) == ("running", 0)


def test_a_duty_officer_answers_and_leaves_the_decision_on_permissions_to_the_supervisor(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert)
    said = {"alert": alert.id, "contact_point": "HR", "decision": "granted", "purpose": "x"}
    answer = {"outcome": "acknowledged", "revision": 1}
    assert ask["duty_officer"].post(f"/v1/alerts/{alert.id}/answers", json=answer).status_code == 201
    assert ask["duty_officer"].post("/v1/permissions/decisions", json=said).status_code == 403
    assert ask["supervisor"].post("/v1/permissions/decisions", json=said).json()["text"] != "x"
    assert ask["supervisor"].post("/v1/permissions/decisions", json=said).status_code == 422, "HR is not served here"


def test_what_is_refused_is_on_record_by_account_and_route_and_says_nothing_of_what_was_asked(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    ask["system"].post(f"/v1/alerts/{alert.id}/answers", json={"outcome": "acknowledged", "note": "HUSHHUSH"})
    assert refusals(watch.database) == [("SI", "SI:system", "refused, not_allowed: POST /v1/alerts/{alert}/answers")]
    assert alert.id not in repr(watch.database.rows(sa.select(audit)))


def test_the_audit_of_a_contact_point_is_read_by_its_auditor_and_that_look_is_in_it(
    watch: Watch, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    watch.tell(alert, to=("SI", "HR"))
    ask["duty_officer"].get(f"/v1/alerts/{alert.id}")
    watch.database.records("HR")
    first, look = ask["auditor"].get("/v1/audit").json()
    assert (first["actor"], first["alert"], first["detail"]) == ("SI:duty_officer", alert.id, "acknowledgement")
    assert (look["actor"], look["number"], look["previous"]) == ("SI:auditor", 2, first["hash"])
    assert [row["number"] for row in ask["auditor"].get("/v1/audit", params={"after": 2}).json()] == [3]


def test_an_account_learns_who_it_is_and_what_it_may_do(ask: dict[str, httpx.Client]) -> None:
    said = ask["system"].get("/v1/account").json()
    assert said == {
        "contact_point": "SI",
        "account": "system",
        "role": "system",
        "rights": ["account", "confirm", "look"],
    }


def test_an_expired_token_is_refused_and_that_is_on_record(database: Database) -> None:
    known = Known(Caller("SI", "b.kos", Role.DUTY_OFFICER), expires=date(2026, 5, 20))
    tokens, clock = Tokens({token_hash("short-lived"): known}), [NOON]
    configuration = Configuration(everybody("SI"), POINTS, tokens=tokens)
    headers = {"Authorization": "Bearer short-lived"}
    with (
        serving_api(database, SI, clock=clock, configuration=configuration) as address,
        httpx.Client(base_url=address, headers=headers, trust_env=False) as client,
    ):
        assert client.get("/v1/account").status_code == 200
        clock[0] = datetime(2026, 5, 21, tzinfo=UTC)
        answer = client.get("/v1/account")
    assert (answer.status_code, answer.json()["error"]) == (401, "token_expired")
    assert refusals(database) == [("SI", "SI:b.kos", "refused, token_expired: GET /v1/account")]


@pytest.mark.timeout(30)
def test_a_live_feed_ends_with_its_token(database: Database) -> None:
    known = Known(Caller("SI", "console", Role.SYSTEM), expires=date(2026, 5, 20))
    clock = [NOON]
    configuration = Configuration(everybody("SI"), POINTS, tokens=Tokens({token_hash("short-lived"): known}))
    headers = {"Authorization": "Bearer short-lived"}
    with (
        serving_api(database, SI, clock=clock, configuration=configuration) as address,
        httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=20) as client,
        client.stream("GET", "/v1/deliveries/live") as feed,
    ):
        lines = feed.iter_lines()
        assert next(lines) == ": here"
        clock[0] = datetime(2026, 5, 21, tzinfo=UTC)
        assert [line for line in lines if line] == [], "it ends by itself"


def test_a_token_that_is_taken_out_of_the_file_is_nobodys_once_the_file_is_read_again(
    database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "tokens.yaml"
    first, second = token("SI"), token("SI", Role.SYSTEM)
    file.write_text(f"SI: {{console: {token_hash(first)}}}", encoding="utf-8")
    reloadable = Reloadable(lambda: Configuration(everybody("SI"), POINTS, tokens=load_tokens(file)))
    with serving_api(database, SI, configuration=reloadable.in_force) as address:

        def status(said: str) -> int:
            headers = {"Authorization": f"Bearer {said}"}
            return httpx.get(f"{address}/v1/account", headers=headers, trust_env=False).status_code

        assert (status(first), status(second)) == (200, 401)
        file.write_text(f"SI: {{console: {token_hash(second)}}}", encoding="utf-8")
        reloadable.reload()
        assert (status(first), status(second)) == (401, 200)
        file.write_text("SI: nobody", encoding="utf-8")
        reloadable.reload()
        assert status(second) == 200, "a file that is wrong changes nothing"
