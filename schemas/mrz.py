"""Machine readable zones of travel documents and visas, after ICAO Doc 9303 (eighth edition).

Read are TD1 (Part 5), TD2 (Part 6), TD3 (Part 4), and visas MRV-A and MRV-B (Part 7). A zone is
read whole or not at all: every check digit must be right, for one wrong character may be the one
that makes this another person's document.

What check digits cannot see: names, document code, issuer and nationality bear none, and two
characters whose values differ by 10 or 20 (0, A, K and U; 1, B, L and V; ...) count the same.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from schemas.errors import SchemaError

_GAP = re.compile("<<<|<<.+<<")  # two fillers part a name, once: what stands after more is damage, no name that goes on
_LATER_EXPIRY_YEARS = 75  # cards without end name years like 2099; a zone that ended long ago is no longer shown


class MrzReason(StrEnum):
    """Closed list of why a zone is not read."""

    UNKNOWN_FORM = "unknown_form"
    WRONG_CHARACTER = "wrong_character"
    WRONG_CHECK_DIGIT = "wrong_check_digit"
    WRONG_FIELD = "wrong_field"


class MrzError(SchemaError):
    """A zone that is not read. The text names the form, field or check, and never what the zone holds."""

    def __init__(self, reason: MrzReason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a zone says, fillers removed. The sex is not exposed, because nothing here may use it.

    `number` is "" where the zone holds none. `birth_date` is ``YYYY-MM-DD``, shorter where the day
    or the month is unknown, and None without a year. `expiry_date` is ``YYYY-MM-DD``, or None where
    the document names no day. `name_truncated`: the name fills its field, so that its end may be
    cut off (Part 3, section 4) and its last word may be the beginning of a longer one.
    """

    document_code: str
    issuer: str
    number: str
    family_name: str
    given_names: str
    name_truncated: bool
    nationality: str
    birth_date: str | None
    expiry_date: str | None


@dataclass(frozen=True, slots=True)
class _Form:
    """Where a form's fields lie, as offsets into its lines joined; a check digit follows its field."""

    lines: int
    length: int
    names: slice
    number: slice
    nationality: slice
    birth: slice
    expiry: slice
    optional: slice
    personal_number_checked: bool = False
    composite: tuple[slice, ...] = ()


_TD1 = _Form(
    lines=3,
    length=30,
    names=slice(60, 90),
    number=slice(5, 14),
    nationality=slice(45, 48),
    birth=slice(30, 36),
    expiry=slice(38, 44),
    optional=slice(15, 30),
    composite=(slice(5, 37), slice(38, 45), slice(48, 59), slice(59, 60)),
)
_TD2 = _Form(
    lines=2,
    length=36,
    names=slice(5, 36),
    number=slice(36, 45),
    nationality=slice(46, 49),
    birth=slice(49, 55),
    expiry=slice(57, 63),
    optional=slice(64, 71),
    composite=(slice(36, 46), slice(49, 56), slice(57, 71), slice(71, 72)),
)
_TD3 = _Form(
    lines=2,
    length=44,
    names=slice(5, 44),
    number=slice(44, 53),
    nationality=slice(54, 57),
    birth=slice(57, 63),
    expiry=slice(65, 71),
    optional=slice(72, 86),
    personal_number_checked=True,
    composite=(slice(44, 54), slice(57, 64), slice(65, 87), slice(87, 88)),
)
_MRV_A = _Form(2, 44, slice(5, 44), slice(44, 53), slice(54, 57), slice(57, 63), slice(65, 71), slice(72, 88))
_MRV_B = _Form(2, 36, slice(5, 36), slice(36, 45), slice(46, 49), slice(49, 55), slice(57, 63), slice(64, 72))
_DOCUMENTS = {_TD1.lines * _TD1.length: _TD1, _TD2.lines * _TD2.length: _TD2, _TD3.lines * _TD3.length: _TD3}
_VISAS = {_MRV_A.lines * _MRV_A.length: _MRV_A, _MRV_B.lines * _MRV_B.length: _MRV_B}


def check_digit(text: str) -> int:
    """Return the check digit of `text` (Part 3, section 4): weights 7, 3, 1, modulo 10; ``<`` is 0, A is 10.

    Raises ValueError where `text` holds other characters than A-Z, 0-9 and ``<``.
    """
    return sum((7, 3, 1)[position % 3] * int(character, 36) for position, character in enumerate(_digits(text))) % 10


