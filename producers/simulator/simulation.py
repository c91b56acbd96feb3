"""Events of a scenario in the order in which they reach intake, and the truth beside them."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from producers.simulator.arrivals import Told, second_arrival
from producers.simulator.background import Background
from producers.simulator.calendar import instant
from producers.simulator.cases.catalogue import plant
from producers.simulator.cases.stage import Stage
from producers.simulator.scenario import Scenario
from producers.simulator.traffic import Traffic
from producers.simulator.truth import Case, event_truth, json_line
from producers.simulator.world import World, make_world


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as it reaches intake: `line` is its JSON (UTF-8, no line end), `truth` who its subjects truly are.

    `truth` is None where the event is sent a second time, or has no subject.
    """

    reaches_intake: int
    event: dict[str, Any]
    line: bytes
    truth: dict[str, Any] | None

    @property
    def reaches_intake_at(self) -> datetime:
        """When it reaches intake, UTC."""
        return instant(self.reaches_intake)


class Simulation:
    """The events of a scenario, made anew, and alike, each time they are iterated over."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @cached_property
    def cases(self) -> tuple[Case, ...]:
        """What is planted, with what must and must not be raised from it."""
        return tuple(self._planted(make_world(self.scenario)).cases)

    def __iter__(self) -> Iterator[Sent]:
        """Return every event in order of arrival; ties in the order cases, incidents, traffic."""
        world = make_world(self.scenario)
        planted = self._planted(world)
        traffic = Traffic(self.scenario, world.network, world.fleet, world.people, world.lines)
        told = heapq.merge(
            sorted(planted.told, key=_order),
            Background(world).told(),
            traffic.sightings(world.readers),
            key=lambda one: one.arrives,
        )
        return self._sent(told)

    def write(
        self,
        write_event: Callable[[bytes], object],
        write_truth: Callable[[bytes], object],
        on_sent: Callable[[int], None] = lambda _: None,
    ) -> int:
        """Write all events and all of the truth as lines, line ends included; return how many events were written.

        `on_sent` is called with that number now and then.
        """
        number = 0
        for number, sent in enumerate(self, start=1):
            write_event(sent.line + b"\n")
            if sent.truth is not None:
                write_truth(json_line(sent.truth) + b"\n")
            if number % 1_000 == 0:
                on_sent(number)
        for case in self.cases:
            write_truth(case.line + b"\n")
        on_sent(number)
        return number

    def _planted(self, world: World) -> Stage:
        stage = Stage(world)
        plant(stage)
        return stage

    def _sent(self, told: Iterator[Told]) -> Iterator[Sent]:
        chance = self.scenario.random("lost acknowledgements")
        again: list[tuple[int, str, Sent]] = []
        for one in told:
            while again and again[0][0] <= one.arrives:
                yield heapq.heappop(again)[2]
            line = json_line(one.event)
            truth = event_truth(one.event["id"], one.subjects) if one.subjects else None
            yield Sent(one.arrives, one.event, line, truth)
            twice = second_arrival(chance, one.arrives)
            if twice is not None:
                heapq.heappush(again, (twice, one.event["id"], Sent(twice, one.event, line, None)))
        for _, _, sent in sorted(again, key=lambda entry: entry[:2]):
            yield sent


def simulate(scenario: Scenario) -> Simulation:
    """Return the simulation of a scenario; nothing is made before it is iterated over."""
    return Simulation(scenario)


def _order(told: Told) -> tuple[int, str]:
    return told.arrives, told.event["id"]
