"""From a mixed lot of events to everything that must stand open in the end."""

from collections.abc import Iterable, Iterator, Sequence

from oracle import bulletins, chains, conflicts, convoys, links, persons, surges, vehicles, watchlist
from oracle.alerts import Found, OpenAlert, life_at_risk
from oracle.reports import Case, Event, endangered, in_circle, incidents
from oracle.retractions import taken_back
from oracle.verdicts import told_apart


def open_alerts(events: Iterable[Event]) -> set[OpenAlert]:
    return {found.alert for found in find(events)}


def find(events: Iterable[Event]) -> list[Found]:
    first: dict[str, Event] = {}
    refused = [event for event in events if event != first.setdefault(event["id"], event)]
    found: list[Found] = []
    for exercise in (False, True):
        everybody = [event for event in first.values() if event.get("exercise", False) is exercise]
        gone = taken_back(everybody, first)
        mine = [event for event in everybody if event["id"] not in gone]
        by_id = {event["id"]: event for event in of_type("incident", mine)}
        found += found_on_one_side(mine, incidents(list(by_id.values()), first), first)
        whole = {event["id"]: event for event in of_type("incident", everybody)}
        refused += [event for event in by_id.values() if in_circle(event, whole)]
    known = {one.alert.id for one in found}
    dangers = [event for event in of_type("incident", refused) if endangered(event)]
    unverified = [life_at_risk(Case(event, (event["id"],))) for event in dangers]
    found += bulletins.bulletins(first.values(), first)
    return found + list({one.alert.id: one for one in unverified if one.alert.id not in known}.values())


def found_on_one_side(events: Sequence[Event], cases: Sequence[Case], everything: dict[str, Event]) -> Iterator[Found]:
    """Yield the alerts on all real events, or on all of exercises: the two never meet."""
    sightings = [Case(event, (event["id"],)) for event in of_type("sighting", events)]
    changes = of_type("watchlist_entry", events)
    yield from (life_at_risk(case) for case in cases if endangered(case.report))
    reported, seen = vehicles.in_incidents(cases), vehicles.in_sightings(sightings)
    apart = told_apart(events, everything, cases)
    ours = vehicles.vehicles_of(reported, apart)
    yield from vehicles.repeat_vehicles(ours)
    yield from vehicles.known_vehicles_sighted(ours, seen, apart)
    yield from vehicles.impossible_journeys(seen)
    yield from convoys.convoys(ours, seen, of_type("sighting", events), apart)
    yield from watchlist.vehicle_hits(changes, [*reported, *seen])

    people = persons.readable([*cases, *sightings])
    void = persons.void_documents(people)
    suspects = [one._replace(subject=persons.without(one.subject, void)) for one in persons.suspects(people)]
    yield from watchlist.person_hits(changes, suspects, void)

    identities = persons.identities([one for one in suspects if one.case.report["type"] == "incident"], apart)
    passing = [one for one in suspects if one.case.report["type"] == "sighting"]
    yield from persons.repeat_persons(identities)
    yield from persons.known_persons_sighted(identities, passing, apart)
    yield from conflicts.identity_conflicts(people)
    of_interest = [vehicles.involved(one, {"used", "stolen"}) for one in ours]
    yield from surges.surges(cases, [*of_interest, *identities])
    used = [links.Subject(vehicles.involved(one, {"used"}), 90, chains.never) for one in ours]
    someone = [links.Subject(one, 365, persons.by_name) for one in identities]
    yield from links.linked_incidents([*used, *someone], [*of_interest, *identities])


def of_type(name: str, events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event["type"] == name]
