"""What the routes share: work in a transaction, and the answer that it does not count as things stand now."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa
from fastapi import HTTPException, status

from consumers.api.models import Refused

T = TypeVar("T")

CONFLICT: Final[dict[int | str, dict[str, Any]]] = {status.HTTP_409_CONFLICT: {"model": Refused}}


class Do(Protocol):
    """Does work in a transaction of its own, its audit rows with it."""

    def __call__(self, work: Callable[[sa.Connection], T]) -> T:
        """Return what the work returns; 503 where the database is away."""


class ConflictError(HTTPException):
    """Something that does not count as things stand now; 409, and why."""

    def __init__(self, reason: StrEnum, text: str) -> None:
        super().__init__(status.HTTP_409_CONFLICT, text)
        self.reason = reason
