"""A cast for mixed traffic: people as different officers and document readers write them down."""

import random
from typing import Any, NamedTuple

from oracle.mrz import check_digit

Said = dict[str, Any]


class Someone(NamedTuple):
    """One person: spellings (family name, given names), the name as in an MRZ, birth date, number, issuer."""

    spellings: tuple[tuple[str, str], ...]
    zone_name: str
    born: str
    number: str
    issuer: str


PEOPLE = (
    Someone(
        (("Xhaferi", "Agron"), ("Џафери", "Агрон"), ("Džaferi", "Agron"), ("XHAFERI", "AGRON")),
        "XHAFERI<<AGRON",
        "1985-04-12",
        "AL1234567",
        "ALB",
    ),
    Someone(
        (("Đorđević", "Đorđe"), ("Djordjević", "Djordje"), ("Ђорђевић", "Ђорђе"), ("Dordevic", "Dorde")),
        "DORDEVIC<<DORDE",
        "1979-09-23",
        "012345678",
        "SRB",
    ),
    Someone(
        (("Hoxha", "Besnik"), ("Hodža", "Besnik"), ("Хоџа", "Бесник")), "HOXHA<<BESNIK", "1990-12-31", "K00123", "RKS"
    ),
    Someone((("Shehu", "Qerim"), ("Šehu", "Ćerim"), ("Шеху", "Ћерим")), "SHEHU<<QERIM", "1985-04-12", "K00456", "RKS"),
    Someone(
        (("Nježić", "Ljubiša"), ("Њежић", "Љубиша"), ("NJEŽIĆ", "LJUBIŠA"), ("Njezic", "Ljubisa")),
        "NJEZIC<<LJUBISA",
        "1968-02-29",
        "BA7654321",
        "BIH",
    ),
    Someone(
        (("Müller", "Jürgen"), ("Mueller", "Juergen"), ("Muller", "Jurgen")),
        "MUELLER<<JUERGEN",
        "1990-12-31",
        "C01X00T47",
        "D",
    ),
    Someone((("Petrović", "Dragan"), ("Петровић", "Драган")), "PETROVIC<<DRAGAN", "1979-09-23", "A1000001", "SRB"),
    Someone((("Petrović", "Dragana"), ("Петровић", "Драгана")), "PETROVIC<<DRAGANA", "1979-09-23", "A1000002", "SRB"),
    Someone(
        (("Marković Ilić", "Ana Marija"), ("Marković", "Ana"), ("Илић", "Ана Марија"), ("Marković-Ilić", "Marija")),
        "MARKOVIC<ILIC<<ANA<MARIJA",
        "1990-12-31",
        "PB0000011",
        "SVN",
    ),
    Someone(
        (
            ("Hadžimuhamedović", "Abdurahman Muhamedalija"),
            ("Hadzimuhamedovic", "Abdurahman Muhamedalija"),
            ("Хаџимухамедовић", "Абдурахман Мухамедалија"),
            ("Hadžimuhamedović", "Abdurahman"),
        ),
        "HADZIMUHAMEDOVIC<<ABDURAHMAN<MUHAMEDALIJA",
        "1968-02-29",
        "BA1112223",
        "BIH",
    ),
    Someone((("Çela", "Gëzim"), ("Cela", "Gezim"), ("Ћела", "Гезим")), "CELA<<GEZIM", "1985-01-01", "BF7778889", "ALB"),
    Someone(
        (("Kovačević", "Nikola"), ("Ковачевић", "Никола"), ("Kovacevic", "Nikola"), ("KOVAČEVIĆ", "NIKOLA")),
        "KOVACEVIC<<NIKOLA",
        "1985-04-12",
        "155500012",
        "HRV",
    ),
)


def presented(rng: random.Random, who: Someone, others: list[Someone]) -> Said:
    """Return what a report says of the person: a name, a birth date, documents, or some of these."""
    said: Said = {}
    by_document_only = rng.random() < 0.2
    if not by_document_only:
        said |= named(rng, who)
        said |= born(rng, who, others)
    if by_document_only or rng.random() < 0.4:
        holder = who if rng.random() < 0.9 else rng.choice(others)  # two holders of one document make it void
        said["documents"] = [document(rng, holder, who) for _ in range(rng.choice((1, 1, 1, 2)))]
    return said


def named(rng: random.Random, who: Someone) -> Said:
    family, given = rng.choice(who.spellings)
    match rng.choice(("right", "right", "right", "right", "right", "swapped", "in one field", "one only")):
        case "right":
            return {"family_name": family, "given_names": given}
        case "swapped":
            return {"family_name": given, "given_names": family}
        case "in one field":
            return {rng.choice(("family_name", "given_names")): f"{given} {family}"}
        case _:
            return {"family_name": family}


def born(rng: random.Random, who: Someone, others: list[Someone]) -> Said:
    other = rng.choice((rng.choice(others).born, who.born[:4], who.born[:7], None))
    date = who.born if rng.random() < 0.65 else other
    return {} if date is None else {"birth_date": date}


def document(rng: random.Random, holder: Someone, who: Someone) -> Said:
    kind = rng.choice(("passport", "passport", "passport", "id_card"))
    typed = {"type": kind, "number": rng.choice((holder.number, holder.number.lower())), "issuer": holder.issuer}
    if rng.random() < 0.6:
        if rng.random() < 0.2:
            del typed[rng.choice(("type", "number", "issuer"))]
        return typed
    lines = passport_zone(holder, who) if kind == "passport" else card_zone(holder, who)
    if rng.random() < 0.15:
        lines = [line.replace(who.born[2:4], "99", 1) for line in lines]  # misread: a check digit is wrong
    kept = rng.choice(((), (), ("type",), ("type", "number", "issuer")))
    return {field: typed[field] for field in kept} | {"mrz": lines}


def passport_zone(holder: Someone, who: Someone) -> list[str]:
    number, birth, expiry, personal = parts(holder, who)
    second = number + holder.issuer.ljust(3, "<") + birth + "<" + expiry + personal + "0"
    return [
        field("P<" + holder.issuer.ljust(3, "<") + who.zone_name, 44),
        second + digit(number + birth + expiry + personal + "0"),
    ]


def card_zone(holder: Someone, who: Someone) -> list[str]:
    number, birth, expiry, _ = parts(holder, who)
    first = field("I<" + holder.issuer.ljust(3, "<") + number, 30)
    second = birth + "<" + expiry + holder.issuer.ljust(3, "<") + "<" * 11
    return [first, second + digit(first[5:] + birth + expiry + "<" * 11), field(who.zone_name, 30)]


def parts(holder: Someone, who: Someone) -> tuple[str, str, str, str]:
    """Return number, birth date and expiry with their check digits, and an empty personal number."""
    birth = who.born[2:].replace("-", "")
    return checked(field(holder.number, 9)), checked(birth), checked("300101"), "<" * 14


def field(text: str, length: int) -> str:
    return text[:length].ljust(length, "<")


def checked(text: str) -> str:
    return text + digit(text)


def digit(text: str) -> str:
    return str(check_digit(text))
