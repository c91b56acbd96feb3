"""What operations says, and nobody else: it is read on `border.rules` alone, and in files that are replayed."""

from typing import Annotated, Final, Literal

from pydantic import Field, JsonValue

from schemas.fields import Instant, Message, ShortText

OPERATIONS: Final = "OPERATIONS"
"""The originator of a change of rules, and of the retraction of one."""


class RulesChange(Message):
    """Rules that hold from now on, for what was reported before as well: the newest by (`at`, `id`) does.

    `rules` is all that `streams/rules.yaml` says, as an object; intake checks it. An exercise has no rules of its own.
    """

    type: Literal["rules_change"]
    exercise: Literal[False] = False
    at: Instant
    originator: Literal["OPERATIONS"] = OPERATIONS
    officer: ShortText
    rules: Annotated[dict[str, JsonValue], Field(min_length=1)]
