"""Hard negatives: vehicles that resemble others in plate or company, persons that resemble others in name."""

from typing import Final

from producers.simulator.calendar import HOUR, MINUTE
from producers.simulator.cases.stage import Plot, Stage
from producers.simulator.cases.watching import FAR_APART
from producers.simulator.descriptions import Party
from producers.simulator.fleet import Vehicle
from producers.simulator.journeys import drive
from producers.simulator.people import Person
from producers.simulator.read_errors import CONFUSED_WITH
from producers.simulator.roads import crossing, route_through
from schemas.plates import fits

_TWIN_COUNTRIES: Final = (("HR", "MK"), ("RS", "HR"), ("AL", "IT"), ("RS", "MK"), ("HR", "RS"))
"""Pairs of countries of which one's plates fit the other's pattern."""

_DIGITS: Final = "0123456789"


def platoon(stage: Stage) -> None:
    """Let the lorries of one firm drive together day after day, as they always do."""
    plot = Plot(stage, "platoon")
    country = plot.chance.choice(("RS", "BA", "MK", "SI", "HU"))
    lorries = [plot.vehicle(country, "lorry") for _ in range(2 + int(plot.chance.random() * 3))]
    route = route_through(plot.chance, plot.chance.choice((("RS", "HR", "SI", "AT"), ("BA", "HR", "SI", "IT"))))
    for days_ago in range(stage.recent_days, 0, -2):
        passings = list(drive(plot.chance, route, stage.night(days_ago) + 4 * HOUR, lorry=True))
        for place, lorry in enumerate(lorries):
            for second, station, direction, _ in passings:
                plot.sighting(lorry, station, second + place * 90 + int(plot.chance.random() * 60), direction)
    plot.ends(
        f"{len(lorries)} lorries of one haulier from {country} drive the same route together every other day, minutes "
        "apart; none of them has to do with any incident.",
        expects_not=("convoy", "known_vehicle_sighted", "repeat_vehicle"),
    )


def twins_in_two_countries(stage: Stage) -> None:
    """Let two vehicles bear the same letters and digits in two countries; one is in an incident."""
    plot = Plot(stage, "plate_twins")
    one, other = plot.chance.choice(_TWIN_COUNTRIES)
    while True:
        written = stage.world.fleet.plates.issue(plot.chance, one)
        if fits(other, written) and stage.world.fleet.plates.claim(other, written):
            break
    first = plot.vehicle(one, "car", written=written)
    second = plot.unlike(first, other, first.written)
    _twins(stage, plot, first, second)
    plot.ends(
        f"{first.plate} is a plate of {one} and one of {other}: two vehicles that have nothing to do with each other.",
        expects_not=("repeat_vehicle", "known_vehicle_sighted", "impossible_journey", "linked_incidents"),
    )


def twins_to_a_camera(stage: Stage) -> None:
    """Let two vehicles of one country bear plates that cameras confuse; they look otherwise unlike each other."""
    plot = Plot(stage, "ocr_twins")
    country = plot.chance.choice(("RS", "HR", "MK", "SI"))
    while True:
        written = stage.world.fleet.plates.issue(plot.chance, country)
        like = _confusable(plot, written)
        if like is not None and stage.world.fleet.plates.claim(country, like):
            break
    first = plot.vehicle(country, "car", written=written)
    second = plot.unlike(first, country, like)
    _twins(stage, plot, first, second)
    plot.ends(
        f"{first.plate} and {second.plate} ({country}) differ in one character that cameras confuse; they are two "
        "vehicles of different make, colour and category.",
        expects_not=("repeat_vehicle", "known_vehicle_sighted", "impossible_journey", "linked_incidents"),
    )


def _confusable(plot: Plot, plate: str) -> str | None:
    """Return the plate with one digit exchanged for one that looks alike (3 and 8), None where there is none."""
    pairs = {one: [like for like in CONFUSED_WITH[one] if like in _DIGITS] for one in _DIGITS if one in CONFUSED_WITH}
    places = [place for place, sign in enumerate(plate) if pairs.get(sign)]
    if not places:
        return None
    place = plot.chance.choice(places)
    return plate[:place] + pairs[plate[place]][0] + plate[place + 1 :]


def _twins(stage: Stage, plot: Plot, first: Vehicle, second: Vehicle) -> None:
    """Let the two be read far apart at one time, and each be in one incident, the second read before its own."""
    near, out_of, into, far, leaves, enters = plot.chance.choice(FAR_APART)
    here, there = crossing(near, out_of, into), crossing(far, leaves, enters)
    together = stage.daytime(stage.recent_days)
    plot.sighting(first, here.enters, together, clear=True)
    plot.sighting(second, there.enters, together + 20 * MINUTE, clear=True)
    kind, found = "other_cross_border_crime", "Undeclared goods found under the floor."
    plot.incident(kind, here.enters, stage.night(2), vehicles=[first], narrative=found)
    plot.sighting(second, there.leaves, stage.daytime(2), "exit", clear=True)
    plot.incident(kind, there.enters, stage.night(1), vehicles=[second], narrative=found)


def namesakes(stage: Stage) -> None:
    """Let two people of one name, born on different days, each be a driver once."""
    plot = Plot(stage, "name_twins")
    one = plot.person(plot.chance.choice(("RS", "HR", "BA", "AL")))
    other = plot.namesake(one, born=f"{int(one.born[:4]) + 3}-{one.born[5:8]}15")
    _drive_once_each(stage, plot, one, other)
    plot.ends(
        f"Two people are called {one.given} {one.family}, one born on {one.born}, the other on {other.born}; each was "
        "met once as a driver.",
        expects_not=("repeat_person", "linked_incidents"),
    )


def namesakes_of_one_year(stage: Stage) -> None:
    """Let two people of one name and birth year be reported with the year alone."""
    plot = Plot(stage, "name_and_year_twins")
    one = plot.person(plot.chance.choice(("RS", "HR", "MK", "XK")))
    month = int(one.born[5:7]) % 12 + 1
    other = plot.namesake(one, born=f"{one.born[:4]}-{month:02}-11")
    _drive_once_each(stage, plot, one, other, year_alone=True)
    plot.ends(
        f"Two people are called {one.given} {one.family} and were born in {one.born[:4]}; each was met once as a "
        "driver, without papers, and no report knows more than the year.",
        expects_not=("repeat_person", "linked_incidents"),
    )


def _drive_once_each(stage: Stage, plot: Plot, one: Person, other: Person, *, year_alone: bool = False) -> None:
    last = stage.some_days(1, 30)
    for person, days_ago in ((one, min(last + 20, stage.days)), (other, last)):
        (step,) = route_through(plot.chance, plot.chance.choice((("HR", "SI"), ("RS", "HU"), ("MK", "RS"))))
        document = None if year_alone else person.documents[0]
        plot.incident(
            "migrant_smuggling",
            step.enters,
            stage.night(days_ago),
            vehicles=[plot.vehicle(step.leaves.country, "car")],
            parties=[Party(person, "driver", "suspect", document, year_alone=year_alone)],
            people={"smuggled": 4},
            life_at_risk=False,
        )
