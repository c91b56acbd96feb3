"""A sitting at the desk: threads wait for PostgreSQL, Kafka and the keys, and one loop shows what it comes to."""

import os
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rich.console import Console, ConsoleDimensions
from rich.live import Live

from consumers.desk.actions import press
from consumers.desk.answers import Answer
from consumers.desk.feed import Feed
from consumers.desk.model import (
    Answered,
    AnswersAway,
    Consult,
    Desk,
    Detail,
    Effect,
    Help,
    News,
    NotSent,
    Quit,
    Recorded,
    RecordList,
    Ring,
    Send,
    Sent,
)
from consumers.desk.news import told
from consumers.desk.screen import frame
from infra.desk.kafka import Consultations, Feedback, Verdicts
from infra.desk.keyboard import Keyboard
from infra.errors import TopicsError
from producers.errors import NotPublishedError

_TICK_SECONDS: Final = 1.0
"""How often ages are drawn anew."""

_USUAL: Final = ConsoleDimensions(80, 24)
"""The size of a terminal that does not say it."""

_FEEDBACK_SECONDS: Final = 1.0
_LEAVE_SECONDS: Final = 1.5


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that nobody thought of went wrong in a thread: the sitting ends with it."""

    error: Exception


class Session:
    """One officer at one terminal."""

    def __init__(  # noqa: PLR0913 - what a desk is connected to
        self,
        console: Console,
        *,
        bootstrap: str,
        feed: Feed,
        consultations: Consultations,
        verdicts: Verdicts | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._console = console
        self._bootstrap = bootstrap
        self._feed = feed
        self._consultations = consultations
        self._verdicts = verdicts
        self._clock = clock
        self._news: queue.SimpleQueue[News | Failure] = queue.SimpleQueue()
        self._looks: queue.SimpleQueue[Consult | RecordList] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._quit = False

    def run(self, desk: Desk, terminal: int) -> Desk:
        """Show the desk until its officer leaves, and return it as it was left."""
        threads = [
            threading.Thread(target=self._guarded, args=(work,), daemon=True)
            for work in (self._read, self._follow, self._record, self._send)
        ]
        with Keyboard(terminal) as keyboard:
            self._keyboard = keyboard
            for thread in threads:
                thread.start()
            try:
                with Live(console=self._console, screen=True, auto_refresh=False) as live:
                    return self._loop(desk, keyboard, live, terminal)
            finally:
                self._stop.set()
                for thread in threads[:2]:  # the others wait for work, and have none
                    thread.join(_LEAVE_SECONDS)

    def _loop(self, desk: Desk, keyboard: Keyboard, live: Live, terminal: int) -> Desk:
        while not (self._quit or keyboard.ended):
            desk = self._draw(desk, live, terminal)
            for key in keyboard.wait(_TICK_SECONDS):
                desk, effects = press(desk, key)
                self._do(effects)
            with suppress(queue.Empty):
                while True:
                    news = self._news.get_nowait()
                    if isinstance(news, Failure):
                        raise news.error
                    desk, effects = told(desk, news)
                    self._do(effects)
        return desk

    def _draw(self, desk: Desk, live: Live, terminal: int) -> Desk:
        with suppress(OSError):  # gone: the next wait says so
            width, height = os.get_terminal_size(terminal)
            self._console.size = ConsoleDimensions(width or _USUAL.width, height or _USUAL.height)
        width, height = self._console.size
        shown = frame(desk, self._clock(), width, height)
        live.update(shown.whole, refresh=True)
        match desk.mode:
            case Detail(_, scroll) | Help(_, scroll) if scroll > shown.furthest:
                return replace(desk, mode=replace(desk.mode, scroll=shown.furthest))
        return desk

    def _do(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case Consult() | RecordList():
                    self._looks.put(effect)
                case Send(answer):
                    self._answers.put(answer)
                case Ring():
                    self._console.bell()
                case Quit():
                    self._quit = True

    def _tell(self, news: News | Failure) -> None:
        self._news.put(news)
        self._keyboard.wake()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a desk that says nothing any more must not look like a quiet night
            self._tell(Failure(error))

    def _read(self) -> None:
        self._feed.run(self._stop, self._tell)

    def _follow(self) -> None:
        known = False
        with Feedback(self._bootstrap) as feedback:
            while not self._stop.is_set():
                try:
                    messages = feedback.read_on()
                    if messages or not known:
                        self._tell(Answered(messages))
                    known = True
                except TopicsError as error:
                    known = False
                    self._tell(AnswersAway(str(error)))
                self._stop.wait(_FEEDBACK_SECONDS)

    def _record(self) -> None:
        while True:
            look = self._looks.get()
            try:
                self._consultations.record(look)
                self._tell(Recorded(look))
            except NotPublishedError as error:
                self._tell(Recorded(look, str(error)))

    def _send(self) -> None:
        while True:
            answer = self._answers.get()
            if self._verdicts is None:
                raise RuntimeError("nobody can answer at a desk without an officer")
            try:
                self._tell(Sent(answer, self._verdicts.send(answer)))
            except NotPublishedError as error:
                self._tell(NotSent(answer, str(error)))
