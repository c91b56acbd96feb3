"""Hard negatives: what is corrected, repeated for others, taken back, or only rehearsed."""

from producers.simulator.calendar import MINUTE
from producers.simulator.cases.stage import Plot, Stage
from producers.simulator.fleet import Vehicle
from producers.simulator.roads import Crossing, route_through


def told_many_times(stage: Stage) -> None:
    """Let one incident be reported, updated twice, relayed, and reported by the other side: it is one all the same."""
    plot, car, step = _opened(stage, "one_incident_told_often")
    second = stage.night(stage.some_days(1, 40))
    told = plot.incident("clandestine_entry", step.enters, second, vehicles=[car], people={"smuggled": 2})
    desk = stage.world.desk
    plot.tell(desk.again(told, 1.5, updates=told.event["id"], people={"smuggled": 3}))
    plot.tell(desk.again(told, 7, updates=told.event["id"], people={"smuggled": 3, "minors": 1}))
    plot.tell(desk.again(told, 3, relay_of=told.event["id"], originator="FRONTEX"))
    plot.incident("clandestine_entry", step.leaves, second + 40 * MINUTE, vehicles=[car], direction="exit")
    plot.ends(
        f"One stop of {car.plate} ({car.country}) at {step.enters.name} was reported, corrected twice, relayed by "
        "Frontex and reported by the other side of the crossing.",
        expects_not=("repeat_vehicle", "linked_incidents"),
    )


def taken_back(stage: Stage) -> None:
    """Let the second of two reports on a vehicle be retracted: it was another vehicle."""
    plot, car, step = _opened(stage, "retracted")
    first = stage.some_days(12, 60)
    plot.incident("clandestine_entry", step.enters, stage.night(first), vehicles=[car])
    (other,) = route_through(plot.chance, ("HR", "SI"))
    wrong = plot.incident("migrant_smuggling", other.enters, stage.night(first // 2), vehicles=[car])
    hours = 3 + plot.chance.random() * 40
    plot.tell(stage.world.desk.retraction(wrong, other.enters.country, hours, "wrong_identity"))
    plot.ends(
        f"{car.plate} ({car.country}) was reported twice; the second report was taken back, because it was another "
        "vehicle.",
        expects_not=("repeat_vehicle", "linked_incidents"),
    )


def drill(stage: Stage) -> None:
    """Let a vehicle be in one real incident and in one exercise."""
    plot, car, step = _opened(stage, "drill")
    first = stage.some_days(6, 60)
    plot.incident("clandestine_entry", step.enters, stage.night(first), vehicles=[car])
    plot.incident(
        "migrant_smuggling",
        step.enters,
        stage.daytime(first // 2),
        vehicles=[car],
        exercise=True,
        people={"smuggled": 10, "injured": 1},
    )
    plot.ends(
        f"{car.plate} ({car.country}) was in one real incident, and later its plate was used in a drill.",
        expects_not=("repeat_vehicle", "linked_incidents"),
    )


def _opened(stage: Stage, kind: str) -> tuple[Plot, Vehicle, Crossing]:
    plot = Plot(stage, kind)
    car = plot.vehicle(plot.chance.choice(("RS", "BA", "HR", "ME")), "car")
    (step,) = route_through(plot.chance, plot.chance.choice((("BA", "HR"), ("RS", "HU"), ("RS", "HR"))))
    return plot, car, step
