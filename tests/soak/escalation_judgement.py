"""What the soak of the escalator comes to: the mails that arrived and the steps on record, against what was due.

This is the oracle: worked out from the policy and the rotas as they stand here, and from when each clock was told and
ended; it shares no code with what it judges. A step is due so long after the one before was acted on, the first after
the alert was told. Each mail bears the id of its call: the same again is a repetition on the wire, another one is a
call too many.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

STEP_SECONDS: Final = {"critical": 1.0, "high": 1.5, "medium": 2.5, "low": 4.0}
LONGEST_LATE_SECONDS: Final = 30.0
"""The stated delay: from when the rules of `infra/prometheus` say that escalation is late. A mail has as long."""
UNDER_WAY_SECONDS: Final = 10.0
"""How long a call may be under way that was begun before its clock ended."""
CODES: Final = ("SI", "HR", "AT", "HU")
FALLBACK: Final = "FRONTEX"
"""It has no rota: its first step finds nobody, and its last is due at once."""
OPERATIONS: Final = "operations@soak.example"


def address(code: str, number: int) -> str:
    """Return the address of an officer: the first is on duty, the second is next, the third supervises."""
    return f"{code.lower()}-{number}@soak.example"


class Due(NamedTuple):
    """A step: how long after the one before, and who gets a mail of it."""

    number: int
    seconds: float
    recipients: tuple[str, ...]


def steps_of(code: str, severity: str) -> tuple[Due, ...]:
    """Return all that is done where nobody answers."""
    after = STEP_SECONDS[severity]
    if code == FALLBACK:
        return Due(0, after, ()), Due(4, 0.0, (OPERATIONS,))
    one, two, three = (address(code, number) for number in (1, 2, 3))
    called = ((one,), (two,), (three,), (one, two, three), (OPERATIONS,))
    return tuple(Due(number, after, whom) for number, whom in enumerate(called))


class Clock(NamedTuple):
    """A clock as whoever told and ended it knows it; it ended between two instants, or never."""

    severity: str
    told_at: datetime
    ended_after: datetime | None = None
    ended_before: datetime | None = None
    answered_by: str | None = None


class Mail(NamedTuple):
    """A mail that arrived: of a call, or that a call is over."""

    at: datetime
    id: str
    recipient: str
    alert: str
    contact_point: str
    is_over: bool


Key = tuple[str, str]
"""An alert at a contact point."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What it came to, in numbers of steps and mails; `late` is of steps, `slow` from a step to its mail."""

    steps: int
    mails: int
    skipped: int
    out_of_order: int
    too_many: int
    after_the_end: int
    calls_lost: int
    ends_lost: int
    ends_too_many: int
    ends_of_unsure_calls: int
    wire_repeats: int
    late_seconds_largest: float
    late_seconds_p99: float
    slow_seconds_largest: float
    slow_seconds_p99: float

    def wrong(self) -> dict[str, float]:
        """Return what is wrong."""
        counted = ("skipped", "out_of_order", "too_many", "after_the_end", "calls_lost", "ends_lost", "ends_too_many")
        found: dict[str, float] = {name: getattr(self, name) for name in counted if getattr(self, name)}
        if self.late_seconds_largest > LONGEST_LATE_SECONDS:
            found["late_seconds_largest"] = self.late_seconds_largest
        return found


