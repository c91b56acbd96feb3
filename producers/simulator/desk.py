"""The desk at which officers write reports: incidents, their updates and relays, retractions, watchlist entries."""

from collections.abc import Sequence
from random import Random
from typing import Any, Final

from producers.simulator.arrivals import Lines, Told
from producers.simulator.calendar import HOUR, MINUTE, written
from producers.simulator.descriptions import Described, Involved, Party, described_person, written_vehicle
from producers.simulator.ids import Ids
from producers.simulator.scenario import DAY
from schemas.stations import Station

NARRATIVES: Final = {
    "migrant_smuggling": (
        "People found in the load space during a check of the vehicle.",
        "Driver could not say where the passengers got in; none of them had documents.",
        "Vehicle tried to avoid the check and was stopped a little further on.",
        "Seats removed, windows painted; people sat on the floor.",
        "",
    ),
    "irregular_crossing": ("Group met on foot near the line.", "Footprints followed from the river bank.", ""),
    "clandestine_entry": (
        "Seal of the load broken and mended.",
        "Heartbeat detector gave a reading.",
        "Two people beside the hot engine, close to suffocation; given first aid.",
        "Seats removed, windows painted; people sat on the floor.",
        "",
    ),
    "document_fraud": ("Page with the photograph replaced.", "Stamp does not match the pattern.", ""),
    "refused_entry": ("Conditions of entry not met; refusal forms handed out.", ""),
    "wanted_vehicle": ("Vehicle is searched for.", "Reported as not returned by a rental firm.", ""),
    "search_and_rescue": ("Called for help by telephone; exhausted people brought to safety.", ""),
    "violence_or_pursuit": ("Driver did not stop at the signal and was followed.", ""),
    "return_or_readmission": ("Handed over under the readmission agreement.", ""),
    "human_trafficking": ("Passenger asked for help while the driver was away.", ""),
    "other_cross_border_crime": (
        "Undeclared goods found under the floor.",
        "Undeclared goods found; fined and let go on.",
        "Cash above the limit not declared.",
        "",
    ),
}
_DETECTED_BY: Final = ("first_line", "first_line", "second_line", "second_line", "patrol", "camera", "information")
_SOURCES: Final = ("A", "B", "B", "B", "C", "X")
_HANDLING: Final = ("H0", "H1", "H1", "H1", "H1", "H1", "H1", "H1")
_URGENT: Final = frozenset({"search_and_rescue"})


class Desk:
    """Every officer's desk; what they get wrong and how long they take is drawn from one stream of chance."""

    def __init__(self, chance: Random, ids: Ids, lines: Lines) -> None:
        self._chance = chance
        self._ids = ids
        self._lines = lines

    def incident(  # noqa: PLR0913 - what a report consists of
        self,
        kind: str,
        station: Station,
        second: int,
        *,
        vehicles: Sequence[Involved] = (),
        parties: Sequence[Party] = (),
        clear: bool = False,
        **fields: Any,
    ) -> Told:
        """Return the report of an incident, written some while after it; `fields` are more of the contract's."""
        chance = self._chance
        urgent = kind in _URGENT or bool(fields.get("life_at_risk"))
        soonest, longest = (2, 15) if urgent else (10, 110)
        reported = second + int((soonest + chance.random() * (longest - soonest)) * MINUTE)
        event: dict[str, Any] = {
            "type": "incident",
            "schema_version": "1.0",
            "id": self._ids.new(reported),
            "station": station.code,
            "occurred_at": written(second),
            "kind": kind,
            "reported_at": written(reported),
            "direction": "entry",
            "detected_by": chance.choice(_DETECTED_BY),
            "evaluation": {"source": chance.choice(_SOURCES), "information": 1 + int(chance.random() * 4)},
            "handling": chance.choice(_HANDLING),
        }
        narrative = chance.choice(NARRATIVES[kind])
        if narrative:
            event["narrative"] = narrative
        subjects: dict[str, Described] = {}
        if vehicles:
            written_down = [written_vehicle(chance, one, clear=clear) for one in vehicles]
            event["vehicles"] = [one.said for one in written_down]
            subjects |= {f"vehicles/{place}": one for place, one in enumerate(written_down)}
        if parties:
            met = [described_person(chance, one, station.country, clear=clear) for one in parties]
            event["persons"] = [one.said for one in met]
            subjects |= {f"persons/{place}": one for place, one in enumerate(met)}
        return Told(self._lines.arrival(chance, station.code, reported), event | fields, subjects)

    def again(self, told: Told, hours: float, **fields: Any) -> Told:
        """Return another report of the same, so many hours after the first: an update or a relay, as `fields` say."""
        reported = told.arrives + int(hours * HOUR)
        event = told.event | {"id": self._ids.new(reported), "reported_at": written(reported)} | fields
        return Told(self._lines.arrival(self._chance, event["station"], reported), event, told.subjects)

    def retraction(self, told: Told, originator: str, hours: float, reason: str) -> Told:
        """Return the word by which an originator takes its report back."""
        second = told.arrives + int(hours * HOUR)
        event = {
            "type": "retraction",
            "schema_version": "1.0",
            "id": self._ids.new(second),
            "at": written(second),
            "originator": originator,
            "officer": f"{originator}-{1 + int(self._chance.random() * 400):04}",
            "retracts": told.event["id"],
            "reason": reason,
        }
        return Told(second + 2, event, {})

    def watchlist_entry(
        self, second: int, originator: str, *, days: int, vehicle: Involved | None = None, party: Party | None = None
    ) -> Told:
        """Return an entry that is valid for `days` from `second`; it names a vehicle or a person."""
        chance = self._chance
        event: dict[str, Any] = {
            "type": "watchlist_entry",
            "schema_version": "1.0",
            "id": self._ids.new(second),
            "action": "upsert",
            "at": written(second),
            "originator": originator,
            "check": chance.choice(("discreet", "inquiry", "specific")),
            "reason": chance.choice(("Named in an inquiry into smuggling.", "Seen near several landings.")),
            "suggested_response": chance.choice(
                ("Let pass, note occupants and direction, call the originator.", "Check thoroughly, inform originator.")
            ),
            "valid_from": written(second),
            "valid_until": written(second + days * DAY),
        }
        subjects = {}
        if vehicle is not None:
            subjects["vehicle"] = written_vehicle(chance, vehicle, clear=True)
        if party is not None:
            subjects["person"] = described_person(chance, party, originator, clear=True)
        event |= {position: one.said for position, one in subjects.items()}
        return Told(second + 2, event, subjects)

    def removal(self, entry: Told, second: int, originator: str) -> Told:
        """Return the word that ends an entry."""
        event = {
            "type": "watchlist_entry",
            "schema_version": "1.0",
            "id": self._ids.new(second),
            "entry": entry.event.get("entry", entry.event["id"]),
            "action": "remove",
            "at": written(second),
            "originator": originator,
            "reason": "Inquiry closed.",
        }
        return Told(second + 2, event, {})
