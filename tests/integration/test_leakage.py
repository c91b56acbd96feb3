"""Nothing of H2 information reaches anybody without permission, by whatever way something leaves."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from api_rig import all_asking
from delivery_rig import Database, by_default, everybody, in_a_loop, until
from endpoints import a_contact_point, endpoint, secret_of
from factory import a_vehicle, an_alert, an_incident, at
from post_offices import Post, post_office
from prometheus_client import generate_latest

from consumers.channels.email import SmtpServer
from consumers.contact_points import Channel, ContactPoint, WebhookAddress
from consumers.deliverer import Deliverer
from consumers.desk.feed import Feed
from consumers.outbox import Pace
from consumers.permissions import Who
from consumers.senders import senders
from consumers.storing import Arrived, store
from consumers.tables import audit, deliveries
from infra.services.ports import HOST
from schemas.alerts import Alert, Edition

pytest_plugins = ["delivery_services"]

PACE = Pace(timedelta(seconds=60), (timedelta(0),))
URL = "https://brdo.example"
MARK = "HUSHHUSH"
"""Stands in everything that is SI's H2 information."""

CODES = ("HR", "AT", "HU", "SI")


def marked(alert: Alert, *kept: str, **fields: Any) -> Alert:
    """Return the alert with the mark in all its texts but these fields, as H2 of SI."""

    def spoil(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: spoil(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [spoil(one, name) for one in value]
        return f"{value} {MARK}" if isinstance(value, str) and name in TEXTS else value

    whole = alert.model_dump(mode="json", exclude_none=True)
    said = {name: value if name in kept else spoil(value, name) for name, value in whole.items()}
    said |= {"restricted_by": ["SI"], "handling_codes": ["H2"], "handling": "H2", "quality_notes": [MARK]}
    return Alert.model_validate_json(json.dumps(said | fields))


TEXTS = {"summary", "text", "label", "value", "event", "evidence", "entry"}


def editions() -> list[Edition]:
    """Return SI's secret alert; one of which others read an edition; a danger to life; one recalled once it was H2."""
    secret, shared, recalled = (
        an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2))) for _ in range(3)
    )
    danger = an_alert(an_incident(life_at_risk=True, vehicles=[a_vehicle()], handling="H2"))
    gone = marked(recalled, revision=2, status="withdrawn", withdrawn_reason="no_longer_supported")
    return [
        Edition(alert=marked(secret), reader="SI", apart=()),
        Edition(alert=marked(shared), reader="SI"),
        Edition(alert=shared, apart=("SI",)),
        Edition(alert=marked(danger, "summary", "subjects")),
        Edition(alert=recalled),
        Edition(alert=gone),
    ]


async def delivered(database: Database, points: dict[str, ContactPoint], mail: SmtpServer) -> None:
    """Store what there is and send it until all has arrived."""
    async with senders(points, timeout_seconds=5, public_url=URL, mail=mail) as channels:
        deliverer = Deliverer(
            database_url=database.url,
            contact_points=lambda: points,
            channels=channels,
            clock=lambda: datetime.now(UTC),
            pace=PACE,
            heartbeat=timedelta(seconds=0.2),
        )
        stop = asyncio.Event()
        running = asyncio.create_task(deliverer.run(stop))
        try:
            await until(lambda: database.delivered() == database.count(deliveries), 30)
        finally:
            stop.set()
            await running


def fetched(client: httpx.Client) -> Iterator[str]:
    """Return all that the interface says to a contact point, refusals too."""
    page = client.get("/v1/deliveries")
    yield page.text
    for one in page.json()["deliveries"]:
        yield client.get(one["data"]["link"]).text
        asked = {"alert": one["data"]["alert"], "originator": "SI", "purpose": "x"}
        yield client.post("/v1/permissions/requests", json=asked).text
    yield client.get("/v1/permissions").text
    yield client.get("/v1/deliveries/dl-" + "0" * 20).text
    with client.stream("GET", "/v1/deliveries/live") as feed:
        for line in feed.iter_lines():
            yield line
            if line.startswith(": here"):
                break


def looked(database: Database, code: str) -> str:
    feed = Feed(database.url, code, Who("b.kos", "duty"), lambda: datetime.now(UTC))
    try:
        return repr(feed.read())
    finally:
        feed.close()


@in_a_loop
async def test_without_permission_no_output_holds_anything_of_an_h2_alert(
    database: Database, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    """Payloads, subjects, lists, numbers, desks, logs, metrics, refusals and the audit; SI itself reads it all."""
    caplog.set_level(logging.DEBUG)
    post, outputs = Post(), dict[str, str]()
    async with AsyncExitStack() as opened:
        hr = await opened.enter_async_context(endpoint(code="HR"))
        hu = await opened.enter_async_context(endpoint(code="HU"))
        si = await opened.enter_async_context(endpoint(code="SI"))
        port = await opened.enter_async_context(post_office(post, None))
        points = {
            "HR": hr.point,
            "AT": replace(a_contact_point("AT"), webhook=None, email="duty@at.example"),
            "HU": ContactPoint("HU", "HU", cap=WebhookAddress(f"http://{HOST}:{hu.port}/", secret_of("HU"))),
            "SI": si.point,
        }
        with database.engine.begin() as connection:
            arrived = [Arrived(one, "border.editions/0/0") for one in editions()]
            store(connection, arrived, everybody(*CODES), points, by_default())
        mail = SmtpServer(HOST, port, "alerts@brdo.example", starttls=False)
        await delivered(database, points, mail)
        outputs["webhook"] = "".join(f"{one.headers}{one.body.decode()}" for one in hr.requests)
        outputs["cap"] = "".join(f"{one.headers}{one.body.decode()}" for one in hu.requests)
        outputs["e-mail"] = "".join(message.decode() for message in post.taken)
        assert {Channel.WEBHOOK, Channel.CAP, Channel.EMAIL} == {
            one for point in points.values() for one in point.channels
        }
    with all_asking(database, points.values()) as clients:
        told = {code: "\n".join(fetched(clients[code])) for code in CODES}
    outputs |= {f"interface, {code}": text for code, text in told.items() if code != "SI"}
    outputs |= {f"desk, {code}": looked(database, code) for code in CODES if code != "SI"}
    outputs["audit"] = repr(database.rows(sa.select(audit)))
    outputs["metrics"] = generate_latest().decode()
    outputs["logs"] = caplog.text + "".join(capsys.readouterr())

    assert {where for where, text in outputs.items() if not text} == set()
    assert {where for where, text in outputs.items() if MARK in text} == set()
    secret = editions_of(database, "SI") - editions_of(database, "HR")
    assert len(secret) == 1
    assert {where for where, text in outputs.items() if where != "audit" and secret & set(ids_in(text))} == set()
    assert MARK in told["SI"], "or this test would find nothing"
    numbers = {code: [row.sequence for row in rows_of(database, code)] for code in CODES}
    assert numbers == {"SI": [1, 2, 3, 4, 5], "HR": [1, 2, 3, 4], "AT": [1, 2, 3, 4], "HU": [1, 2, 3, 4]}


def rows_of(database: Database, code: str) -> list[Any]:
    query = sa.select(deliveries).where(deliveries.c.contact_point == code).order_by(deliveries.c.sequence)
    return list(database.rows(query))


def editions_of(database: Database, code: str) -> set[str]:
    return {row.alert_id for row in rows_of(database, code)}


def ids_in(text: str) -> list[str]:
    return [text[place : place + 23] for place in range(len(text)) if text.startswith("al-", place)]