def judge(
    clocks: Mapping[Key, Clock],
    steps: Mapping[Key, Sequence[tuple[int, datetime]]],
    mails: Iterable[Mail],
) -> Verdict:
    """Compare. A step that was due when its clock ended, and not acted on, was late by so much."""
    by_key: dict[Key, list[Mail]] = defaultdict(list)
    for mail in mails:
        by_key[mail.alert, mail.contact_point].append(mail)
    wrong: Counter[str] = Counter()
    late: list[float] = []
    slow: list[float] = []
    wrong["too_many"] += sum(len(found) for key, found in [*by_key.items(), *steps.items()] if key not in clocks)
    for key, clock in clocks.items():
        due, done = steps_of(key[1], clock.severity), sorted(steps.get(key, ()), key=lambda one: one[1])
        wrong["out_of_order"] += [number for number, _ in done] != [one.number for one in due[: len(done)]]
        late += _lateness(due, clock, done)
        wrong.update(_judge_steps(due, clock, done))
        wrong.update(_judge_mails(due, clock, done, by_key[key], slow))
    names = ("skipped", "out_of_order", "too_many", "after_the_end", "calls_lost", "ends_lost", "ends_too_many")
    return Verdict(
        steps=sum(map(len, steps.values())),
        mails=sum(map(len, by_key.values())),
        ends_of_unsure_calls=wrong["ends_of_unsure_calls"],
        wire_repeats=wrong["wire_repeats"],
        **{name: wrong[name] for name in names},
        late_seconds_largest=round(max(late, default=0.0), 3),
        late_seconds_p99=round(_p99(late), 3),
        slow_seconds_largest=round(max(slow, default=0.0), 3),
        slow_seconds_p99=round(_p99(slow), 3),
    )


def _lateness(due: Sequence[Due], clock: Clock, done: Sequence[tuple[int, datetime]]) -> Iterator[float]:
    before = clock.told_at
    for one, (_, at) in zip(due, done, strict=False):
        seconds = (at - before).total_seconds() - one.seconds
        yield seconds if seconds > -0.001 else math.inf  # before its time is as bad as never
        before = at
    if clock.ended_after is not None and len(done) < len(due):
        yield max(0.0, (clock.ended_after - before).total_seconds() - due[len(done)].seconds)


def _judge_steps(due: Sequence[Due], clock: Clock, done: Sequence[tuple[int, datetime]]) -> Iterator[str]:
    """Yield what is wrong with the steps of one clock."""
    if clock.ended_before is None:
        yield from ["skipped"] * (len(due) - len(done))
    else:
        yield from ["after_the_end" for _, at in done if at > clock.ended_before]


def _judge_mails(
    due: Sequence[Due],
    clock: Clock,
    done: Sequence[tuple[int, datetime]],
    mails: Sequence[Mail],
    slow: list[float],
) -> Iterator[str]:
    """Yield what is wrong with the mails of one clock, and add to `slow` how long each was under way."""
    first: dict[str, Mail] = {}
    for mail in sorted(mails):
        if first.setdefault(mail.id, mail) is not mail:
            yield "wire_repeats"
    asked: dict[str, list[datetime]] = defaultdict(list)
    for one, (_, at) in zip(due, done, strict=False):
        for recipient in one.recipients:
            asked[recipient].append(at)
    called, ended = (
        Counter(one.recipient for one in first.values() if one.is_over is is_over) for is_over in (False, True)
    )
    for recipient, number in called.items():
        yield from ["too_many"] * (number - len(asked[recipient]))
    for recipient, moments in asked.items():
        sure = [at for at in moments if not _cut_short(at, clock)]
        yield from ["calls_lost"] * (len(sure) - called[recipient])
        arrived = sorted(one.at for one in first.values() if one.recipient == recipient and not one.is_over)
        slow += [(there - at).total_seconds() for at, there in zip(moments, arrived, strict=False)]
    if clock.ended_before is not None:
        late = (one.at for one in first.values() if not one.is_over)
        yield from ["after_the_end" for at in late if (at - clock.ended_before).total_seconds() > UNDER_WAY_SECONDS]
    for recipient in {*called, *ended, *asked}:
        wanted = int(clock.ended_before is not None and called[recipient] > 0 and recipient != clock.answered_by)
        more = ended[recipient] - wanted
        yield from ["ends_lost"] * -more
        unsure = bool(asked[recipient]) and clock.ended_before is not None and recipient != clock.answered_by
        yield from [
            "ends_of_unsure_calls" if more == 1 and unsure and not called[recipient] else "ends_too_many"
        ] * more


def _cut_short(at: datetime, clock: Clock) -> bool:
    """Whether the clock ended before the mail of this step had to be there."""
    return clock.ended_after is not None and (clock.ended_after - at).total_seconds() < LONGEST_LATE_SECONDS


def _p99(seconds: Sequence[float]) -> float:
    return sorted(seconds)[math.ceil(0.99 * len(seconds)) - 1] if seconds else 0.0
