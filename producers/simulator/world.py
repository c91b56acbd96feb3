"""Everything that one simulation is made of, each part with a stream of chance of its own."""

from dataclasses import dataclass

from producers.simulator.arrivals import Lines
from producers.simulator.desk import Desk
from producers.simulator.fleet import Fleet
from producers.simulator.ids import Ids
from producers.simulator.people import People
from producers.simulator.readers import Readers
from producers.simulator.returns import Returns
from producers.simulator.roads import Network
from producers.simulator.scenario import Scenario


@dataclass(frozen=True, slots=True)
class World:
    """Vehicles, people, roads, and those who watch them."""

    scenario: Scenario
    fleet: Fleet
    people: People
    network: Network
    lines: Lines
    readers: Readers
    desk: Desk
    returns: Returns


def make_world(scenario: Scenario) -> World:
    """Return the world in which a scenario takes place, nothing having happened yet."""
    lines = Lines(scenario.random("lines"), scenario.begins, scenario.ends)
    fleet, network = Fleet(), Network(scenario.random("roads"))
    readers = Readers(scenario.random("readers"), Ids(scenario.random("sighting ids")), lines)
    return World(
        scenario,
        fleet,
        People(),
        network,
        lines,
        readers,
        Desk(scenario.random("desk"), Ids(scenario.random("report ids")), lines),
        Returns(scenario, fleet, network, readers),
    )
