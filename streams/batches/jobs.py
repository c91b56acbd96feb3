"""What a worker is to do: which topics change which state, and how."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from streams.batches.records import Outcome, RawRecord
from streams.batches.stores import Store

MOST_PER_BATCH: Final = 500
MOST_BYTES_PER_BATCH: Final = 512 * 1024
"""A batch ends with the record that reaches this: its changelog batch must fit into one request."""

StateT = TypeVar("StateT")


@dataclass(frozen=True)
class Job(Generic[StateT]):
    """Topics of equal partition counts whose records change one state a partition, or none.

    `changelog` names the topic that keeps the state; without it the job is a stateless one, which goes on
    from what its group committed. Records of one topic are applied in their order, again the same after a
    crash; those of several topics may then be interleaved otherwise, so outputs must not depend on that.
    """

    name: str
    process: Mapping[str, Callable[[StateT, Sequence[RawRecord]], Outcome]]
    new_state: Callable[[Store], StateT]
    changelog: str | None = None
    most_per_batch: int = MOST_PER_BATCH
    most_bytes_per_batch: int = MOST_BYTES_PER_BATCH
