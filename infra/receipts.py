"""What the local receiver wrote down: the receiver's own word on what it was told."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Receipt:
    """One accepted notice and its record; of one that is not shown only what is in the notice."""

    received_at: datetime
    contact_point: str
    webhook_id: str
    sequence: int
    why: tuple[str, ...]
    view: str
    alert: dict[str, Any]

    @property
    def seconds_since_ingestion(self) -> float:
        """From the intake of the event that made this revision to its receipt."""
        return (self.received_at - datetime.fromisoformat(self.alert["updated_at"])).total_seconds()


class ReceiptLog:
    """The receiver's log, read on from where the last reading ended."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def read_on(self) -> list[Receipt]:
        """Return the whole lines that came since."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as file:
            file.seek(self._offset)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        return list(_receipts(whole))


def _receipts(text: bytes) -> Iterator[Receipt]:
    for line in text.splitlines():
        said = json.loads(line)
        data = said["payload"]["data"]
        record = said["record"] or _as_noticed(said["payload"])
        yield Receipt(
            datetime.fromisoformat(said["received_at"]),
            said["contact_point"],
            said["webhook_id"],
            data["sequence"],
            tuple(record["why"]),
            record["view"],
            record["alert"],
        )


def _as_noticed(notice: Mapping[str, Any]) -> dict[str, Any]:
    told = notice["data"]
    alert = {name: told[name] for name in ("revision", "status", "kind", "exercise")}
    return {"why": (), "view": "withheld", "alert": alert | {"id": told["alert"], "updated_at": notice["timestamp"]}}
