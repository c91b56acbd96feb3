"""From outputs read back to a figure: first that they are right, then how fast they came."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Final, NamedTuple

from failure import BenchError
from traffic import PARTITIONS, Expected, Hit

WARM_UP_SHARE: Final = 0.05


class Output(NamedTuple):
    """A hit as it stands in the output topic, with the time (ms) at which the broker appended it."""

    hit: Hit
    appended_at: int


def check_outputs(outputs: Sequence[Output], expected: Expected) -> None:
    """Hold the outputs against what had to come. Raises BenchError unless each hit is there exactly once."""
    counted = Counter(output.hit for output in outputs)
    missing = expected.hits.keys() - counted.keys()
    unknown = counted.keys() - expected.hits.keys()
    repeated = [hit for hit, times in counted.items() if times > 1]
    if missing or unknown or repeated:
        examples = [hits for hits in (sorted(missing)[:2], sorted(unknown)[:2], sorted(repeated)[:2]) if hits]
        raise BenchError(
            f"wrong outputs: {len(missing)} missing, {len(unknown)} never due, {len(repeated)} repeated; "
            f"such as {examples}"
        )


def records_per_second(outputs: Sequence[Output], expected: Expected) -> float:
    """Return the input records that were processed per second, in the steady state. The outputs must be right.

    Everything is seen from the broker, so that it is the same for all systems and none is asked for its own
    opinion. Each output tells which input record caused it; systems take a partition in order, so the broker's
    append time of an output is a time by which all records up to that one were processed. Added up over the
    partitions: done(t), the records that are known to be processed by t.

    The clock starts with the first append after which done is 5 % of all records, and ends with the last append.
    The figure is the records between the two, divided by that time. So start-up, joining the group, and the first
    compilations of a JIT are not in it. A system that publishes in large lumps gains and loses nothing: both ends
    are at an append, and the lump that started the clock is not counted.
    """
    done, in_partition = 0, [0] * PARTITIONS
    started_at: int | None = None
    before = ended_at = 0
    in_time = sorted(outputs, key=attrgetter("appended_at"))
    for appended_at, group in groupby(in_time, key=attrgetter("appended_at")):
        for output in group:
            partition, offset = expected.hits[output.hit]
            if offset >= in_partition[partition]:
                done += offset + 1 - in_partition[partition]
                in_partition[partition] = offset + 1
        if started_at is None and done >= WARM_UP_SHARE * expected.records:
            started_at, before = appended_at, done
        ended_at = appended_at
    if started_at is None or started_at == ended_at:
        raise BenchError("too few records for a figure: all outputs came at one time")
    return 1000 * (done - before) / (ended_at - started_at)
