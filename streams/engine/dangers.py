"""What refused messages say of a danger to life: it is known beside the events, under an id that may be theirs."""

from schemas.codec import encode
from schemas.danger import Danger, read_danger
from schemas.errors import Refusal, RefusalReason
from schemas.messages import CaseMessage, Stamped

DangerKey = tuple[bool, bool, str]
"""Exercise; whether it stands beside an accepted event of that id; the id."""


def danger_in(stamped: Stamped[CaseMessage], refusal: Refusal) -> Stamped[Danger] | None:
    """Return the danger to life that a refused event speaks of, if it does."""
    danger = read_danger(encode(stamped.event), refusal.reason)
    return Stamped(danger, stamped.ingested_at, stamped.source) if danger else None


def danger_key(danger: Danger) -> DangerKey:
    """Return under what a refused message is known."""
    return danger.exercise, danger.reason is RefusalReason.ID_CONFLICT, danger.id
