"""A terminal's bytes as keys, whole or in pieces; and a terminal that is given back as it was."""

import fcntl
import os
import pty
import struct
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.desk.keys import Press, read_keys
from infra.desk.keyboard import Keyboard

KEYS = {
    b"\x1b[A": "up",
    b"\x1bOB": "down",
    b"\x1b[5~": "page_up",
    b"\r": "enter",
    b"\x7f": "backspace",
    b"\x15": "clear",
    b"a": "a",
    "č".encode(): "č",
    "👮".encode(): "👮",
}


@pytest.mark.parametrize("sequence", KEYS)
def test_a_key_is_read_whole_or_byte_by_byte(sequence: bytes) -> None:
    assert read_keys(sequence) == ([Press(KEYS[sequence])], b"")
    waiting, found = b"", []
    for byte in sequence:
        keys, waiting = read_keys(waiting + bytes([byte]))
        found += keys
    assert (found, waiting) == ([Press(KEYS[sequence])], b"")


def test_an_escape_is_a_key_once_nothing_follows() -> None:
    assert read_keys(b"\x1b") == ([], b"\x1b")
    assert read_keys(b"\x1b", complete=True) == ([Press("escape")], b"")


def test_what_is_unknown_is_passed_over_and_not_taken_for_letters() -> None:
    """Ctrl-Right is `ESC [ 1 ; 5 C`, and a mouse or focus report ends in a letter, too."""
    assert read_keys(b"\x1b[1;5Ca\x1b[I\xffq\x00") == ([Press("a"), Press("q")], b"")


def test_a_paste_is_one_text_and_an_endless_one_is_dropped() -> None:
    assert read_keys(b"\x1b[200~a\x1b[Aq\x1b[201~j") == ([Press("a\x1b[Aq", pasted=True), Press("j")], b"")
    assert read_keys(b"\x1b[200~aq") == ([], b"\x1b[200~aq")
    assert read_keys(b"\x1b[200~" + b"a" * 30_000) == ([], b"")


@given(st.binary(max_size=60))
def test_any_bytes_end_and_leave_nothing_behind(said: bytes) -> None:
    keys, left = read_keys(said, complete=True)
    assert left == b"" or left.startswith(b"\x1b[200~")
    assert all(key.pasted or len(key.name) > 1 or key.name.isprintable() for key in keys)


def press_keys_and_raise(error: type[BaseException], primary: int, secondary: int) -> None:
    with Keyboard(secondary) as keyboard:
        assert not termios.tcgetattr(secondary)[3] & (termios.ECHO | termios.ICANON)
        os.write(primary, b"j\x1b[B")
        assert keyboard.wait(5) == [Press("j"), Press("down")]
        keyboard.wake()
        assert keyboard.wait(5) == []
        raise error


def test_the_terminal_is_given_back_however_it_ends() -> None:
    primary, secondary = pty.openpty()
    try:
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        before = termios.tcgetattr(secondary)
        for error in (KeyboardInterrupt, RuntimeError):
            with pytest.raises(error):
                press_keys_and_raise(error, primary, secondary)
            assert termios.tcgetattr(secondary) == before
    finally:
        os.close(primary)
        os.close(secondary)
