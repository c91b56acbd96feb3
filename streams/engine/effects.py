"""What one event brought about in the case book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.alerts import Alert, Edition
from schemas.devices import Notice
from schemas.errors import Refusal
from schemas.messages import CaseMessage, Stamped
from streams.engine.interests import Interest
from streams.engine.review import Review
from streams.engine.rulebook import InForce


class ApplyReason(StrEnum):
    """What became of an event; also a metric label."""

    CORRELATED = "correlated"
    KEPT = "kept"
    UNVERIFIED = "unverified"
    BACKGROUND = "background"
    REVIEWED = "reviewed"
    NOT_REVIEWED = "not_reviewed"
    TICK = "tick"
    REPEATED = "repeated"
    ID_CONFLICT = "id_conflict"


@dataclass(frozen=True, slots=True)
class Effects:
    """What one event brought about: what to publish and tell, and state to keep (None deletes).

    Of alerts `in_shadow` nobody is told. `in_force` and `review` follow a change of rules.
    """

    reason: ApplyReason
    alerts: tuple[Alert, ...] = ()
    refused: tuple[tuple[Stamped[CaseMessage], Refusal], ...] = ()
    changed: Mapping[bytes, bytes | None] = field(default_factory=dict)
    interests: tuple[Interest, ...] = ()
    notices: tuple[Notice, ...] = ()
    editions: tuple[Edition, ...] = ()
    in_shadow: tuple[Alert, ...] = ()
    in_force: InForce | None = None
    review: Review | None = None
