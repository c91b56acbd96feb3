"""Rotas: who of a contact point is on duty at an instant, by layers of weekly shifts and by swaps between officers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

from consumers.contact_points import Language, MailAddress
from consumers.times import TimeInterval, zone
from schemas.configuration import Problem, Table
from schemas.fields import Instant

OfficerName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
"""The officer's account, as in the tokens file: what the audit names."""


class Officer(Table):
    """How an officer is reached; without an address there is no way to call them.

    `exercises` is whether they agree to be called in one; absent, what their contact point says holds.
    """

    email: MailAddress | None = None
    language: Language = Language.ENGLISH
    exercises: bool | None = None


class Shift(Table):
    """Who is on duty, and when: always, unless it says otherwise."""

    officers: Annotated[tuple[OfficerName, ...], Field(min_length=1)]
    when: TimeInterval | None = None


class Swap(Table):
    """From one instant until another `by` does the duty of `officer`; what is `by`'s own duty stays so."""

    officer: OfficerName
    by: OfficerName
    begins: Annotated[Instant, Field(alias="from")]
    ends: Annotated[Instant, Field(alias="until")]

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("must begin before it ends")
        return self


class Rota(Table):
    """The officers of a contact point. The first layer is on duty, the second is next; either may have holes.

    `exercises` is whether the contact point agrees that it is called, and told as the fallback, in an exercise.
    """

    timezone: Annotated[ZoneInfo, BeforeValidator(zone)]
    officers: Annotated[dict[OfficerName, Officer], Field(min_length=1)]
    layers: Annotated[tuple[tuple[Shift, ...], ...], Field(min_length=1)]
    supervisors: tuple[OfficerName, ...] = ()
    swaps: tuple[Swap, ...] = ()
    exercises: bool = False

    def agrees(self, name: str) -> bool:
        """Whether this officer may be called in an exercise."""
        own = self.officers[name].exercises
        return self.exercises if own is None else own

    @model_validator(mode="before")
    @classmethod
    def _in_its_time_zone(cls, said: Any) -> Any:
        """Give the shifts the rota's time zone where they name none of their own."""
        match said:
            case {"timezone": where, "layers": [*layers]}:
                return {**said, "layers": [_placed(layer, where) for layer in layers]}
        return said

    def problems(self, *where: str) -> Iterator[Problem]:
        """Find what is wrong between its parts: officers whom it does not know, swaps that contradict each other."""
        for place, name in self._named():
            if name not in self.officers:
                yield Problem((*where, *place), f"{name} is no officer of this rota")
        for number, one in enumerate(self.swaps):
            for other in self.swaps[:number]:
                if one.officer == other.officer and one.begins < other.ends and other.begins < one.ends:
                    yield Problem((*where, "swaps", number), f"{one.officer} has another swap at that time")

    def _named(self) -> Iterator[tuple[tuple[str | int, ...], str]]:
        for depth, layer in enumerate(self.layers):
            for number, shift in enumerate(layer):
                for position, name in enumerate(shift.officers):
                    yield ("layers", depth, number, "officers", position), name
        for number, name in enumerate(self.supervisors):
            yield ("supervisors", number), name
        for number, swap in enumerate(self.swaps):
            yield ("swaps", number, "officer"), swap.officer
            yield ("swaps", number, "by"), swap.by


def on_duty(rota: Rota, at: datetime, layer: int = 0) -> tuple[str, ...]:
    """Return who is on duty in a layer (from 0) at that instant, each once; nobody in a hole of the rota."""
    if layer >= len(rota.layers):
        return ()
    instead = {swap.officer: swap.by for swap in rota.swaps if swap.begins <= at < swap.ends}
    shifts = [shift for shift in rota.layers[layer] if shift.when is None or shift.when.holds(at)]
    return tuple(dict.fromkeys(instead.get(name, name) for shift in shifts for name in shift.officers))


def _placed(layer: Any, where: Any) -> Any:
    if not isinstance(layer, list):
        return layer
    return [
        {**shift, "when": {"timezone": where, **shift["when"]}}
        if isinstance(shift, dict) and isinstance(shift.get("when"), dict)
        else shift
        for shift in layer
    ]
