"""The rules in force: those of the newest change that is not taken back, else those of the file.

Whatever is judged is judged by these, so that the order in which changes and events arrive does not matter.
"""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, JsonValue, ValidationError

from schemas.codec import refusal_of
from schemas.fields import Strict
from schemas.operations import RulesChange
from streams.rules import Rules


class InForce(Strict):
    """What the case book tells the watch: by which change it judges from now on ("" is the file), and its rules."""

    type: Literal["rules_in_force"]
    change: str = ""
    rules: dict[str, JsonValue] = Field(default_factory=dict)


class RuleBook:
    """The file's rules and the changes that hold; `rules` are those in force."""

    def __init__(self, file: Rules) -> None:
        self._file = file
        self._changes: dict[str, RulesChange] = {}
        self.rules = file

    def add(self, change: RulesChange) -> None:
        """Let a change hold."""
        self._changes[change.id] = change
        self._switch()

    def discard(self, change: RulesChange) -> None:
        """Let it hold no longer, if it did."""
        if self._changes.pop(change.id, None) is not None:
            self._switch()

    @property
    def in_force(self) -> InForce:
        """What the watch is to know."""
        newest = self._newest()
        if newest is None:
            return InForce(type="rules_in_force")
        return InForce(type="rules_in_force", change=newest.id, rules=newest.rules)

    def _newest(self) -> RulesChange | None:
        return max(self._changes.values(), key=lambda change: (change.at, change.id), default=None)

    def _switch(self) -> None:
        self.rules = completed(self.in_force.rules, self._file)


def rules_in(change: RulesChange) -> Rules:
    """Return the rules that a change says, all of them; raises `schemas.errors.Refusal` naming the field."""
    try:
        return Rules.model_validate(change.rules)
    except ValidationError as error:
        raise refusal_of(error, within="rules") from None


def completed(said: Mapping[str, Any], base: Rules) -> Rules:
    """Return the rules of an accepted change.

    One that an earlier release accepted is still read: what this release knows beside it is as in `base`, and
    what this one has no use for is left out.
    """
    return Rules.model_validate(_over(base.model_dump(), said))


def _over(base: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _over(was, said[name]) if name in said and isinstance(was, Mapping) else said.get(name, was)
        for name, was in base.items()
    }
