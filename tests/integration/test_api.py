"""The interface of contact points: each its own alone, as much as it may see now, every look on record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_rig import all_asking, serving_api
from delivery_rig import Database, by_default, everybody
from endpoints import a_contact_point
from factory import a_vehicle, an_alert, an_incident, at
from started import wait_until

from consumers.notifications import notify
from consumers.storing import Arrived, store
from consumers.tables import audit, deliveries
from schemas.alerts import Alert, Edition

pytest_plugins = ["delivery_services"]

SI, HR, AT = (a_contact_point(code) for code in ("SI", "HR", "AT"))
POINTS = {"SI": SI, "HR": HR, "AT": AT}


@pytest.fixture
def ask(database: Database) -> Iterator[dict[str, httpx.Client]]:
    with all_asking(database, POINTS.values()) as clients:
        yield clients


def told(database: Database, *editions: Edition, codes: tuple[str, ...] = ("SI", "HR")) -> None:
    with database.engine.begin() as connection:
        store(connection, [Arrived(one, "") for one in editions], everybody(*codes), POINTS, by_default())


def links(client: httpx.Client, after: int = 0) -> list[str]:
    return [one["data"]["link"] for one in client.get("/v1/deliveries", params={"after": after}).json()["deliveries"]]


def rows(database: Database, book: str) -> list[tuple[str, str, str, str]]:
    query = sa.select(audit).where(audit.c.book == book).order_by(audit.c.number)
    return [(row.act, row.actor, row.alert_id, row.detail) for row in database.rows(query)]


def test_the_record_is_the_whole_alert_with_why_and_its_digest_is_that_of_the_notice(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert(summary="Röszke → Horgoš")
    told(database, Edition(alert=alert))
    (notice,) = ask["SI"].get("/v1/deliveries").json()["deliveries"]
    record = ask["SI"].get(notice["data"]["link"]).json()

    assert record["alert"] == alert.model_dump(mode="json", exclude_none=True)
    assert (record["view"], record["sequence"], record["why"]) == (
        "full",
        1,
        ["Route “everybody” names SI for alerts like this."],
    )
    text = json.dumps(record["alert"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert notice["data"]["digest"] == record["digest"] == "sha-256=" + hashlib.sha256(text.encode()).hexdigest()


def test_a_look_is_on_record_before_it_is_answered_and_without_a_row_there_is_no_answer(
    database: Database, ask: dict[str, httpx.Client], caplog: pytest.LogCaptureFixture
) -> None:
    alert = an_alert()
    told(database, Edition(alert=alert))
    (link,) = links(ask["SI"])
    assert ask["SI"].get(link, params={"purpose": "case 17"}).status_code == 200
    assert rows(database, "SI")[-1] == ("disclosure", "SI:a.novak", alert.id, "record, full")
    (last,) = database.rows(sa.select(audit.c.purpose).where(audit.c.alert_id == alert.id, audit.c.act == "disclosure"))
    assert last.purpose == "case 17"

    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit ADD CONSTRAINT full_disk CHECK (act <> 'disclosure') NOT VALID"))
    answer = ask["SI"].get(link)
    assert (answer.status_code, answer.json()["error"]) == (500, "failed")
    assert alert.summary not in answer.text + caplog.text


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer nobodys", "Basic dG9rZW4tb2YtU0k="])
def test_without_a_token_of_a_contact_point_there_is_nothing(database: Database, authorization: str | None) -> None:
    told(database, Edition(alert=an_alert()))
    headers = {} if authorization is None else {"Authorization": authorization}
    with serving_api(database, SI) as address, httpx.Client(base_url=address, trust_env=False) as client:
        for path in ("/v1/deliveries", "/v1/deliveries/live", "/v1/deliveries/dl-" + "0" * 20, "/v1/permissions"):
            answer = client.get(path, headers=headers)
            assert (answer.status_code, answer.json()["error"]) == (401, "no_token")


def test_what_is_anothers_does_not_exist(database: Database, ask: dict[str, httpx.Client]) -> None:
    told(database, Edition(alert=an_alert()), codes=("SI",))
    (link,) = links(ask["SI"])
    nothing = ask["HR"].get("/v1/deliveries/dl-" + "0" * 20)
    theirs = ask["HR"].get(link)
    assert (theirs.status_code, theirs.content) == (nothing.status_code, nothing.content) == (404, nothing.content)
    assert ask["HR"].post(f"{link}/confirmation").status_code == 404
    page = ask["HR"].get("/v1/deliveries").json()
    assert page == {"deliveries": [], "high_water": 0, "marks": {}}


def test_what_was_sent_since_any_point_comes_in_its_sequence_without_a_gap(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    alerts = [an_alert() for _ in range(7)]
    for alert in alerts[:4]:
        told(database, Edition(alert=alert))
    told(database, *(Edition(alert=alert) for alert in alerts[4:]), codes=("SI",))

    def page(code: str, **asked: int) -> tuple[list[int], list[str], int]:
        said = ask[code].get("/v1/deliveries", params=asked).json()
        data = [one["data"] for one in said["deliveries"]]
        return [one["sequence"] for one in data], [one["alert"] for one in data], said["high_water"]

    ids = [alert.id for alert in alerts]
    assert page("SI") == ([1, 2, 3, 4, 5, 6, 7], ids, 7)
    assert page("SI", after=2, limit=3) == ([3, 4, 5], ids[2:5], 7)
    assert page("HR", after=3) == ([4], ids[3:4], 4)
    assert page("SI", after=7) == ([], [], 7)


@pytest.mark.parametrize("asked", [{"after": -1}, {"limit": 0}, {"limit": 501}, {"after": "x"}])
def test_what_cannot_be_asked_is_named(ask: dict[str, httpx.Client], asked: dict[str, Any]) -> None:
    answer = ask["SI"].get("/v1/deliveries", params=asked)
    assert answer.status_code == 422
    assert next(iter(asked)) in answer.json()["text"]


# H2 and permission


def h2_edition() -> tuple[Edition, Edition]:
    """Return SI's own edition of an alert, which rests on H2 information of SI, and the common one without it."""
    common = an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2)))
    whole: Alert = common.model_copy(
        update={"summary": "What SI alone knows.", "restricted_by": ("SI",), "handling_codes": ("H1", "H2")}
    )
    return Edition(alert=whole, reader="SI"), Edition(alert=common, apart=("SI",))


