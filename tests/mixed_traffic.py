"""Small dense mixes of incidents, sightings and watchlist entries, for comparing the engine with the oracle.

Few vehicles, people and places meet at moments around the limits of the rules. All of it is valid
by the contract, in no order.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import mixed_people
import mixed_vehicles

Event = dict[str, Any]

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)
LONGEST = timedelta(days=900)
HOUR, DAY = 3600, 86400
# 1,398.7 s and 9,393.9 s are what impossible journeys compare between these crossings: Obrežje to Gruškovje, to Horgoš.
LIMITS_SECONDS = (0, 600, 1398, 1399, 9393, 9394, 2 * HOUR, 3 * HOUR, 6 * HOUR, DAY, 30 * DAY, 90 * DAY, 365 * DAY)
OFTEN_SECONDS = (0, 1398, 2 * HOUR, 3 * HOUR, DAY, 30 * DAY, 90 * DAY)
CROSSINGS = (("SI-OBR", "HR-BRE"), ("SI-GRU", "HR-MAC"), ("RS-HOR", "HU-ROS"), ("AL-HOT", "ME-BOZ"))
PLATES = (("LJ AB-123", "ljab123"), ("ZG 4567-XY", "ZG·4567·XY"), ("NI 777-KK", "ni777kk"))
KINDS = (
    "migrant_smuggling",
    "irregular_crossing",
    "irregular_crossing",
    "document_fraud",
    "wanted_vehicle",
    "refused_entry",
    "search_and_rescue",
    "return_or_readmission",
)
INVOLVEMENTS = (None, None, None, "used", "stolen", "bystander", "public_transport", "rescue_or_official")
ROLES = (None, "driver", "driver", "driver", "organiser", "guide", "passenger", "smuggled", "other")
STATUSES = (None, None, None, "suspect", "convicted", "unknown", "contact", "victim", "witness")


def mixed_events(
    rng: random.Random, count: int, people: Sequence[mixed_people.Someone] = mixed_people.PEOPLE
) -> list[Event]:
    """Return `count` events of a world of its own: the same for the same state of `rng`."""
    return _Mix(rng, people).events(count)


def with_retractions(rng: random.Random, events: Sequence[Event], share: float) -> list[Event]:
    """Return the events with so many of them taken back, mostly by who said them, in no order."""
    found = list(events)
    for number, event in enumerate(events):
        if chance(rng, share):
            found.append(retraction(rng, event, f"R-{number}", by_its_own=chance(rng, 0.9)))
    rng.shuffle(found)
    return found


def with_verdicts(rng: random.Random, events: Sequence[Event], share: float) -> list[Event]:
    """Return the events and verdicts of false matches between subjects of theirs, some taken back, in no order."""
    found = list(events)
    named = [(event["id"], place) for event in events for place in places_in(event)]
    for number in range(int(share * len(events))):
        kind = rng.choice(("vehicle", "person"))
        pair = rng.sample([one for one in named if one[1].startswith(kind)], 2)
        verdict = false_match(rng, f"V-{number}", pair)
        found.append(verdict)
        if chance(rng, 0.2):
            found.append(retraction(rng, {**verdict, "station": "SI-OBR"}, f"W-{number}", by_its_own=chance(rng, 0.8)))
    rng.shuffle(found)
    return found


def with_bulletins(rng: random.Random, events: Sequence[Event], share: float) -> list[Event]:
    """Return the events and word of contact points about some of them, in no order."""
    word = [bulletin(rng, f"B-{number}", rng.choice(events)["id"]) for number in range(int(share * len(events)))]
    found = [*events, *word]
    rng.shuffle(found)
    return found


def bulletin(rng: random.Random, name: str, about: str) -> Event:
    """Return word about an event."""
    return {
        "type": "bulletin",
        "schema_version": "1.0",
        "id": name,
        "at": written(rng, START),
        "originator": rng.choice(("SI", "EUROPOL")),
        "contact_point": "SI",
        "officer": "an officer",
        "title": "A white van",
        "text": "It is heading north.",
        "severity": rng.choice(("critical", "high", "medium", "low")),
        "countries": rng.choice(([], ["HR", "RS"])),
        "refers_to": [about],
        "exercise": chance(rng, 0.2),
    }


def places_in(event: Event) -> list[str]:
    """Return the positions of a report's subjects."""
    places = [f"{name}/{number}" for name in ("vehicles", "persons") for number in range(len(event.get(name, ())))]
    return places + ["vehicle"] * ("vehicle" in event)


