"""The running interface against its own description: requests made from it to every route, right ones and wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final, cast

import httpx
import pytest
import schemathesis
from api_rig import serving_api, token
from bulletin_rig import POINTS, TABLE, Word, sending_word
from delivery_rig import Database
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode

from consumers.configuration import Configuration
from consumers.roles import ROUTES, Right, Role

pytest_plugins = ["delivery_services"]

NAMES: Final = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)
ENDLESS: Final = "/v1/deliveries/live"
ROLES: Final = {Right.AUDIT: Role.AUDITOR}


@pytest.fixture
def known(database: Database) -> dict[str, str]:
    """Return what there is: a bulletin of SI, with a reply."""
    with sending_word(database) as word:
        alert = word.told("SI", countries=["HR"])
        word.reply(alert, "HR")
        return {"alert": alert, "bulletin": "b-1", "delivery": _delivery(word)}


def _delivery(word: Word) -> str:
    return str(word.notices("SI")[0]["data"]["delivery"])


@pytest.fixture
def address(database: Database) -> Iterator[str]:
    with serving_api(database, POINTS["SI"], configuration=Configuration(TABLE, POINTS)) as served:
        yield served


def bearer(method: str, path: str) -> dict[str, str]:
    role = ROLES.get(ROUTES[method, path], Role.SUPERVISOR)
    return {"Authorization": f"Bearer {token('SI', role)}"}


@pytest.mark.timeout(120)
def test_every_answer_is_one_that_the_description_names(known: dict[str, str], address: str) -> None:
    """Of each route some fifty requests; every second one about what there is, so that there is more than 404."""
    load_all_checks()
    described = schemathesis.openapi.from_url(f"{address}/openapi.json")
    seen = {
        f"{method} {path}": tried(described[path][method], address, bearer(method, path), known)
        for method, path in ROUTES
        if path != ENDLESS
    }
    assert all(any(code < 300 for code in codes) for name, codes in seen.items() if name.startswith("GET")), seen
    assert {code for codes in seen.values() for code in codes} >= {200, 201, 404, 409, 422}, seen


def tried(operation: Any, address: str, headers: dict[str, str], known: dict[str, str]) -> Counter[int]:
    """Send what is made of the description, judge each answer, and return how often each status came."""
    checks = cast("list[schemathesis.CheckFunction]", CHECKS.get_by_names(NAMES))
    seen: Counter[int] = Counter()

    def send(case: schemathesis.Case[Any]) -> None:
        if seen.total() % 2:
            case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
        answer = case.call(base_url=address, headers=headers)
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=checks)

    repeatable = settings(
        max_examples=25,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for mode in GenerationMode:
        strategy: SearchStrategy[schemathesis.Case[Any]] = operation.as_strategy(generation_mode=mode)
        repeatable(given(strategy)(send))()
    return seen


def test_no_route_answers_without_a_token(address: str) -> None:
    for method, path in ROUTES:
        answer = httpx.request(method, address + path, json={}, trust_env=False)
        assert (answer.status_code, answer.json()["error"]) == (401, "no_token"), (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\u001b[2J"])
def test_text_that_no_database_or_terminal_takes_is_refused_by_its_field(address: str, text: str) -> None:
    """A null byte, half a character, a terminal's command: in whichever text a person writes."""
    al = "al-" + "0" * 20
    bodies = {
        "/v1/permissions/requests": f'{{"alert": "{al}", "originator": "HR", "purpose": "{text}"}}',
        "/v1/bulletins": f'{{"id": "b", "title": "x", "text": "{text}"}}',
        f"/v1/alerts/{al}/replies": f'{{"id": "r", "text": "{text}"}}',
        f"/v1/alerts/{al}/answers": f'{{"outcome": "confirmed", "revision": 1, "note": "{text}"}}',
    }
    headers = {"content-type": "application/json", "Authorization": f"Bearer {token('SI')}"}
    for path, body in bodies.items():
        answer = httpx.post(address + path, content=body, headers=headers, trust_env=False)
        assert answer.status_code == 422, (path, answer.text)
