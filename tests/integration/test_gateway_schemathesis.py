"""The running gateway against its own description: some hundred requests made from it, right ones and wrong ones."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import schemathesis
from gateway_rig import a_gateway, a_publisher, messages
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.generation import GenerationMode
from started import Services

from infra.kafka_topics import ensure_topics
from schemas.topics import INCIDENTS

NAMES = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
)


@schemathesis.serializer("application/x-ndjson")
def as_they_are(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else json.dumps(value).encode()


@pytest.fixture
def gateway(services: Services, tmp_path: Path) -> Iterator[tuple[str, str]]:
    kafka = services.kafka(tmp_path)
    ensure_topics(kafka.bootstrap)
    with a_publisher(kafka.bootstrap) as publisher, a_gateway(publisher) as address:
        yield address, kafka.bootstrap


def test_every_answer_is_one_that_the_description_names(gateway: tuple[str, str]) -> None:
    address, bootstrap = gateway
    load_all_checks()
    checks = cast("list[schemathesis.CheckFunction]", CHECKS.get_by_names(NAMES))
    operation = schemathesis.openapi.from_url(f"{address}/openapi.json")["/v1/events"]["POST"]
    seen: Counter[int] = Counter()

    def send(case: schemathesis.Case[Any]) -> None:
        answer = case.call(base_url=address)
        seen[answer.status_code] += 1
        case.validate_response(answer, checks=checks)

    repeatable = settings(
        max_examples=150,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    written = operation.get_strategies_from_examples()
    assert len(written) >= 3
    for strategy in (*written, *(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)):
        repeatable(given(strategy)(send))()
    # 207 comes or not: what is generated depends on the constants that Hypothesis finds in all our modules
    assert all(seen[status] > 0 for status in (202, 400, 422)), seen
    assert sum(seen.values()) >= 300
    assert messages(bootstrap, INCIDENTS)