def false_match(rng: random.Random, name: str, pair: Sequence[tuple[str, str]]) -> Event:
    """Return what tells two apart."""
    return {
        "type": "verdict",
        "schema_version": "1.0",
        "id": name,
        "at": written(rng, START),
        "alert": "al-" + "0" * 20,
        "contact_point": "SI",
        "officer": "an officer",
        "outcome": "false_match",
        "between": [{"event": event, "subject": subject} for event, subject in pair],
    }


def retraction(rng: random.Random, event: Event, name: str, *, by_its_own: bool = True) -> Event:
    """Return what takes an event back."""
    said = {
        "type": "retraction",
        "schema_version": "1.0",
        "id": name,
        "at": written(rng, START),
        "originator": (event.get("originator") or event["station"][:2]) if by_its_own else "MK",
        "officer": "an officer",
        "retracts": event["id"],
        "reason": rng.choice(("unfounded", "wrong_identity", "duplicate", "entered_in_error")),
    }
    return said | ({"exercise": True} if event.get("exercise") else {})


def chance(rng: random.Random, share: float) -> bool:
    return rng.random() < share


class _Mix:
    """One mix while it is made: its cast, and the moments that later events keep a limit's distance from."""

    def __init__(self, rng: random.Random, people: Sequence[mixed_people.Someone]) -> None:
        self.rng = rng
        self.people = rng.sample(people, 3)
        self.plates = rng.sample(PLATES, 2)
        self.stations = [station for crossing in rng.sample(CROSSINGS, 3) for station in crossing]
        self.moments = [START]
        self.passed: list[tuple[datetime, str]] = []
        self.incidents: list[Event] = []
        self.entries: list[str] = []

    def events(self, count: int) -> list[Event]:
        makers = self.rng.choices((self.incident, self.sighting, self.watchlist_entry), weights=(5, 5, 2), k=count)
        found = [make(number) for number, make in enumerate(makers)]
        self.rng.shuffle(found)
        return found

    def moment(self) -> datetime:
        """Return a moment at or next to a limit of some rule, seen from an earlier one."""
        seconds = self.rng.choice(self.rng.choice((LIMITS_SECONDS, OFTEN_SECONDS)))
        near = timedelta(seconds=self.rng.choice((0, 0, 0, 1, -1, 60)))
        found = self.rng.choice(self.moments) + self.rng.choice((1, 1, 1, -1)) * timedelta(seconds=seconds) + near
        return found if abs(found - START) <= LONGEST else START + near

    def happened(self, name: str) -> Event:
        at = self.moment()
        station = self.rng.choice(self.stations)
        if self.passed and chance(self.rng, 0.25):  # the same place again, around what is one passage or one occurrence
            before, station = self.rng.choice(self.passed)
            at = before + timedelta(hours=self.rng.choice((2, 2, 3)), seconds=self.rng.choice((0, 0, 1)))
        self.moments.append(at)
        self.passed.append((at, station))
        event: Event = {"schema_version": "1.0", "id": name, "station": station}
        event["occurred_at"] = written(self.rng, at)
        if chance(self.rng, 0.1):
            event["exercise"] = True
        return event

    def incident(self, number: int) -> Event:
        event = {"type": "incident", **self.happened(f"E-{number}"), "kind": self.rng.choice(KINDS)}
        event["vehicles"] = [self.vehicle(INVOLVEMENTS) for _ in range(self.rng.choice((0, 1, 1, 2)))]
        event["persons"] = [self.person(ROLES, STATUSES) for _ in range(self.rng.choice((0, 1, 1, 2, 3)))]
        if chance(self.rng, 0.1):
            event["life_at_risk"] = self.rng.choice((True, False))
        if chance(self.rng, 0.05):
            event["people"] = {"injured": 1, "smuggled": 12}
        if chance(self.rng, 0.15):
            event["originator"] = self.rng.choice(("AT", "EUROPOL", "ME"))
        self.connect(event, number)
        self.incidents.append(event)
        return event

    def connect(self, event: Event, number: int) -> None:
        """Let the incident update or relay another, now and then one that is missing or comes later."""
        if chance(self.rng, 0.15):
            event["reported_at"] = written(self.rng, self.moment())
        if self.incidents and chance(self.rng, 0.12):
            earlier = self.rng.choice(self.incidents)
            event["updates"] = earlier["id"]
            if chance(self.rng, 0.8):
                event["station"] = earlier["station"]
        elif self.incidents and chance(self.rng, 0.12):
            event["relay_of"] = self.rng.choice(self.incidents)["id"]
        elif chance(self.rng, 0.04):
            event[self.rng.choice(("updates", "relay_of"))] = f"E-{number + self.rng.randrange(1, 5)}"

    def sighting(self, number: int) -> Event:
        event = {"type": "sighting", **self.happened(f"E-{number}")}
        with_vehicle = chance(self.rng, 0.75)
        if with_vehicle:
            event["vehicle"] = self.vehicle((None,))
        if not with_vehicle or chance(self.rng, 0.4):
            roles, statuses = (None, None, None, "passenger", "smuggled"), (None, None, None, "unknown", "victim")
            event["persons"] = [self.person(roles, statuses) for _ in range(self.rng.choice((1, 1, 2)))]
        return event

    def watchlist_entry(self, number: int) -> Event:
        event: Event = {"type": "watchlist_entry", "schema_version": "1.0", "id": f"E-{number}"}
        at = self.moment()
        event |= {"at": written(self.rng, at), "originator": self.rng.choice(("RS", "AT", "EUROPOL"))}
        if chance(self.rng, 0.1):
            event["exercise"] = True
        if self.entries and chance(self.rng, 0.4):
            event["entry"] = self.rng.choice(self.entries)
            if chance(self.rng, 0.5):
                event["at"] = written(self.rng, self.rng.choice((at, *self.moments)))
                reason = self.rng.choice(({}, {}, {"reason": "error"}, {"reason": "no longer wanted"}))
                return event | {"action": "remove"} | reason
        else:
            self.entries.append(event["id"])
        event |= {"action": "upsert", "check": "discreet", "suggested_response": "report to the originator"}
        if chance(self.rng, 0.5):
            event["vehicle"] = self.vehicle((None,))
        else:
            event["person"] = self.person((None,), (None,))
        return event | self.validity(at)

    def validity(self, at: datetime) -> Event:
        """Return limits that often fall on an event's moment."""
        near = [one for one in self.moments if one <= at + timedelta(days=365)]
        until = self.rng.choice([*near, at + timedelta(days=365)])
        begin = [one for one in self.moments if one <= until]
        limits = {"valid_until": written(self.rng, until)}
        if begin and chance(self.rng, 0.4):
            limits["valid_from"] = written(self.rng, self.rng.choice(begin))
        return limits

    def vehicle(self, involvements: tuple[str | None, ...]) -> Event:
        spellings = self.rng.choice(self.plates)
        country = self.rng.choice(("SI",) * 10 + ("HR", None))
        said: Event = {"plate": self.rng.choice(spellings), "plate_country": country}
        said["involvement"] = self.rng.choice(involvements)
        return mixed_vehicles.described(self.rng, said)

    def person(self, roles: tuple[str | None, ...], statuses: tuple[str | None, ...]) -> Event:
        who = self.rng.choice(self.people)
        said = present(role=self.rng.choice(roles), status=self.rng.choice(statuses))
        return said | mixed_people.presented(self.rng, who, self.people)


def present(**said: str | None) -> Event:
    return {name: value for name, value in said.items() if value is not None}


def written(rng: random.Random, at: datetime) -> str:
    """Return the moment as devices write it: in UTC or local time."""
    if chance(rng, 0.2):
        return (at + timedelta(hours=2)).replace(tzinfo=None).isoformat() + "+02:00"
    return at.isoformat().replace("+00:00", "Z")
