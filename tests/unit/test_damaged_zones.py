"""One damaged character in a machine readable zone: never a refusal, and never somebody else.

Numbers, dates and the whole are watched by check digits; names and issuers bear none (ICAO Doc 9303-3), so that a
damaged name may be read: it is another name, which is nobody's here.
"""

from datetime import date
from string import ascii_uppercase, digits
from typing import Any

from factory import an_incident, as_line, open_alerts
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mixed_people import PEOPLE, Someone, card_zone, passport_zone

from schemas.codec import decode_as
from schemas.events import Incident
from schemas.readings import read_person
from schemas.subjects import Person
from streams.matching.persons import Facts, facts_of, link

TODAY = date(2026, 5, 20)
ZONES = {"passport": passport_zone, "id_card": card_zone}
NOT_USED = "a machine readable zone is misread (form or check digit) and was not used"
DRAGAN, DRAGANA = PEOPLE[6:8]


def damaged(zone: list[str], place: int, instead: str) -> list[str]:
    """Return the zone with one character, counted over all lines, replaced: by another, by two or by none."""
    line, column = divmod(place, len(zone[0]))
    lines = list(zone)
    lines[line] = lines[line][:column] + instead + lines[line][column + 1 :]
    return lines


def held(zone: list[str]) -> dict[str, Any]:
    return {"role": "driver", "documents": [{"mrz": zone}]}


def facts(said: dict[str, Any]) -> Facts:
    return facts_of(Person.model_validate(said, strict=False), today=TODAY)


def described(who: Someone) -> list[Facts]:
    """Return the person in every spelling, with both documents."""
    documents = [{"type": kind, "number": who.number, "issuer": who.issuer} for kind in ZONES]
    names = ({"family_name": family, "given_names": given} for family, given in who.spellings)
    return [facts({**name, "birth_date": who.born, "documents": documents}) for name in names]


CAST = {who: described(who) for who in PEOPLE}
somebody, forms, places = st.sampled_from(PEOPLE), st.sampled_from(sorted(ZONES)), st.integers(0, 89)
characters = st.sampled_from([*ascii_uppercase, *digits, "<", "", "<<", "*", "ß", "Ž", " "])


@settings(deadline=None)
@given(somebody, forms, places, characters)
@example(PEOPLE[0], "passport", 44, "K")  # A and K count the same: the number is another's, and nobody's
@example(PEOPLE[0], "id_card", 60, "Z")
def test_one_damaged_character_makes_nobody_somebody_else(who: Someone, form: str, place: int, instead: str) -> None:
    whole = ZONES[form](who, who)
    place %= len(whole) * len(whole[0])
    zone = damaged(whole, place, instead)
    said = held(zone)
    report = decode_as(Incident, as_line(an_incident(persons=[said])))
    reading = read_person(report.persons[0], today=TODAY)
    if reading.misread:
        assert reading.person == report.persons[0]
    else:
        assert reading.person.birth_date in {None, who.born}
    strangers = [
        other
        for each, several in CAST.items()
        if not {each, who} <= {DRAGAN, DRAGANA} and each != who
        for other in several
    ]
    assert not [other for other in strangers if link(facts(said), other)]


@settings(deadline=None)
@given(somebody, forms, places, st.sampled_from([*digits, "*"]))
def test_a_damaged_zone_is_a_note_in_the_alert_and_changes_nothing_else(
    who: Someone, form: str, place: int, instead: str
) -> None:
    """Of what is watched; a digit stands nowhere in a name, a code or an issuer."""
    whole = ZONES[form](who, who)
    zone = damaged(whole, place % (len(whole) * len(whole[0])), instead)
    misread = read_person(Person.model_validate(held(zone), strict=False), today=TODAY).misread
    (alert,) = open_alerts(an_incident(life_at_risk=True, persons=[held(zone)]))
    assert (NOT_USED in alert.quality_notes) is misread
    assert alert.score == 1.0


def test_every_wrong_digit_of_a_number_or_a_birth_date_is_seen() -> None:
    for who in PEOPLE:
        for zone, watched in (
            (passport_zone(who, who), [*range(44, 54), *range(57, 64)]),
            (card_zone(who, who), [*range(5, 15), *range(30, 37)]),
        ):
            line = "".join(zone)
            for place in watched:
                for instead in set(digits) - {line[place]}:
                    if line[place].isdigit():
                        person = Person.model_validate(held(damaged(zone, place, instead)), strict=False)
                        assert read_person(person, today=TODAY).misread


def test_what_no_check_digit_watches_is_another_name() -> None:
    """Of two with one birth date whose names differ by the damaged letter, and by no document, so at most medium."""
    zone = [passport_zone(DRAGAN, DRAGAN)[0].replace("DRAGAN<", "DRAGANA"), passport_zone(DRAGAN, DRAGAN)[1]]
    links = {link(facts(held(zone)), other) for other in CAST[DRAGANA]}
    assert links == {"name_and_birth_date"}
