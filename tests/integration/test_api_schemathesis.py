"""The running interface against its own description: requests made from it, right ones and wrong ones, to every route."""

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
    """Of each route some twenty requests; every second one about what there is, so that there is more than 404."""
    load_all_checks()
    checks = cast("list[schemathesis.CheckFunction]", CHECKS.get_by_names(NAMES))
    described = schemathesis.openapi.from_url(f"{address}/openapi.json")
    seen: dict[str, Counter[int]] = {}
    turns = iter(range(1_000_000))
    repeatable = settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    for method, path in ROUTES:
        if path == ENDLESS:
            continue
        count = seen.setdefault(f"{method} {path}", Counter())

        def send(case: schemathesis.Case[Any], headers: dict[str, str], count: Counter[int]) -> None:
            if next(turns) % 2:
                case.path_parameters = {name: known.get(name, value) for name, value in case.path_parameters.items()}
            answer = case.call(base_url=address, headers=headers)
            count[answer.status_code] += 1
            case.validate_response(answer, checks=checks)

        for mode in GenerationMode:
            strategy = described[path][method].as_strategy(generation_mode=mode)
            headers = bearer(method, path)
            repeatable(given(strategy)(lambda case, h=headers, c=count: send(case, h, c)))()
    assert all(count.total() >= 12 for name, count in seen.items() if name != "GET /v1/account"), seen
    assert all(any(code < 300 for code in count) for name, count in seen.items() if name.startswith("GET")), seen


def test_no_route_answers_without_a_token(address: str) -> None:
    for method, path in ROUTES:
        answer = httpx.request(method, address + path, json={}, trust_env=False)
        assert (answer.status_code, answer.json()["error"]) == (401, "no_token"), (method, path)
        assert answer.headers["www-authenticate"].startswith("Bearer")
