"""A program in a pseudo-terminal: its screen as text, its keys, its size."""

import codecs
import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from started import wait_until

_HOME = "\x1b[H"
_STEERING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07")


class PseudoTerminal:
    """What a program wrote to its terminal, and a way to press keys there."""

    def __init__(self, primary: int, process: "subprocess.Popen[bytes]") -> None:
        self._primary = primary
        self.process = process
        self.written = ""
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def screen(self) -> str:
        """What was drawn last: each frame begins at the upper left corner."""
        return _STEERING.sub("", self.written.rpartition(_HOME)[2])

    def press(self, keys: bytes) -> None:
        os.write(self._primary, keys)

    def resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._primary, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def shows(self, *texts: str, seconds: float = 20) -> None:
        """Wait until all of these stand on the screen."""
        try:
            wait_until(lambda: all(text in self.screen for text in texts), seconds)
        except AssertionError:
            raise AssertionError(f"{texts} not within {seconds} s; the last screen:\n{self.screen}") from None

    def attributes(self) -> list[object]:
        return list(termios.tcgetattr(self._primary))

    def _read(self) -> None:
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        while True:
            try:
                said = os.read(self._primary, 65_536)
            except OSError:  # the last to hold the other end has left
                return
            if not said:
                return
            self.written += decoder.decode(said)


@contextmanager
def in_a_terminal(
    command: Sequence[str], environment: dict[str, str], width: int = 100, height: int = 30
) -> Iterator[PseudoTerminal]:
    """Run a program in a terminal of this size; it is killed at the latest when the block ends."""
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
    ours = {**environment, "TERM": "xterm-256color"}
    with subprocess.Popen(command, env=ours, stdin=secondary, stdout=secondary, stderr=secondary) as process:
        try:
            yield PseudoTerminal(primary, process)
        finally:
            process.kill()
            os.close(secondary)
    os.close(primary)
