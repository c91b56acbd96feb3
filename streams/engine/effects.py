"""What one event brought about in the case book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from schemas.alerts import Alert, Edition
from schemas.devices import Notice
from schemas.errors import Refusal
from schemas.messages import CaseMessage, Stamped
from streams.engine.interests import Interest


class ApplyReason(StrEnum):
    """What became of an event; also a metric label."""

    CORRELATED = "correlated"
    KEPT = "kept"
    UNVERIFIED = "unverified"
    BACKGROUND = "background"
    TICK = "tick"
    REPEATED = "repeated"
    ID_CONFLICT = "id_conflict"


@dataclass(frozen=True, slots=True)
class Effects:
    """What one event brought about: what to publish and tell, and state to keep (None deletes)."""

    reason: ApplyReason
    alerts: tuple[Alert, ...] = ()
    refused: tuple[tuple[Stamped[CaseMessage], Refusal], ...] = ()
    changed: Mapping[bytes, bytes | None] = field(default_factory=dict)
    interests: tuple[Interest, ...] = ()
    notices: tuple[Notice, ...] = ()
    editions: tuple[Edition, ...] = ()
