"""What smugglers do, after published cases (the project's domain notes name them)."""

from typing import Final

from producers.simulator.calendar import HOUR, MINUTE, calendar_date, day_of
from producers.simulator.cases.stage import Plot, Stage
from producers.simulator.descriptions import Party
from producers.simulator.fleet import Vehicle
from producers.simulator.people import Person
from producers.simulator.roads import Route, back, route_through

_BEFORE_THE_LOAD: Final = (("BA", "HR", "SI", "IT"), ("BA", "HR", "SI", "AT"), ("RS", "HR", "SI", "AT"))
_WHERE_NOBODY_LOOKS: Final = 4
"""A load goes where there is traffic to hide in."""

_TRANSITS: Final = 16
_TRANSIT_DAYS: Final = 150
_JUNE: Final = 6
_WAVE_HISTORY_DAYS: Final = 35
"""A surge is told from the four weeks before it."""


def forerunner(stage: Stage) -> None:
    """Let a car go ahead of a loaded van on three nights; on the last one the van is caught."""
    plot = Plot(stage, "forerunner")
    countries = plot.chance.choice(_BEFORE_THE_LOAD)
    car = plot.vehicle(plot.chance.choice(countries[:2]), "car")
    van = plot.vehicle(plot.chance.choice(countries[:2]), "van")
    driver = plot.person(van.country)
    route = route_through(plot.chance, countries, at_least_busy=_WHERE_NOBODY_LOOKS)
    arrived = 0
    for night in (stage.recent_days, (stage.recent_days + 1) // 2, 1):
        arrived = plot.follow(car, van, route, stage.night(night))
    place = route[-1].enters
    plot.incident(
        "migrant_smuggling",
        place,
        arrived + int((4 + plot.chance.random() * 12) * MINUTE),
        vehicles=[van],
        parties=[Party(driver, "driver", "suspect", driver.documents[0]), *plot.carried(2)],
        people={"smuggled": 9 + int(plot.chance.random() * 7), "minors": 1},
        life_at_risk=False,
    )
    plot.ends(
        f"The car {car.plate} ({car.country}) drove a few minutes ahead of the van {van.plate} ({van.country}) "
        f"on three nights over {len(route)} crossings; on the third the van was stopped at {place.name}, loaded.",
        expects=("convoy",),
        expects_not=("repeat_vehicle",),
    )


def network(stage: Stage) -> None:
    """Play one network's 16 transits of about 13 people: half HR-SI-IT, half RS-HU-AT, sharing vans and drivers."""
    plot = Plot(stage, "network")
    vans = [plot.vehicle(country, "van") for country in ("HR", "SI", "RS", "HU")]
    drivers = [plot.person(country) for country in ("HR", "BA", "RS", "RS", "HU")]
    span = min(int(stage.days * 0.95), _TRANSIT_DAYS)
    south = route_through(plot.chance, ("HR", "SI", "IT"))
    north = route_through(plot.chance, ("RS", "HU", "SI", "AT"))
    transits = min(_TRANSITS, span)
    for transit in range(transits):  # of those that follow each other, one pair shares the van, the next the driver
        route = south if transit % 2 == 0 else (north[0], north[-1])
        van, driver = vans[transit // 2 % len(vans)], drivers[(transit + 1) // 2 % len(drivers)]
        hastily = transit % 4 == 3  # noqa: PLR2004 - one in four reports is not checked for errors
        _transit(
            plot, stage.night(span - transit * (span - 1) // (transits - 1)), route, (van, driver), clear=not hastily
        )
    plot.ends(
        f"One network carried about 13 people in each of {transits} transits, by turns over {south[0].enters.name} to "
        f"Italy and over {north[0].enters.name} to Austria, with four vans and five drivers between them.",
        expects=("linked_incidents", "repeat_person", "repeat_vehicle"),
    )


def _transit(plot: Plot, second: int, route: Route, crew: tuple[Vehicle, Person], *, clear: bool) -> None:
    """Report one transit of a van and its driver."""
    van, driver = crew
    shown = driver.documents[0] if plot.chance.random() < 0.6 else None  # noqa: PLR2004 - else by name and birth date
    smuggled = 11 + int(plot.chance.random() * 5)
    if plot.chance.random() < 0.5:  # noqa: PLR2004 - stopped at the first border, or found far behind the second
        place, direction = route[0].enters, "entry"
    else:
        place, direction = route[-1].enters, "inland"
    plot.incident(
        "migrant_smuggling",
        place,
        second,
        vehicles=[van],
        parties=[Party(driver, "driver", "suspect", shown), *plot.carried(int(plot.chance.random() * 3))],
        clear=clear,
        direction=direction,
        people={"smuggled": smuggled, "minors": int(plot.chance.random() * 4)},
        life_at_risk=False,
    )


def driver_continues(stage: Stage) -> None:
    """Let a driver be apprehended months ago, in June if it lies in the time, be released, and go on."""
    plot = Plot(stage, "driver_continues")
    driver = plot.person(plot.chance.choice(("RS", "BA", "MK", "XK")))
    route = route_through(plot.chance, plot.chance.choice((("RS", "HU"), ("BA", "HR", "SI"), ("MK", "RS", "HU"))))
    last = day_of(stage.world.scenario.ends - 1)
    junes = [ago for ago in range(stage.recent_days + 20, stage.days) if calendar_date(last - ago).month == _JUNE]
    first = plot.chance.choice(junes) if junes else stage.some_days(stage.days * 3 // 4, 150)
    later = stage.some_days(stage.recent_days, min(40, first - 2))
    for ago in (first, later):
        vehicle = plot.vehicle(route[0].leaves.country, "van")
        plot.incident(
            "migrant_smuggling",
            plot.chance.choice(route).enters,
            stage.night(ago),
            vehicles=[vehicle],
            parties=[Party(driver, "driver", "suspect", driver.documents[0])],
            people={"smuggled": 6 + int(plot.chance.random() * 9)},
            life_at_risk=False,
        )
    car = plot.vehicle(route[0].leaves.country, "car")
    crossing = route[-1]
    seen = stage.daytime(min(2, later - 1))
    plot.sighting(car, crossing.leaves, seen, "exit", (driver,))
    plot.ends(
        f"{driver.given} {driver.family} was apprehended with a load of people {first} days before the end, released, "
        f"caught again {first - later} days later, and then showed papers at {crossing.leaves.name} in another car.",
        expects=("repeat_person", "known_person_sighted"),
        expects_not=("repeat_vehicle",),
    )


def converted_van(stage: Stage) -> None:
    """Let a converted van make several trips a month with changing drivers."""
    plot = Plot(stage, "converted_van")
    van = plot.vehicle(plot.chance.choice(("SI", "HR", "RS", "BA")), "van")
    crossings = [route_through(plot.chance, borders)[0] for borders in (("HR", "SI"), ("BA", "HR"), ("SI", "IT"))]
    trips = 4 + int(plot.chance.random() * 3)
    first = stage.some_days(30, 60)
    for trip in range(trips):
        driver = plot.person(plot.chance.choice(("SI", "HR", "RS", "BA")))
        plot.incident(
            plot.chance.choice(("migrant_smuggling", "migrant_smuggling", "clandestine_entry")),
            plot.chance.choice(crossings).enters,
            stage.night(first - trip * (first - 1) // (trips - 1)),
            vehicles=[van],
            parties=[Party(driver, "driver", "suspect")],
            narrative="Seats removed, windows painted; people sat on the floor.",
            people={"smuggled": 12 + int(plot.chance.random() * 4)},
            life_at_risk=False,
        )
    plot.ends(
        f"The van {van.plate} ({van.country}), its seats removed and its windows painted, was met {trips} times within "
        f"{first} days with 12 to 15 people aboard and another driver each time.",
        expects=("repeat_vehicle",),
        expects_not=("repeat_person",),
    )


def hidden_in_the_engine_bay(stage: Stage) -> None:
    """Let people be found beside an engine, in danger of their lives."""
    plot = Plot(stage, "engine_bay")
    vehicle = plot.vehicle(plot.chance.choice(("RS", "BA", "MK", "AL")), plot.chance.choice(("car", "van", "lorry")))
    driver = plot.person(vehicle.country)
    route = route_through(plot.chance, plot.chance.choice((("RS", "HU"), ("RS", "HR"), ("BA", "HR"), ("AL", "ME"))))
    place = route[0].enters
    plot.incident(
        "clandestine_entry",
        place,
        stage.night(stage.some_days(1, stage.days)),
        vehicles=[vehicle],
        parties=[Party(driver, "driver", "suspect", driver.documents[0])],
        narrative="Two people beside the hot engine, close to suffocation; given first aid.",
        people={"smuggled": 2, "injured": 1 + int(plot.chance.random() * 2)},
        life_at_risk=True,
    )
    plot.ends(
        f"Officers at {place.name} opened the bonnet of {vehicle.plate} ({vehicle.country}) and found two people "
        "beside the engine, close to suffocation.",
        expects=("life_at_risk",),
        expects_not=("repeat_vehicle", "repeat_person"),
    )


def wave(stage: Stage) -> None:
    """Let many groups cross at one place in one night, where one was met weeks before."""
    plot = Plot(stage, "wave")
    (step,) = route_through(plot.chance, plot.chance.choice((("AL", "GR"), ("ME", "BA"), ("XK", "AL"), ("BA", "ME"))))
    if stage.days > _WAVE_HISTORY_DAYS:
        plot.incident("irregular_crossing", step.enters, stage.night(_WAVE_HISTORY_DAYS), direction="green_border")
    begins = stage.night(stage.some_days(1, 3))
    groups = 7 + int(plot.chance.random() * 4)
    for _ in range(groups):
        plot.incident(
            "irregular_crossing",
            step.enters,
            begins + int(plot.chance.random() * 5 * HOUR),
            direction="green_border",
            people={"smuggled": 3 + int(plot.chance.random() * 20), "minors": 1},
        )
    plot.ends(
        f"{groups} groups on foot were met near {step.enters.name} within five hours, where there is one in weeks.",
        expects=("surge",) if stage.days > _WAVE_HISTORY_DAYS else (),
        expects_not=("linked_incidents",),
    )


def known_vehicle(stage: Stage) -> None:
    """Let a vehicle that was used in an incident be sighted days later."""
    plot = Plot(stage, "known_vehicle")
    van = plot.vehicle(plot.chance.choice(("RS", "BA", "HR")), plot.chance.choice(("van", "car")))
    route = route_through(plot.chance, ("BA", "HR", "SI"))
    ago = stage.some_days(stage.recent_days, 20)
    plot.incident(
        "clandestine_entry",
        route[0].enters,
        stage.night(ago),
        vehicles=[van],
        people={"smuggled": 3 + int(plot.chance.random() * 5)},
        life_at_risk=False,
    )
    plot.drive(van, back(route), stage.daytime(1) - 3 * HOUR)
    plot.ends(
        f"{van.plate} ({van.country}) was used in an incident at {route[0].enters.name} and is read by cameras again "
        f"{ago - 1} days later, on the way back for more.",
        expects=("known_vehicle_sighted",),
        expects_not=("repeat_vehicle",),
    )