def decide(client: httpx.Client, alert: Alert, code: str, decision: str) -> httpx.Response:
    said = {"alert": alert.id, "contact_point": code, "decision": decision, "purpose": "joint investigation"}
    return client.post("/v1/permissions/decisions", json=said)


def test_with_the_originators_permission_the_whole_alert_is_shown_and_without_it_no_more(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    own, common = h2_edition()
    told(database, own, common)
    asked = {"alert": own.alert.id, "originator": "SI", "purpose": "same vehicle here"}
    assert ask["HR"].post("/v1/permissions/requests", json=asked).json()["state"] == "requested"
    (waiting,) = ask["SI"].get("/v1/permissions").json()
    assert (waiting["contact_point"], waiting["state"]) == ("HR", "requested")
    assert len(links(ask["HR"])) == 1, "asking alone shows nothing"

    assert decide(ask["SI"], own.alert, "HR", "granted").json()["state"] == "granted"
    first, second = links(ask["HR"])
    assert ask["HR"].get(second).json()["alert"]["summary"] == "What SI alone knows."
    assert "What SI alone knows." not in ask["HR"].get(first).text

    assert decide(ask["SI"], own.alert, "HR", "revoked").json()["state"] == "revoked"
    answer = ask["HR"].get(second)
    assert (answer.status_code, answer.json()["error"]) == (403, "not_shared")
    assert "What SI alone knows." not in answer.text
    acts = [(act, actor, detail) for act, actor, _, detail in rows(database, "SI") if act == "change"]
    assert acts == [
        ("change", "HR:a.novak", "permission of SI requested"),
        ("change", "SI:a.novak", "permission of SI granted"),
        ("change", "SI:a.novak", "permission of SI revoked"),
    ]
    assert rows(database, "HR")[-1] == ("disclosure", "HR:a.novak", own.alert.id, "record, withheld")


def test_what_follows_a_permission_comes_to_whom_it_was_given_and_only_in_that_edition(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    own, common = h2_edition()
    told(database, own, common)
    decide(ask["SI"], own.alert, "HR", "granted")
    later = [
        Edition(alert=one.alert.model_copy(update={"revision": 2}), reader=one.reader, apart=one.apart)
        for one in (own, common)
    ]
    told(database, *later, codes=("AT", "SI"))
    summaries = [ask["HR"].get(link).json()["alert"] for link in links(ask["HR"])[2:]]
    assert [(one["revision"], one["summary"]) for one in summaries] == [(2, "What SI alone knows.")]
    assert [ask["AT"].get(link).json()["alert"]["summary"] for link in links(ask["AT"])] == [common.alert.summary]


def test_nobody_but_the_originator_can_permit(database: Database, ask: dict[str, httpx.Client]) -> None:
    own, common = h2_edition()
    told(database, own, common)
    assert decide(ask["HR"], own.alert, "AT", "granted").status_code == 404
    assert decide(ask["SI"], own.alert, "SI", "granted").status_code == 422
    assert decide(ask["SI"], own.alert, "XX", "granted").status_code == 422
    assert decide(ask["SI"], an_alert(), "HR", "granted").status_code == 404
    assert links(ask["AT"]) == []


def test_who_was_not_told_of_an_alert_cannot_learn_by_asking_that_there_is_one(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    own, _ = h2_edition()
    told(database, own, codes=("SI",))
    answers = [
        ask["HR"].post("/v1/permissions/requests", json={"alert": alert, "originator": "SI", "purpose": "x"})
        for alert in (own.alert.id, "al-" + "0" * 20)
    ]
    assert [(one.status_code, one.content) for one in answers] == [(404, answers[0].content)] * 2


def test_danger_to_life_of_h2_is_an_extract_until_the_originator_permits_the_rest(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    danger = an_alert(
        an_incident(life_at_risk=True, handling="H2"),
        handling_codes=("H2",),
        originators=("SI",),
        restricted_by=("SI",),
    )
    told(database, Edition(alert=danger))
    (extract,) = links(ask["HR"])
    assert ask["HR"].get(extract).json()["view"] == "protection_extract"
    assert "originators" not in ask["HR"].get(extract).json()["alert"]
    decide(ask["SI"], danger, "HR", "granted")
    assert ask["HR"].get(links(ask["HR"])[1]).json()["view"] == "full"


# Recall, erasure, the live feed


def test_a_withdrawal_is_unconfirmed_until_its_contact_point_says_so(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    alert = an_alert()
    gone = alert.model_copy(update={"revision": 2, "status": "withdrawn", "withdrawn_reason": "no_longer_supported"})
    told(database, Edition(alert=alert))
    told(database, Edition(alert=gone))
    link = links(ask["SI"])[1]
    assert ask["SI"].get(link).json()["confirmed_at"] is None
    assert [ask["SI"].post(f"{link}/confirmation").status_code for _ in range(2)] == [204, 204]
    assert ask["SI"].get(link).json()["confirmed_at"] is not None
    confirmed = [row for row in rows(database, "SI") if row[3] == "confirmed"]
    assert confirmed == [("change", "SI:a.novak", alert.id, "confirmed")], "once is enough"


def test_a_record_whose_retention_ended_is_gone_and_its_number_stays(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    told(database, Edition(alert=an_alert()))
    (link,) = links(ask["SI"])
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE alert_revisions SET body = NULL, erased_at = now()"))
    answer = ask["SI"].get(link)
    assert (answer.status_code, answer.json()["error"]) == (410, "erased")
    assert links(ask["SI"]) == [link]


def test_the_live_feed_tells_what_is_there_and_then_what_comes(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    before, after = an_alert(), an_alert()
    told(database, Edition(alert=before))
    seen: list[tuple[str, str]] = []
    with ask["SI"].stream("GET", "/v1/deliveries/live", params={"after": 0}) as feed:
        number = ""
        for line in feed.iter_lines():
            if line.startswith("id: "):
                number = line.removeprefix("id: ")
            elif line.startswith("data: "):
                seen.append((number, json.loads(line.removeprefix("data: "))["data"]["alert"]))
                if len(seen) == 2:
                    break
                told(database, Edition(alert=after))
                with database.engine.begin() as connection:
                    notify(connection)
    assert seen == [("1", before.id), ("2", after.id)]


def test_while_the_database_is_away_the_answer_says_so_and_afterwards_all_is_there(
    database: Database, ask: dict[str, httpx.Client]
) -> None:
    told(database, Edition(alert=an_alert()))
    database.server.kill()
    try:
        answer = ask["SI"].get("/v1/deliveries")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    finally:
        database.server.start()
    wait_until(lambda: ask["SI"].get("/v1/deliveries").status_code == 200, 30)
    assert len(links(ask["SI"])) == database.count(deliveries, deliveries.c.contact_point == "SI") == 1