def read_mrz(lines: Sequence[str], *, today: date) -> Mrz:
    """Read a zone; raises `MrzError`.

    `lines` are the zone's lines, or all of them joined in one; blanks around a line and lower case
    do no harm. `today` settles the century of two-digit years: a birth is the latest that is not
    in the future (so that somebody of 101 is read as 1), an expiry lies in the hundred years that
    end 75 years from now.
    """
    form, zone = _zone(lines)
    number = _number(form, zone)
    _verify(zone[form.birth], zone[form.birth.stop], "birth date")
    _verify(zone[form.expiry], zone[form.expiry.stop], "expiry date")
    if form.personal_number_checked:
        _verify_personal_number(zone[form.optional], zone[form.optional.stop])
    if form.composite:
        *parts, composite = (zone[part] for part in form.composite)
        _verify("".join(parts), composite, "whole zone (composite)")
    family_name, given_names = _names(zone[form.names])
    return Mrz(
        document_code=zone[:2].rstrip("<"),
        issuer=_state(zone[2:5], "issuer"),
        number=number,
        family_name=family_name,
        given_names=given_names,
        name_truncated=not (zone[form.names].endswith("<") or _GAP.search(zone[form.names])),
        nationality=_state(zone[form.nationality], "nationality"),
        birth_date=_birth_date(zone[form.birth], today),
        expiry_date=_expiry_date(zone[form.expiry], today),
    )


def _digits(text: str) -> str:
    return text.replace("<", "0")


def _zone(lines: Sequence[str]) -> tuple[_Form, str]:
    written = [line.strip() for line in lines]
    zone = "".join(written)
    # before upper(), which would turn letters outside ASCII such as a dotless i into letters inside
    if not re.fullmatch(r"[A-Za-z0-9<]*", zone):
        raise MrzError(MrzReason.WRONG_CHARACTER, "the zone holds a character other than A-Z, 0-9 and <")
    zone = zone.upper()
    form = (_VISAS if zone.startswith("V") else _DOCUMENTS).get(len(zone))
    if form is None or [len(line) for line in written] not in ([len(zone)], [form.length] * form.lines):
        raise MrzError(
            MrzReason.UNKNOWN_FORM, "the zone is not 3 lines of 30, 2 of 36 or 2 of 44 characters (visas: 2 lines)"
        )
    if not zone[0].isalpha():
        raise MrzError(MrzReason.WRONG_FIELD, "the document code does not begin with a letter")
    return form, zone


def _verify(text: str, digit: str, what: str) -> None:
    if digit != str(check_digit(text)):
        raise MrzError(MrzReason.WRONG_CHECK_DIGIT, f"the check digit of the {what} is wrong")


def _verify_personal_number(text: str, digit: str) -> None:
    # Part 4: an unused field may have a filler for its check digit
    if digit != "<" or text.strip("<"):
        _verify(text, digit, "personal number")


def _number(form: _Form, zone: str) -> str:
    """Return the document number, its check digit verified.

    On TD1 and TD2 a number of more than nine characters has a filler for its check digit and goes
    on in the optional data, where its check digit follows it (Parts 5 and 6, notes on long numbers).
    """
    number, digit = zone[form.number], zone[form.number.stop]
    if digit == "<" and form in (_TD1, _TD2):
        rest, _, _ = zone[form.optional].partition("<")
        number, digit = number + rest[:-1], rest[-1:]
    _verify(number, digit, "document number")
    return number.replace("<", "")


def _state(text: str, what: str) -> str:
    if not re.fullmatch(r"[A-Z]{1,3}<*", text):
        raise MrzError(MrzReason.WRONG_FIELD, f"the {what} is not a code of one to three letters")
    return text.rstrip("<")


def _names(text: str) -> tuple[str, str]:
    if not re.fullmatch(r"[A-Z<]*", text):
        raise MrzError(MrzReason.WRONG_FIELD, "the name holds a digit")
    family_name, _, given_names = text.strip("<").partition("<<")
    return " ".join(family_name.split("<")), " ".join(given_names.replace("<", " ").split())


def _birth_date(text: str, today: date) -> str | None:
    match = re.fullmatch(r"(\d\d|<\d|\d<|<<)(\d\d|<<)(\d\d|<<)", text)
    if not match:
        raise MrzError(MrzReason.WRONG_FIELD, "the birth date is not made of two digits or fillers each")
    # Part 3 has fillers for what is unknown; some states write 00
    year, month, day = ("" if "<" in part else part for part in match.groups())
    month, day = month.replace("00", ""), day.replace("00", "")
    if not year:
        return None
    now = today.isoformat()
    for century in (today.year // 100, today.year // 100 - 1):
        parts = [f"{century:02}{year}", *([month, day] if month and day else [month] if month else [])]
        born = "-".join(parts)
        if born <= now[: len(born)] and _is_in_the_calendar(parts):
            return born
    raise MrzError(MrzReason.WRONG_FIELD, "the birth date is not in the calendar")


def _expiry_date(text: str, today: date) -> str | None:
    # a day outside the calendar is how some states write "without end", so it is no error
    if not re.fullmatch(r"\d{6}", text):
        return None
    latest = today.year + _LATER_EXPIRY_YEARS
    year = latest - (latest - int(text[:2])) % 100
    parts = [f"{year:04}", text[2:4], text[4:]]
    return "-".join(parts) if _is_in_the_calendar(parts) else None


def _is_in_the_calendar(parts: Sequence[str]) -> bool:
    year, month, day = (*(int(part) for part in parts), 1, 1)[:3]
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
