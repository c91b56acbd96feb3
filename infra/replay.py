"""Files through the pipeline or, offline, through the same engine in this process."""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from infra.errors import IncompleteError, OutputError, TopicsError
from infra.ledger import Account, Ledger
from producers.files import read_lines
from producers.publisher import Publisher
from schemas import topics
from schemas.alerts import Alert
from schemas.codec import encode
from schemas.records import line_record
from streams.batches.records import InputRecord
from streams.dead_letters import DeadLetter, read_dead_letter
from streams.intake import FILE
from streams.offline import OfflineLine, read_back
from streams.rules import Rules

STALLED_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05
_PARTITION: Final = 0
"""A file has one order: all of it goes to one partition, so that the first of two lines is the earlier."""

OnSettled = Callable[[int, int], None]
"""Called with how many records are accounted for, and how many there are."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """Every alert revision and dead letter that the files brought about."""

    revisions: tuple[Alert, ...]
    dead_letters: tuple[DeadLetter, ...]
    records: int


def replay_offline(paths: Iterable[Path], rules: Rules, clock: Callable[[], datetime]) -> Replayed:
    """Run the files through intake, watch and case book, without Kafka."""
    line = OfflineLine(rules)
    revisions: list[Alert] = []
    letters: list[DeadLetter] = []
    number = 0
    for number, text in enumerate(read_lines(paths), start=1):
        for record in line.take_in(InputRecord(FILE, _PARTITION, number - 1, None, text, {}), clock()):
            if record.topic == topics.ALERTS.name:
                revisions.append(Alert.model_validate_json(record.value))
            elif record.topic in topics.REFUSED_NAMES:
                letters.append(read_dead_letter(read_back(record)))
    return Replayed(tuple(revisions), tuple(letters), number)


def replay(bootstrap: str, paths: Sequence[Path], on_settled: OnSettled) -> Replayed:
    """Send the files through a running pipeline that has seen nothing yet, and collect what comes of them.

    Raises `TopicsError` where its topics hold records already, `IncompleteError` where it stalls.
    """
    with closing(Ledger(bootstrap)) as ledger:
        require_empty(ledger)
        with Publisher(bootstrap) as publisher:
            for line in read_lines(paths):
                publisher.send(line_record(line, from_operations=True), partition=_PARTITION)
        account = wait_until_settled(ledger, on_settled)
    ordered = sorted(account.revisions.values(), key=lambda alert: (alert.updated_at, alert.id, alert.revision))
    letters = sorted(account.dead_letters.values(), key=lambda letter: letter.source)
    return Replayed(tuple(ordered), tuple(letters), len(account.accepted))


def require_empty(ledger: Ledger) -> None:
    """Raise `TopicsError` where there are events already: others would be taken for what they lead to."""
    if ledger.read_on().accepted:
        raise TopicsError(
            "this Kafka holds events already; use an empty one, or unset BRDO_KAFKA_BOOTSTRAP to have one of its own"
        )


def wait_until_settled(ledger: Ledger, on_settled: OnSettled) -> Account:
    """Read on until every record is accounted for; raises `IncompleteError` after a minute without progress."""
    last, moved_at = -1, time.monotonic()
    while True:
        account = ledger.read_on()
        settled = len(account.accepted) - len(account.unsettled)
        on_settled(settled, len(account.accepted))
        if ledger.is_settled():
            return account
        if account.records != last:
            last, moved_at = account.records, time.monotonic()
        elif time.monotonic() - moved_at > STALLED_SECONDS:
            raise IncompleteError(
                f"{len(account.unsettled)} of {len(account.accepted)} records are not accounted for, and nothing "
                f"has moved for {STALLED_SECONDS:g} s; `brdo doctor` looks for the reason"
            )
        time.sleep(_POLL_SECONDS)


def write_alerts(revisions: Iterable[Alert], path: Path) -> None:
    """Write one revision a line."""
    _write(path, (encode(alert) for alert in revisions))


def write_dead_letters(letters: Iterable[DeadLetter], path: Path) -> None:
    """Write one dead letter a line, the refused event as text (bytes that are not UTF-8 escaped)."""
    _write(path, (letter_json(letter) for letter in letters))


def letter_json(letter: DeadLetter) -> bytes:
    """Return a dead letter as a JSON object."""
    said: dict[str, Any] = {
        "reason": letter.reason,
        "field": letter.field,
        "text": letter.text,
        "source": letter.source,
        "event": letter.value.decode("utf-8", "backslashreplace"),
    }
    return json.dumps(said, ensure_ascii=False).encode()


def _write(path: Path, lines: Iterator[bytes]) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            for line in lines:
                file.write(line + b"\n")
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}") from None
