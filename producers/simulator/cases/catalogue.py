"""Every case that is planted, once in each set."""

from collections.abc import Callable
from typing import Final

from producers.simulator.cases import bystanders, corrections, lookalikes, smuggling, watching
from producers.simulator.cases.stage import Stage

CASES: Final[tuple[Callable[[Stage], None], ...]] = (
    smuggling.forerunner,
    smuggling.network,
    smuggling.driver_continues,
    smuggling.converted_van,
    smuggling.hidden_in_the_engine_bay,
    smuggling.known_vehicle,
    smuggling.wave,
    watching.watched_vehicle,
    watching.watched_person,
    watching.cloned_plate,
    watching.stolen_passport,
)
"""What must be found."""

HARD_NEGATIVES: Final[tuple[Callable[[Stage], None], ...]] = (
    watching.ended_entry,
    lookalikes.platoon,
    lookalikes.twins_in_two_countries,
    lookalikes.twins_to_a_camera,
    lookalikes.namesakes,
    lookalikes.namesakes_of_one_year,
    bystanders.coach_of_refused_passengers,
    bystanders.rescuers,
    bystanders.victim_met_three_times,
    bystanders.let_go_on,
    corrections.told_many_times,
    corrections.taken_back,
    corrections.drill,
)
"""What must not be taken for it."""


def plant(stage: Stage) -> None:
    """Play every case as often as the scenario wants it."""
    for _ in range(stage.world.scenario.sets_of_cases):
        for play in (*CASES, *HARD_NEGATIVES):
            play(stage)
