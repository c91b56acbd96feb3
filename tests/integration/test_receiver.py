"""The local receiver: what it accepts is on disk before it says so, and it accepts nothing else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from delivery_rig import in_a_loop
from endpoints import secret_of, serving
from standardwebhooks.webhooks import Webhook

from infra.receiver import HEARTBEATS, LARGEST_BODY_BYTES, Identity, Receiver
from infra.services.ports import HOST

NOW = datetime(2026, 5, 1, 12, 0, tzinfo=UTC)
LINK = "/v1/deliveries/dl-1"
BODY = json.dumps({"type": "alert.revision", "data": {"link": LINK}})
RECORD = {"why": ["Röszke"]}


@asynccontextmanager
async def receiver(log_path: Path, answer: int = 200) -> AsyncIterator[httpx.AsyncClient]:
    """Run a receiver whose interface gives the record to who shows the token, or answers so."""

    async def record(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Bearer token":
            return web.Response(status=401)
        return web.json_response(RECORD, status=answer)

    interface = web.Application()
    interface.router.add_get(LINK, record)
    async with serving(interface) as at:
        identities = {"SI": Identity(secret_of("SI"), "token")}
        application = Receiver(identities, f"http://{HOST}:{at}", log_path, lambda: NOW).application()
        async with client_of(application) as client:
            yield client


@asynccontextmanager
async def client_of(application: web.Application) -> AsyncIterator[httpx.AsyncClient]:
    async with (
        serving(application) as port,
        httpx.AsyncClient(base_url=f"http://{HOST}:{port}", trust_env=False) as client,
    ):
        yield client


def signed(body: str, *, at: datetime | None = None) -> dict[str, str]:
    at = at or datetime.now(UTC)
    return {
        "webhook-id": "dl-1",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret_of("SI")).sign("dl-1", at, body),
    }


@in_a_loop
async def test_a_request_with_a_valid_signature_is_logged_when_its_answer_comes(tmp_path: Path) -> None:
    log_path = tmp_path / "received.jsonl"
    async with receiver(log_path) as client:
        answer = await client.post("/contact-points/SI", content=BODY, headers=signed(BODY))

        assert answer.status_code == 204
        assert json.loads(log_path.read_text(encoding="utf-8")) == {
            "received_at": "2026-05-01T12:00:00+00:00",
            "contact_point": "SI",
            "webhook_id": "dl-1",
            "payload": json.loads(BODY),
            "record": RECORD,
        }


@in_a_loop
async def test_what_is_not_shown_any_more_is_logged_without_its_record(tmp_path: Path) -> None:
    log_path = tmp_path / "received.jsonl"
    async with receiver(log_path, answer=403) as client:
        answer = await client.post("/contact-points/SI", content=BODY, headers=signed(BODY))

    assert answer.status_code == 204
    assert json.loads(log_path.read_text(encoding="utf-8"))["record"] is None


@in_a_loop
async def test_a_notice_whose_record_cannot_be_fetched_is_to_come_again(tmp_path: Path) -> None:
    log_path = tmp_path / "received.jsonl"
    async with receiver(log_path, answer=503) as client:
        answer = await client.post("/contact-points/SI", content=BODY, headers=signed(BODY))

    assert (answer.status_code, log_path.exists()) == (503, False)


@in_a_loop
async def test_a_heartbeat_goes_to_a_log_of_its_own(tmp_path: Path) -> None:
    log_path, beat = tmp_path / "received.jsonl", '{"type": "heartbeat", "data": {"sequence": 3}}'
    async with receiver(log_path) as client:
        answer = await client.post("/contact-points/SI", content=beat, headers=signed(beat))

    assert (answer.status_code, log_path.exists()) == (204, False)
    assert json.loads((tmp_path / HEARTBEATS).read_text(encoding="utf-8"))["payload"]["data"] == {"sequence": 3}


@in_a_loop
async def test_what_cannot_be_logged_is_not_acknowledged(tmp_path: Path) -> None:
    async with receiver(tmp_path) as client:  # a directory: nothing can be written there
        answer = await client.post("/contact-points/SI", content=BODY, headers=signed(BODY))

    assert answer.status_code == 500


@in_a_loop
@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-signature": Webhook(secret_of("HR")).sign("dl-1", datetime.now(UTC), BODY)},
        {"webhook-id": "dl-2"},
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "noon"},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,not base64"},
        {"webhook-signature": ""},
    ],
    ids=["other secret", "other id", "too old", "no time", "no signature", "not base64", "empty"],
)
async def test_without_a_valid_signature_the_answer_is_401_and_nothing_is_logged(
    tmp_path: Path, wrong: dict[str, str]
) -> None:
    log_path = tmp_path / "received.jsonl"
    async with receiver(log_path) as client:
        answer = await client.post("/contact-points/SI", content=BODY, headers=signed(BODY) | wrong)
        altered = await client.post("/contact-points/SI", content=BODY + " ", headers=signed(BODY))

    assert (answer.status_code, altered.status_code) == (401, 401)
    assert not log_path.exists()


@in_a_loop
async def test_an_unknown_contact_point_is_not_found_whatever_the_signature(tmp_path: Path) -> None:
    log_path = tmp_path / "received.jsonl"
    async with receiver(log_path) as client:
        answer = await client.post("/contact-points/HR", content=BODY, headers=signed(BODY))

    assert answer.status_code == 404
    assert not log_path.exists()


@in_a_loop
async def test_a_body_that_is_too_large_is_refused_and_the_largest_one_is_not(tmp_path: Path) -> None:
    log_path = tmp_path / "received.jsonl"
    largest = BODY + " " * (LARGEST_BODY_BYTES - len(BODY))
    async with receiver(log_path) as client:
        too_large = await client.post("/contact-points/SI", content=largest + " ", headers=signed(largest + " "))
        assert (too_large.status_code, log_path.exists()) == (413, False)
        answer = await client.post("/contact-points/SI", content=largest, headers=signed(largest))

    assert answer.status_code == 204


@in_a_loop
async def test_a_signed_body_that_is_not_json_is_a_bad_request(tmp_path: Path) -> None:
    log_path = tmp_path / "received.jsonl"
    async with receiver(log_path) as client:
        answer = await client.post("/contact-points/SI", content="not JSON", headers=signed("not JSON"))

    assert answer.status_code == 400
    assert not log_path.exists()
