"""A seeded simulator of border traffic, incidents and planted cases, with the truth apart from the events.

No clock, no network: equal scenarios give equal bytes. `simulate(Scenario(seed=1, ends_at=...))` is the way in.

scenario        what to simulate
simulation      the events in order of arrival, and the truth beside them
truth           what is told of it
world           all parts of one simulation: fleet, people, roads, readers, desk, lines
calendar, rhythm                 local days, and when who travels
roads, journeys, traffic         places and routes, drives along them, ordinary traffic
fleet, number_plates             vehicles
people, name_tables, spellings, zones   persons, their names in several scripts, their documents
descriptions, read_errors        how they are read and written down, and what goes wrong in it
readers, desk, ids               sightings and reports
arrivals        lateness, outages, what is sent twice
background, returns   ordinary incidents, and who of those met or listed is sighted again
cases           planted cases and hard negatives
"""

from producers.simulator.scenario import Scenario, ScenarioError
from producers.simulator.simulation import Sent, Simulation, simulate
from producers.simulator.truth import Case

__all__ = ["Case", "Scenario", "ScenarioError", "Sent", "Simulation", "simulate"]
