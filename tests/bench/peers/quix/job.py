"""The trivial job on Quix Streams: stateful `apply` on RocksDB with a changelog, at least once."""

from __future__ import annotations

from typing import Any

from command_line import read_command_line
from quixstreams import Application, State


def count_passage(passage: dict[str, Any], state: State) -> list[dict[str, Any]]:
    """Count one passage of the message key's plate; one hit at each tenth, else none."""
    count = state.get("count", 0) + 1
    state.set("count", count)
    return [] if count % 10 else [{"plate": passage["plate"], "count": count}]


def main() -> None:
    """Run until SIGTERM."""
    line = read_command_line()
    app = Application(
        broker_address=line.bootstrap,
        consumer_group=line.group,
        state_dir=line.data_dir,
        auto_offset_reset="earliest",
        processing_guarantee="at-least-once",
        loglevel="WARNING",
        consumer_extra_config={"fetch.queue.backoff.ms": 5},  # by default it rests for a second at a full queue
    )
    passages = app.dataframe(app.topic(line.input, value_deserializer="json"))
    hits = passages.apply(count_passage, stateful=True, expand=True)
    hits.to_topic(app.topic(line.output, value_serializer="json"))
    app.run()


if __name__ == "__main__":
    main()
