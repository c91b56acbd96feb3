"""Hard negatives: who is met at incidents and has no part in them."""

from producers.simulator.calendar import MINUTE
from producers.simulator.cases.stage import Plot, Stage
from producers.simulator.descriptions import Involved, Party
from producers.simulator.roads import route_through


def coach_of_refused_passengers(stage: Stage) -> None:
    """Let a coach bring passengers of whom many are refused, twice, and be sighted afterwards."""
    plot = Plot(stage, "refused_coach")
    coach = plot.vehicle(plot.chance.choice(("RS", "MK", "AL", "BA")), "bus")
    (step,) = route_through(plot.chance, plot.chance.choice((("RS", "HU"), ("RS", "HR"), ("BA", "HR"))))
    first = stage.some_days(stage.recent_days, 40)
    for days_ago, involvement in ((first, "public_transport"), (2, plot.chance.choice(("bystander", None)))):
        passengers = [
            plot.person(plot.chance.choice((coach.country, "TR", "AL")))
            for _ in range(12 + int(plot.chance.random() * 25))
        ]
        plot.incident(
            "refused_entry",
            step.enters,
            stage.daytime(days_ago),
            vehicles=[Involved(coach, involvement)],
            parties=[Party(one, "passenger", "unknown", one.documents[0]) for one in passengers],
            narrative="Conditions of entry not met; refusal forms handed out.",
        )
    plot.sighting(coach, step.leaves, stage.daytime(1), "exit")
    plot.ends(
        f"The scheduled coach {coach.plate} ({coach.country}) twice brought many passengers who were refused at "
        f"{step.enters.name}; it runs the line every day.",
        expects_not=("repeat_vehicle", "known_vehicle_sighted", "repeat_person", "linked_incidents"),
    )


def rescuers(stage: Stage) -> None:
    """Let the same ambulance be at several rescues, and pass a camera in between."""
    plot = Plot(stage, "rescuers")
    (step,) = route_through(plot.chance, plot.chance.choice((("HR", "SI"), ("BA", "HR"), ("RS", "HU"))))
    ambulance = plot.vehicle(step.enters.country, "van")
    first = stage.some_days(stage.recent_days, 50)
    for days_ago in (first, first // 2, 2):
        plot.incident(
            "search_and_rescue",
            step.enters,
            stage.night(days_ago),
            vehicles=[Involved(ambulance, "rescue_or_official")],
            parties=plot.carried(1),
            direction="green_border",
            people={"injured": 1 + int(plot.chance.random() * 3)},
        )
    plot.sighting(ambulance, step.enters, stage.daytime(1))
    plot.ends(
        f"The ambulance {ambulance.plate} ({ambulance.country}) was called to three rescues near {step.enters.name}.",
        expects=("life_at_risk",),
        expects_not=("repeat_vehicle", "known_vehicle_sighted", "linked_incidents"),
    )


def victim_met_three_times(stage: Stage) -> None:
    """Let one person be smuggled in three incidents by different people, and show papers afterwards."""
    plot = Plot(stage, "victim")
    victim = plot.person(plot.chance.choice(("TR", "AF", "SY")))
    first = stage.some_days(min(stage.recent_days + 10, stage.days), 80)
    roles = (("smuggled", "victim"), ("smuggled", "unknown"), ("passenger", "victim"))
    for (role, status), days_ago in zip(roles, (first, first // 2 + 1, 2), strict=True):
        (step,) = route_through(plot.chance, plot.chance.choice((("RS", "HU"), ("BA", "HR"), ("HR", "SI"))))
        driver = plot.person(step.leaves.country)
        plot.incident(
            "migrant_smuggling",
            step.enters,
            stage.night(days_ago),
            vehicles=[plot.vehicle(step.leaves.country, "van")],
            parties=[
                Party(driver, "driver", "suspect", driver.documents[0]),
                Party(victim, role, status, victim.documents[0]),
            ],
            people={"smuggled": 5},
            life_at_risk=False,
        )
    (step,) = route_through(plot.chance, ("SI", "IT"))
    plot.sighting(plot.vehicle("SI", "bus"), step.leaves, stage.daytime(1), "exit", (victim,))
    plot.ends(
        f"{victim.given} {victim.family} was found in three vehicles of three different drivers: a victim, each time.",
        expects_not=("repeat_person", "known_person_sighted", "linked_incidents", "repeat_vehicle"),
    )


def let_go_on(stage: Stage) -> None:
    """Let a vehicle be checked, reported, and pass the cameras of the same crossing within two hours."""
    plot = Plot(stage, "same_place_within_two_hours")
    car = plot.vehicle(plot.chance.choice(("RS", "BA", "HR")), "car")
    (step,) = route_through(plot.chance, plot.chance.choice((("BA", "HR"), ("RS", "HU"), ("HR", "SI"))))
    second = stage.daytime(stage.some_days(1, stage.recent_days - 1))
    plot.sighting(car, step.leaves, second - 12 * MINUTE, "exit")
    plot.incident(
        "other_cross_border_crime",
        step.enters,
        second,
        vehicles=[car],
        narrative="Undeclared goods found; fined and let go on.",
    )
    plot.sighting(car, step.enters, second + int((15 + plot.chance.random() * 95) * MINUTE))
    plot.ends(
        f"{car.plate} ({car.country}) was fined at {step.enters.name} and passed its cameras within two hours.",
        expects_not=("known_vehicle_sighted", "repeat_vehicle"),
    )
