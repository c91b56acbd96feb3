"""Why the interface does not do what it was asked for, where a status alone would not say it."""

from enum import StrEnum

from fastapi import HTTPException


class NotDoneError(HTTPException):
    """It is not done: the reason is the answer's `error`."""

    def __init__(self, status: int, reason: StrEnum, text: str) -> None:
        super().__init__(status, text)
        self.reason = reason
