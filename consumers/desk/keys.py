"""A terminal's bytes as keys."""

import re
from dataclasses import dataclass
from typing import Final

_NAMED: Final = {
    b"\x1b[A": "up",
    b"\x1bOA": "up",
    b"\x1b[B": "down",
    b"\x1bOB": "down",
    b"\x1b[5~": "page_up",
    b"\x1b[6~": "page_down",
    b"\x1b[H": "home",
    b"\x1bOH": "home",
    b"\x1b[1~": "home",
    b"\x1b[F": "end",
    b"\x1bOF": "end",
    b"\x1b[4~": "end",
    b"\r": "enter",
    b"\n": "enter",
    b"\x7f": "backspace",
    b"\x08": "backspace",
    b"\x15": "clear",
}
_PASTE: Final = re.compile(rb"\x1b\[200~(.*?)\x1b\[201~", re.DOTALL)
_PASTE_BEGINS: Final = b"\x1b[200~"
_SEQUENCE: Final = re.compile(rb"\x1b(\[[0-?]*[ -/]*[@-~]|O[@-~])")
_UNFINISHED: Final = re.compile(rb"\x1b(\[[0-?]*[ -/]*|O)?")
_LEADS: Final = {2: range(0xC2, 0xE0), 3: range(0xE0, 0xF0), 4: range(0xF0, 0xF5)}
"""How long a character of UTF-8 is by its first byte."""

_LONGEST_PASTE_BYTES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Press:
    """One key: its name, or the one character that it types; or a whole text that was pasted."""

    name: str
    pasted: bool = False

    @property
    def typed(self) -> str:
        """What it adds to a text."""
        if self.pasted:
            return "".join(one for one in self.name if one.isprintable())
        return self.name if len(self.name) == 1 else ""


def read_keys(waiting: bytes, *, complete: bool = False) -> tuple[list[Press], bytes]:
    """Return the keys in these bytes and what is left of a key that is not whole yet.

    `complete` says that nothing follows for now: a lone escape is then the key itself. Sequences that
    are not known, and bytes that are no UTF-8, are passed over.
    """
    keys: list[Press] = []
    while waiting:
        key, length = _first(waiting, complete=complete)
        if not length:
            break
        if key is not None:
            keys.append(key)
        waiting = waiting[length:]
    return keys, waiting


def _first(waiting: bytes, *, complete: bool) -> tuple[Press | None, int]:
    """Return the first key and its length: None for what means nothing, 0 for what is not whole."""
    if waiting.startswith(_PASTE_BEGINS):
        return _paste(waiting)
    if waiting[:1] == b"\x1b":
        return _escape(waiting, complete=complete)
    if waiting[:1] in _NAMED:
        return Press(_NAMED[waiting[:1]]), 1
    return _character(waiting, complete=complete)


def _paste(waiting: bytes) -> tuple[Press | None, int]:
    if whole := _PASTE.match(waiting):
        return Press(whole[1].decode(errors="ignore"), pasted=True), whole.end()
    return None, len(waiting) if len(waiting) > _LONGEST_PASTE_BYTES else 0


def _escape(waiting: bytes, *, complete: bool) -> tuple[Press | None, int]:
    if whole := _SEQUENCE.match(waiting):
        name = _NAMED.get(whole[0])
        return (Press(name) if name else None), whole.end()
    if _UNFINISHED.fullmatch(waiting) and not complete:
        return None, 0
    return Press("escape"), 1


def _character(waiting: bytes, *, complete: bool) -> tuple[Press | None, int]:
    length = next((size for size, leads in _LEADS.items() if waiting[0] in leads), 1)
    if len(waiting) < length and not complete:
        return None, 0
    try:
        character = waiting[:length].decode()
    except UnicodeDecodeError:
        return None, 1
    return (Press(character) if character.isprintable() else None), length
