"""An application served over HTTP in a loop and a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from infra.http_server import listen, serve
from infra.services.ports import HOST


@contextmanager
def serving(app: Any, keep: Callable[[], Coroutine[Any, Any, None]], close: Callable[[], None]) -> Iterator[str]:
    """Serve it and yield its address; `keep` runs beside it, `close` ends what it streams."""
    listener, started = listen(HOST, 0), threading.Event()
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def run() -> None:
        keeping = asyncio.create_task(keep())
        serving = asyncio.create_task(serve(app, listener, stop, started.set))
        await stop.wait()
        close()
        await serving
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        assert started.wait(10)
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        assert not thread.is_alive()
        loop.close()
