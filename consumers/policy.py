"""The escalation policy: of an alert that nobody answers, who is told next and after how long, by severity.

What is in force when a clock starts is frozen into it: a policy that is edited later changes no clock that runs.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, TypeAdapter

from schemas.alerts import Severity
from schemas.configuration import Table


class Whom(StrEnum):
    """Who is told at a step."""

    ON_DUTY = "on_duty"
    NEXT = "next"
    SUPERVISORS = "supervisors"
    ALL = "all"
    ELSEWHERE = "elsewhere"
    """The fallback contact points and operations: nobody of the contact point itself has answered."""


class Step(Table):
    """Whom to tell once nobody has answered for so long since the step before, or since the clock started."""

    after_minutes: Annotated[float, Field(gt=0, le=7 * 24 * 60)]
    whom: Whom

    @property
    def after(self) -> timedelta:
        """How long nobody has answered."""
        return timedelta(minutes=self.after_minutes)


def _end_elsewhere(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    if [step.whom is Whom.ELSEWHERE for step in steps] != [False] * (len(steps) - 1) + [True]:
        raise ValueError("must end elsewhere, with the fallback and operations, and go there only once")
    return steps


Steps = Annotated[tuple[Step, ...], Field(min_length=1), AfterValidator(_end_elsewhere)]
_STEPS: Final = TypeAdapter[tuple[Step, ...]](tuple[Step, ...])


def _each(minutes: float) -> tuple[Step, ...]:
    return tuple(Step(after_minutes=minutes, whom=whom) for whom in Whom)


class Waits(Table):
    """How long after a revision of an alert the next one is sent at the soonest, by severity; critical never waits."""

    high: Annotated[float, Field(ge=0, le=30)] = 5
    medium: Annotated[float, Field(ge=0, le=300)] = 15
    low: Annotated[float, Field(ge=0, le=300)] = 60

    def of(self, severity: Severity) -> timedelta:
        """Return how long revisions of this severity wait for one another."""
        return timedelta(seconds=getattr(self, severity, 0))


class Policy(Table):
    """The steps of each severity. By default on duty, next, supervisors and all are called, each as long after another.

    Critical, 2 minutes: a sealed van is 10 minutes from the crossing when operations hear of it. High, 5: the car is
    at the border or just behind it. Medium, 30: somebody on duty looks between two tasks. Low, 4 hours: within a shift.
    """

    critical: Steps = _each(2)
    high: Steps = _each(5)
    medium: Steps = _each(30)
    low: Steps = _each(4 * 60)
    revisions_wait_seconds: Waits = Waits()

    def steps(self, severity: Severity) -> tuple[Step, ...]:
        """Return what is done for an alert of this severity."""
        found: tuple[Step, ...] = getattr(self, severity)
        return found


def frozen(steps: tuple[Step, ...]) -> list[dict[str, Any]]:
    """Return the steps as JSON, as a clock keeps them."""
    said: list[dict[str, Any]] = _STEPS.dump_python(steps, mode="json")
    return said


def thawed(said: list[dict[str, Any]]) -> tuple[Step, ...]:
    """Return the steps that a clock keeps."""
    return _STEPS.validate_python(said)
