"""What makes an alert of each kind, asked by true identities and in plain code, of one planted case at a time."""

from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import combinations, pairwise
from typing import Any, Final

from simulated import Seen, appearances, road_km

from producers.simulator import Case, Sent
from schemas.alerts import AlertKind
from schemas.stations import station

HOUR: Final = timedelta(hours=1)


class Story:
    """A case with its events, in order of what they tell."""

    def __init__(self, case: Case, sent: list[Sent]) -> None:
        self.case = case
        self.sent = sorted(sent, key=lambda one: one.event.get("occurred_at") or one.event["at"])
        self.incidents = [one.event for one in self.sent if one.event["type"] == "incident"]
        self.sightings = [one.event for one in self.sent if one.event["type"] == "sighting"]
        self.seen = appearances(self.sent)

    def vehicles(self) -> list[list[Seen]]:
        return [seen for entity, seen in self.seen.items() if entity.startswith("V")]

    def persons(self) -> list[list[Seen]]:
        return [seen for entity, seen in self.seen.items() if entity.startswith("P")]


def at(event: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(event.get("occurred_at") or event["at"])


def used(one: Seen) -> bool:
    return one.event["type"] == "incident" and one.said.get("involvement") == "used"


def eligible(one: Seen) -> bool:
    said = one.said
    if said.get("role") == "smuggled" or said.get("status") in {"victim", "witness"}:
        return False
    return said.get("role") in {"driver", "organiser", "guide"} or said.get("status") in {"suspect", "convicted"}


def days_within(seen: list[Seen], days: int) -> bool:
    return len(seen) > 1 and any(other.at - one.at <= timedelta(days=days) for one, other in pairwise(seen))


def sighted_after(seen: list[Seen], counts: Callable[[Seen], bool], days: int) -> bool:
    return any(
        counts(one)
        and other.event["type"] == "sighting"
        and timedelta(0) < other.at - one.at <= timedelta(days=days)
        and (other.at - one.at > 2 * HOUR or station(other.station).place != station(one.station).place)
        for one, other in combinations(seen, 2)
    )


def impossible(story: Story) -> bool:
    by_plate: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for event in story.sightings:
        by_plate[event["vehicle"].get("plate_country", ""), event["vehicle"]["plate"]].append(event)
    return any(
        (at(other) - at(one)) / HOUR < 0.85 * road_km(one["station"], other["station"]) / 130
        for (country, _), events in by_plate.items()
        if country
        for one, other in pairwise(events)
    )


def convoy(story: Story) -> bool:
    """Two vehicles, one of them used in an incident, at three places or more within ten minutes on two journeys."""
    for one, other in combinations(story.vehicles(), 2):
        if not any(used(seen) for seen in (*one, *other)):
            continue
        together = [
            (a.at, station(a.station).place)
            for a in one
            for b in other
            if a.event["type"] == b.event["type"] == "sighting"
            and (a.station, a.event["direction"]) == (b.station, b.event["direction"])
            and abs(a.at - b.at) <= timedelta(minutes=10)
        ]
        journeys = 1 + sum(later[0] - earlier[0] >= 12 * HOUR for earlier, later in pairwise(sorted(together)))
        if len({place for _, place in together}) >= 3 and journeys >= 2:
            return True
    return False


def linked(story: Story) -> bool:
    links = {
        (one.event["id"], other.event["id"], entity)
        for entity, seen in story.seen.items()
        for one, other in combinations([seen for seen in seen if used(seen) or eligible(seen)], 2)
    }
    incidents = {event for one, other, _ in links for event in (one, other)}
    return len(incidents) >= 3 and len({entity for _, _, entity in links}) >= 2


def two_holders(story: Story) -> bool:
    holders = defaultdict(set)
    for entity, seen in story.seen.items():
        for one in seen:
            for document in one.said.get("documents", ()):
                holders[document["type"], document.get("number"), document["issuer"]].add(entity)
    return any(len(entities) > 1 for entities in holders.values())


def watched(story: Story) -> bool:
    entries = [sent for sent in story.sent if sent.event["type"] == "watchlist_entry" and sent.truth]
    ends = [at(sent.event) for sent in story.sent if sent.event.get("action") == "remove"]
    return any(
        datetime.fromisoformat(entry.event["valid_from"]) <= seen.at
        and seen.at <= min([datetime.fromisoformat(entry.event["valid_until"]), *ends])
        for entry in entries
        for entity in (entry.truth or {})["subjects"].values()
        for seen in story.seen[entity]
    )


HOLDS: Final[dict[AlertKind, Callable[[Story], bool]]] = {
    AlertKind.LIFE_AT_RISK: lambda story: any(
        one.get("life_at_risk", one["kind"] == "search_and_rescue" or one.get("people", {}).get("injured", 0) > 0)
        for one in story.incidents
    ),
    AlertKind.REPEAT_VEHICLE: lambda story: any(
        days_within([one for one in seen if used(one)], 90) for seen in story.vehicles()
    ),
    AlertKind.REPEAT_PERSON: lambda story: any(
        days_within([one for one in seen if one.event["type"] == "incident" and eligible(one)], 365)
        for seen in story.persons()
    ),
    AlertKind.KNOWN_VEHICLE_SIGHTED: lambda story: any(sighted_after(seen, used, 30) for seen in story.vehicles()),
    AlertKind.KNOWN_PERSON_SIGHTED: lambda story: any(
        sighted_after(seen, lambda one: one.event["type"] == "incident" and eligible(one), 90)
        for seen in story.persons()
    ),
    AlertKind.IMPOSSIBLE_JOURNEY: impossible,
    AlertKind.CONVOY: convoy,
    AlertKind.LINKED_INCIDENTS: linked,
    AlertKind.IDENTITY_CONFLICT: two_holders,
    AlertKind.WATCHLIST_HIT: watched,
    AlertKind.SURGE: lambda story: any(
        sum(timedelta(0) <= at(other) - at(one) < 6 * HOUR for other in story.incidents) >= 7 for one in story.incidents
    ),
}
