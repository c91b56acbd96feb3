"""A terminal that gives every key at once; however it ends, it is left as it was."""

import contextlib
import os
import select
import signal
import termios
from types import FrameType, TracebackType
from typing import Any, Final, Self

from consumers.desk.keys import Press, read_keys

_ESCAPE_SECONDS: Final = 0.05
"""How long the rest of an escape sequence may take; a lone escape is the key."""

_PASTE_MARKED: Final = b"\x1b[?2004h"
_PASTE_PLAIN: Final = b"\x1b[?2004l"
_PLAIN_SCREEN: Final = b"\x1b[?1049l\x1b[?25h"
"""Out of the alternate screen, with a cursor: said again in case a second Ctrl-C kept that from being done."""

_READ_BYTES: Final = 4096
_DISABLED: Final = b"\x00"


class Keyboard:
    """The keys of a terminal, and whatever else wakes up who waits for them.

    Ctrl-C stays a signal. The keys that suspend or abort do nothing: they would leave the terminal as it is here.
    """

    def __init__(self, descriptor: int) -> None:
        self._terminal = descriptor
        self._waiting = b""
        self._ended = False

    def __enter__(self) -> Self:
        """Take the terminal over."""
        self._before = termios.tcgetattr(self._terminal)
        self._woken, self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC) if hasattr(os, "pipe2") else _pipe()
        self._resized = signal.signal(signal.SIGWINCH, self._on_resize)
        raw: list[Any] = termios.tcgetattr(self._terminal)
        raw[0] &= ~(termios.IXON | termios.ICRNL)
        raw[3] &= ~(termios.ICANON | termios.ECHO)
        for key in (termios.VSUSP, termios.VQUIT):
            raw[6][key] = _DISABLED
        termios.tcsetattr(self._terminal, termios.TCSADRAIN, raw)
        self._say(_PASTE_MARKED)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give it back."""
        # A second Ctrl-C in here would leave a terminal that shows nothing of what is typed.
        kept = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
        try:
            signal.signal(signal.SIGWINCH, self._resized)
            self._say(_PASTE_PLAIN if kind is None else _PASTE_PLAIN + _PLAIN_SCREEN)
            with contextlib.suppress(termios.error):  # the terminal is gone
                termios.tcsetattr(self._terminal, termios.TCSAFLUSH, self._before)
            # The pipe stays: a thread that is late must not write into what got its number since.
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, kept)

    @property
    def ended(self) -> bool:
        """Whether the terminal is gone."""
        return self._ended

    def wake(self) -> None:
        """Make `wait` return; from any thread."""
        with contextlib.suppress(OSError):  # full: it is woken already; closed: nobody waits
            os.write(self._wake, b".")

    def wait(self, seconds: float) -> list[Press]:
        """Return the keys that came; none where the time is over or something woke it up."""
        patience = _ESCAPE_SECONDS if self._waiting else seconds
        ready, _, _ = select.select([self._terminal, self._woken], [], [], patience)
        if self._woken in ready:
            os.read(self._woken, _READ_BYTES)
        if self._terminal in ready:
            self._waiting += self._read()
            keys, self._waiting = read_keys(self._waiting)
            return keys
        if self._waiting and not ready:
            keys, self._waiting = read_keys(self._waiting, complete=True)
            return keys
        return []

    def _read(self) -> bytes:
        try:
            said = os.read(self._terminal, _READ_BYTES)
        except OSError:  # hung up
            said = b""
        self._ended = not said
        return said

    def _say(self, sequence: bytes) -> None:
        with contextlib.suppress(OSError):
            os.write(self._terminal, sequence)

    def _on_resize(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.wake()


def _pipe() -> tuple[int, int]:
    """Return a pipe whose ends do not block, where the system has no `pipe2`: macOS."""
    ends = os.pipe()
    for end in ends:
        os.set_blocking(end, False)
    return ends
