"""The rules for Prometheus speak of metrics that there are, by reasons that there are."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from prometheus_client import REGISTRY

import consumers.answers
import consumers.escalator  # noqa: F401 - they declare the metrics
from consumers.escalation import EscalationReason

RULES = Path(__file__).parents[2] / "infra" / "prometheus" / "escalation.rules.yaml"


def expressions() -> list[str]:
    (group,) = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return [rule["expr"] for rule in group["rules"]]


def test_every_metric_of_a_rule_is_one_of_ours() -> None:
    named = {name for one in expressions() for name in re.findall(r"border_\w+", one)}
    endings = {"gauge": ("",), "counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}
    known = {one.name + end for one in REGISTRY.collect() for end in endings.get(one.type, ())}
    assert named
    assert named <= known


QUIET = {EscalationReason.OFFICER_TOLD, EscalationReason.NOT_AGREED, EscalationReason.EXERCISE_EXHAUSTED}
"""What is as it should be, and what an exercise comes to: it alarms nobody."""


def test_every_reason_of_a_rule_is_one_of_ours() -> None:
    said = [reasons for one in expressions() for reasons in re.findall(r'reason=~?"([^"]+)"', one)]
    named = {name for reasons in said for name in reasons.split("|")}
    assert named == {one.value for one in EscalationReason if one not in QUIET}
