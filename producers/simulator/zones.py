"""Machine readable zones as issuers print them: TD3 for passports, TD1 for identity cards (ICAO Doc 9303-4, -5)."""

from producers.simulator.people import Person, TravelDocument
from producers.simulator.spellings import spelled
from schemas.mrz import check_digit

_NATIONALITY_WIDTH = 3


def zone(person: Person, document: TravelDocument) -> list[str]:
    """Return the lines of the document's zone, all check digits right."""
    family, given = spelled(person, "zone")
    names = f"{family}<<{given}".replace(" ", "<").replace("-", "<")
    issuer = document.issuer.ljust(_NATIONALITY_WIDTH, "<")
    number = document.number.ljust(9, "<")
    numbered = f"{number}{check_digit(number)}"
    born = person.born[2:].replace("-", "")
    life = f"{born}{check_digit(born)}"
    expires = f"{document.expires}{check_digit(document.expires)}"
    if document.type == "id_card":
        first = f"ID{issuer}{numbered}".ljust(30, "<")
        second = f"{life}{person.sex}{expires}{issuer}".ljust(29, "<")
        composite = check_digit(first[5:] + life + expires + second[18:])
        return [first, f"{second}{composite}", names[:30].ljust(30, "<")]
    optional = "<" * 14 + "0"
    composite = check_digit(numbered + life + expires + optional)
    return [
        f"P<{issuer}{names}"[:44].ljust(44, "<"),
        f"{numbered}{issuer}{life}{person.sex}{expires}{optional}{composite}",
    ]


def with_wrong_digit(lines: list[str]) -> list[str]:
    """Return the zone as a faulty reader gives it: the birth date's check digit is off by one."""
    line, place = lines[1], 6 if len(lines) == 3 else 19  # noqa: PLR2004 - the lines of a TD1
    wrong = (int(line[place]) + 1) % 10
    return [lines[0], f"{line[:place]}{wrong}{line[place + 1 :]}", *lines[2:]]
