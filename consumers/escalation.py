"""What is done when a clock is due: whom to tell next, with a reason where there is nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from consumers.policy import Step, Whom
from consumers.rota import Rota, on_duty


class EscalationReason(StrEnum):
    """What came of a step; also a metric label."""

    OFFICER_TOLD = "officer_told"
    NO_ROTA = "no_rota"
    NOBODY_ON_DUTY = "nobody_on_duty"
    NO_CONTACT_METHOD = "no_contact_method"
    EXHAUSTED = "exhausted"
    """Nobody of the contact point is left: the fallback and operations are told."""
    NOT_AGREED = "not_agreed"
    """Of an exercise: nobody whom this step would call has agreed to be."""
    EXERCISE_EXHAUSTED = "exercise_exhausted"
    """Of an exercise: nobody is left; of the fallback and operations only those are told who have agreed."""


LAST: Final = frozenset({EscalationReason.EXHAUSTED, EscalationReason.EXERCISE_EXHAUSTED})
"""After which a clock has come to its end."""


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a clock: the officers who are called; which step is next, and when (None where it was the last)."""

    whom: Whom
    reason: EscalationReason
    following: int
    officers: tuple[str, ...] = ()
    due_at: datetime | None = None


def next_step(
    steps: Sequence[Step], number: int, rota: Rota | None, now: datetime, *, exercise: bool = False
) -> Action:
    """Return what is done at this step. Where it tells nobody, the next one is due at once: waiting would help nobody.

    Without a rota no step would find anybody: the last one is next. A step that is late leaves the next one its full
    time: whoever is called has time to answer. An exercise calls only who has agreed to that.
    """
    whom, following = steps[number].whom, number + 1
    if whom is Whom.ELSEWHERE:
        return Action(whom, EscalationReason.EXERCISE_EXHAUSTED if exercise else EscalationReason.EXHAUSTED, following)
    if rota is None:
        reason = EscalationReason.NOT_AGREED if exercise else EscalationReason.NO_ROTA
        return Action(whom, reason, len(steps) - 1, due_at=now)
    named = _named(rota, whom, now)
    if not named and (rota.exercises or not exercise):
        return Action(whom, EscalationReason.NOBODY_ON_DUTY, following, due_at=now)
    named = tuple(name for name in named if rota.agrees(name) or not exercise)
    if not named:
        return Action(whom, EscalationReason.NOT_AGREED, following, due_at=now)
    reached = tuple(name for name in named if rota.officers[name].email is not None)
    if not reached:
        return Action(whom, EscalationReason.NO_CONTACT_METHOD, following, due_at=now)
    return Action(whom, EscalationReason.OFFICER_TOLD, following, reached, now + steps[following].after)


def _named(rota: Rota, whom: Whom, now: datetime) -> tuple[str, ...]:
    match whom:
        case Whom.ON_DUTY:
            return on_duty(rota, now)
        case Whom.NEXT:
            return on_duty(rota, now, layer=1)
        case Whom.SUPERVISORS:
            return rota.supervisors
    return tuple(rota.officers)
