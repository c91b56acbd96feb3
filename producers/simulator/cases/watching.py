"""What is watched for: entries of the watchlist, plates at two places at once, documents with two holders."""

from typing import Final

from producers.simulator.arrivals import Told
from producers.simulator.calendar import MINUTE
from producers.simulator.cases.stage import Plot, Stage
from producers.simulator.descriptions import Involved, Party, described_person
from producers.simulator.roads import crossing, road_km, route_through
from producers.simulator.scenario import DAY

FAR_APART: Final = (
    ("AT-SPI/SI-SEN", "AT", "SI", "GR-EVZ/MK-BOG", "MK", "GR"),
    ("IT-FER/SI-FER", "IT", "SI", "MK-TAB/RS-PRE", "RS", "MK"),
    ("HU-ROS/RS-HOR", "HU", "RS", "HR-KSV/ME-DBR", "HR", "ME"),
    ("AT-KAR/SI-KAR", "AT", "SI", "BG-KAL/RS-GRD", "RS", "BG"),
)
"""Pairs of places hours apart by road, each with the countries that are left and entered there."""


def watched_vehicle(stage: Stage) -> None:
    """Let a vehicle on the watchlist be sighted."""
    plot = Plot(stage, "watched_vehicle")
    vehicle = plot.vehicle(plot.chance.choice(("HR", "RS", "BA", "AL")), plot.chance.choice(("car", "van")))
    originator = plot.chance.choice(("SI", "HR", "HU"))
    entry = stage.world.desk.watchlist_entry(
        stage.daytime(stage.some_days(stage.recent_days, 60)), originator, days=180, vehicle=Involved(vehicle)
    )
    plot.tell(entry)
    route = route_through(plot.chance, ("RS", "HR", "SI"))
    plot.drive(vehicle, route, stage.daytime(2))
    plot.ends(
        f"{originator} put {vehicle.plate} ({vehicle.country}) on the watchlist; cameras read it on its way from "
        f"{route[0].leaves.name} to {route[-1].enters.name}.",
        expects=("watchlist_hit",),
        expects_not=("repeat_vehicle", "known_vehicle_sighted"),
    )


def watched_person(stage: Stage) -> None:
    """Let a person on the watchlist show their passport at a crossing."""
    plot = Plot(stage, "watched_person")
    person = plot.person(plot.chance.choice(("RS", "MK", "XK", "AL", "BA")))
    vehicle = plot.vehicle(plot.chance.choice(("RS", "MK", "AL")), "car")
    originator = plot.chance.choice(("AT", "HU", "IT"))
    entry = stage.world.desk.watchlist_entry(
        stage.daytime(stage.some_days(stage.recent_days, 60)),
        originator,
        days=90,
        party=Party(person, document=person.documents[0]),
    )
    plot.tell(entry)
    (step,) = route_through(plot.chance, plot.chance.choice((("RS", "HU"), ("MK", "RS"), ("AL", "ME"))))
    second = stage.daytime(1)
    parties = (person,)
    plot.sighting(vehicle, step.leaves, second, "exit", parties)
    plot.sighting(vehicle, step.enters, second + 9 * MINUTE, "entry", parties)
    plot.ends(
        f"{originator} put {person.given} {person.family} on the watchlist, who then showed papers at "
        f"{step.enters.name}.",
        expects=("watchlist_hit",),
        expects_not=("known_person_sighted", "repeat_person"),
    )


def ended_entry(stage: Stage) -> None:
    """Let a vehicle be sighted after its entry was removed, or after it expired."""
    plot = Plot(stage, "ended_entry")
    vehicle = plot.vehicle(plot.chance.choice(("HR", "RS", "BA")), "car")
    entered = stage.daytime(stage.some_days(stage.recent_days + 1, 60))
    removed = plot.chance.random() < 0.5  # noqa: PLR2004 - half of them simply expire
    seen = stage.daytime(1)
    ended = entered + (seen - entered) // 2
    days = 200 if removed else max((ended - entered) // DAY, 1)
    entry = plot.tell(stage.world.desk.watchlist_entry(entered, "SI", days=days, vehicle=Involved(vehicle)))
    if removed:
        plot.tell(stage.world.desk.removal(entry, ended, "SI"))
    plot.drive(vehicle, route_through(plot.chance, ("HR", "SI", "AT")), seen)
    plot.ends(
        f"The entry on {vehicle.plate} ({vehicle.country}) "
        f"{'was removed' if removed else 'expired'} before cameras read it.",
        expects_not=("watchlist_hit", "known_vehicle_sighted"),
    )


def cloned_plate(stage: Stage) -> None:
    """Let one plate be read at two places hours apart within minutes: one of the cars bears a copy."""
    plot = Plot(stage, "cloned_plate")
    near, out_of, into, far, leaves, enters = plot.chance.choice(FAR_APART)
    original = plot.vehicle(plot.chance.choice(("RS", "SI", "DE", "AT")), "car")
    clone = plot.vehicle(original.country, "car", written=original.written, like=original)
    second = stage.daytime(plot.chance.choice((1, 2, stage.recent_days)))
    later = second + int((5 + plot.chance.random() * 50) * MINUTE)
    plot.sighting(original, crossing(near, out_of, into).enters, second, clear=True)
    plot.sighting(clone, crossing(far, leaves, enters).enters, later, clear=True)
    plot.ends(
        f"{original.plate} ({original.country}) was read at two places {road_km(near, far):.0f} km of road apart "
        "within an hour: one of the two cars bears a copy of the other's plate.",
        expects=("impossible_journey",),
        expects_not=("repeat_vehicle", "known_vehicle_sighted"),
    )


def stolen_passport(stage: Stage) -> None:
    """Let two people of different name and birth date present one passport."""
    plot = Plot(stage, "stolen_passport")
    owner = plot.person(plot.chance.choice(("BA", "RS", "HR", "SI")))
    thief = plot.person(plot.chance.choice(("AL", "TR", "XK")), oldest=40)
    passport = owner.documents[0]
    vehicle = plot.vehicle(plot.chance.choice(("RS", "BA")), "car")
    (first,) = route_through(plot.chance, ("RS", "HU"))
    (second,) = route_through(plot.chance, ("BA", "HR"))
    before = stage.daytime(stage.recent_days)
    told = stage.world.readers.sighting(vehicle, first.leaves, before, "exit")
    shown = described_person(plot.chance, Party(owner, document=passport), first.leaves.country, clear=True)
    plot.tell(Told(told.arrives, told.event | {"persons": [shown.said]}, {**told.subjects, "persons/0": shown}))
    plot.incident(
        "document_fraud",
        second.enters,
        stage.daytime(stage.some_days(1, stage.recent_days - 1)),
        parties=[Party(thief, "passenger", "suspect", passport)],
        narrative="Page with the photograph replaced.",
    )
    plot.ends(
        f"The passport {passport.number} ({passport.issuer}) of {owner.given} {owner.family} was shown by its owner at "
        f"{first.leaves.name}, and later by {thief.given} {thief.family} at {second.enters.name}.",
        expects=("identity_conflict",),
        expects_not=("repeat_person", "known_person_sighted"),
    )
