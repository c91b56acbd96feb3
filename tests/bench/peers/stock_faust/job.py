"""The trivial job on Faust as it is: an agent that takes one event at a time, and a table with its changelog."""

from __future__ import annotations

from typing import Any

import uvloop

uvloop.install()  # before Faust asks for a loop

import faust  # noqa: E402
from command_line import read_command_line  # noqa: E402

line = read_command_line()
app = faust.App(
    line.group,
    broker=f"kafka://{line.bootstrap}",
    datadir=line.data_dir,
    store="memory://",
    consumer_auto_offset_reset="earliest",
    table_standby_replicas=0,
    topic_partitions=4,
    topic_replication_factor=1,
    web_enabled=False,
)
passages = app.topic(line.input, value_serializer="json")
hits = app.topic(line.output, value_serializer="json")
counts = app.Table("counts", default=int, partitions=4)


@app.agent(passages)
async def count_passages(stream: faust.Stream[dict[str, Any]]) -> None:
    """Count each plate; tell of each tenth."""
    async for passage in stream:
        plate = passage["plate"]
        count = counts[plate] + 1
        counts[plate] = count
        if count % 10 == 0:
            await hits.send(key=plate.encode(), value={"plate": plate, "count": count})


if __name__ == "__main__":
    faust.Worker(app, loglevel="WARNING").execute_from_commandline()
