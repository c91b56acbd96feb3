"""Who is on duty: by the clocks of the rota's time zone, whatever they do, and by swaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.duties import EXAMPLE, load_duties
from consumers.escalation import EscalationReason, next_step
from consumers.policy import Policy, Whom, frozen, thawed
from consumers.rota import Rota, on_duty
from schemas.alerts import Severity
from schemas.errors import ConfigurationError

DAY = {"officers": ["a.day"], "when": {"from": "06:00", "to": "22:00"}}
NIGHT = {"officers": ["b.night"], "when": {"from": "22:00", "to": "06:00"}}
EARLY = {"officers": ["a.day"], "when": {"from": "02:30", "to": "14:30"}}
LATE = {"officers": ["b.night"], "when": {"from": "14:30", "to": "02:30"}}
CODES = ("SI", "HR", "EUROPOL")


def a_rota(*shifts: dict[str, Any], **more: Any) -> Rota:
    officers = {name: {"email": f"{name}@si.example"} for name in ("a.day", "b.night", "c.third")}
    said = {"timezone": "Europe/Ljubljana", "officers": officers, "layers": [list(shifts)], **more}
    return Rota.model_validate(said)


def a_swap(
    officer: str, by: str, begins: str = "2026-05-20T06:00:00+02:00", ends: str = "2026-05-20T22:00:00+02:00"
) -> Any:
    return {"officer": officer, "by": by, "from": begins, "until": ends}


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_clocks_of_the_rota_count_and_not_those_of_the_machine() -> None:
    rota = a_rota(DAY, NIGHT)
    assert on_duty(rota, utc("2026-05-20T03:59:59")) == ("b.night",)
    assert on_duty(rota, utc("2026-05-20T04:00:00")) == ("a.day",), "06:00 in summer"
    assert on_duty(rota, utc("2026-12-20T04:59:59")) == ("b.night",)
    assert on_duty(rota, utc("2026-12-20T05:00:00")) == ("a.day",), "06:00 in winter"


def test_a_shift_that_begins_in_the_hour_that_spring_leaves_out_begins_at_the_change() -> None:
    rota = a_rota(EARLY, LATE)
    assert on_duty(rota, utc("2026-03-29T00:59:59")) == ("b.night",)
    assert on_duty(rota, utc("2026-03-29T01:00:00")) == ("a.day",), "03:00: there is no 02:30"


def test_a_shift_that_begins_in_the_hour_that_autumn_repeats_begins_the_first_time() -> None:
    rota = a_rota(EARLY, LATE)
    assert on_duty(rota, utc("2026-10-25T00:29:59")) == ("b.night",)
    for later in range(0, 120, 10):
        assert on_duty(rota, utc("2026-10-25T00:30:00") + timedelta(minutes=later)) == ("a.day",)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis
def test_shifts_that_meet_leave_no_hole_and_do_not_overlap(instant: datetime) -> None:
    for rota in (a_rota(DAY, NIGHT), a_rota(EARLY, LATE)):
        assert len(on_duty(rota, instant)) == 1


def test_a_rota_may_have_holes_and_a_layer_that_is_not_there_is_one() -> None:
    assert on_duty(a_rota(DAY), utc("2026-05-20T23:00:00")) == ()
    assert on_duty(a_rota(DAY), utc("2026-05-20T12:00:00"), layer=1) == ()


def test_a_swap_holds_from_its_beginning_until_before_its_end() -> None:
    rota = a_rota(DAY, NIGHT, swaps=[a_swap("a.day", "c.third")])
    assert on_duty(rota, utc("2026-05-20T04:00:00")) == ("c.third",)
    assert on_duty(rota, utc("2026-05-20T19:59:59")) == ("c.third",)
    assert on_duty(rota, utc("2026-05-21T04:00:00")) == ("a.day",)


def test_two_officers_can_swap_with_each_other() -> None:
    swaps = [a_swap("a.day", "b.night"), a_swap("b.night", "a.day", ends="2026-05-21T06:00:00+02:00")]
    rota = a_rota(DAY, NIGHT, swaps=swaps)
    assert on_duty(rota, utc("2026-05-20T12:00:00")) == ("b.night",)
    assert on_duty(rota, utc("2026-05-20T21:00:00")) == ("a.day",)


def test_the_steps_of_a_policy_are_the_same_after_they_were_frozen() -> None:
    for severity in Severity:
        steps = Policy().steps(severity)
        assert thawed(frozen(steps)) == steps


def test_every_policy_ends_elsewhere_and_the_more_severe_one_sooner() -> None:
    ends = [sum(step.after_minutes for step in Policy().steps(severity)) for severity in Severity]
    assert ends == sorted(ends)
    assert all(Policy().steps(severity)[-1].whom is Whom.ELSEWHERE for severity in Severity)


@pytest.mark.parametrize("whom", [["on_duty"], ["elsewhere", "on_duty"], ["elsewhere", "elsewhere"], []])
def test_a_policy_that_ends_in_silence_is_refused(whom: list[str]) -> None:
    with pytest.raises(ValueError, match=r"elsewhere|at least 1"):
        Policy.model_validate({"low": [{"after_minutes": 1, "whom": one} for one in whom]})


def test_who_cannot_be_reached_is_not_waited_for() -> None:
    now = utc("2026-05-20T12:00:00")
    rota = a_rota(DAY, officers={"a.day": {}}, supervisors=[])
    steps = Policy().steps(Severity.CRITICAL)
    done = [next_step(steps, number, rota, now) for number in range(len(steps))]
    assert [one.reason for one in done] == [
        EscalationReason.NO_CONTACT_METHOD,
        EscalationReason.NOBODY_ON_DUTY,
        EscalationReason.NOBODY_ON_DUTY,
        EscalationReason.NO_CONTACT_METHOD,
        EscalationReason.EXHAUSTED,
    ]
    assert {one.due_at for one in done[:-1]} == {now}
    assert done[-1].due_at is None


def test_the_example_is_right() -> None:
    duties = load_duties(EXAMPLE, CODES)
    christmas = utc("2026-12-24T12:00:00")
    assert on_duty(duties.rotas["SI"], christmas) == ("c.zupan",)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[c.zupan]", "[d.unknown]", "rotas.SI.supervisors.0: d.unknown is no officer of this rota"),
        ("fallback: [EUROPOL]", "fallback: [XX]", "line 13: fallback.0: XX is no contact point"),
        ("fallback: [EUROPOL]", "fallback: []", "line 13: fallback"),
        ('{email: "operations@brdo.example"}', "{}", "line 12: operations.email: is needed"),
        ("Europe/Ljubljana", "Europe/Nowhere", "rotas.SI.timezone"),
        ("  SI:", "  ZZ:", "line 15: rotas.ZZ: ZZ is no contact point"),
        ("2026-12-26T07:00:00+01:00", "2026-12-23T07:00:00+01:00", "must begin before it ends"),
        ("2026-12-26T07:00:00+01:00", "2026-12-26T07:00:00", "rotas.SI.swaps.0.until"),
        ("from: 07:00", "from: 7", "must be a clock time"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_line_and_field(tmp_path: Path, old: str, new: str, said: str) -> None:
    written = EXAMPLE.read_text(encoding="utf-8")
    assert old in written
    file = tmp_path / "duties.yaml"
    file.write_text(written.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_duties(file, CODES)
    assert said in str(refused.value)
    assert str(file) in str(refused.value)


def test_two_swaps_of_one_officer_at_one_time_are_refused() -> None:
    rota = a_rota(DAY, swaps=[a_swap("a.day", "c.third"), a_swap("a.day", "b.night")])
    assert [one.text for one in rota.problems("rotas", "SI")] == ["a.day has another swap at that time"]
