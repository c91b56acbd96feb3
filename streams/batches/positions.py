"""What may be applied: exactly the next record after the state's position.

Input topics are neither compacted nor transactional, so their offsets have no holes. A record
before the position was applied already; one beyond it means that records are missing between.
"""

from collections.abc import Sequence

from streams.batches.records import InputRecord
from streams.errors import GapError


def due(records: Sequence[InputRecord], next_offset: int) -> Sequence[InputRecord]:
    """Return the records of one partition, in order of offset, that are to be applied.

    Raises `GapError` where the first of them, or any later one, is not the next: a gap is never applied.
    """
    fresh = [record for record in records if record.offset >= next_offset]
    for expected, record in enumerate(fresh, start=next_offset):
        if record.offset != expected:
            raise GapError(f"{record.topic}/{record.partition}: offset {expected} is missing, {record.offset} came")
    return fresh
