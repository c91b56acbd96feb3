"""Who is possibly the person of an alert, on dense random histories: a brute force over all pairs, and any order."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import oracle.persons as judge
import pytest
from mixed_traffic import mixed_events, with_retractions, with_verdicts
from offline_rig import RULES, told
from oracle.alerts import Appearance
from oracle.reports import Case, Event, at, incidents
from oracle.retractions import taken_back
from oracle.verdicts import parted, told_apart

from schemas.alerts import Alert
from schemas.subjects import Person
from streams.matching.blocking import blocking_keys
from streams.matching.comparison import compare
from streams.matching.persons import Facts, facts_of
from streams.matching.verdicts import Verdict
from streams.offline import OfflineLine
from streams.rules import Rules

SEEDS = range(12)
PERSON_KINDS = {"repeat_person", "known_person_sighted", "watchlist_hit"}
POSSIBLY, TOO_MANY = "Possibly the same person as in report ", "too many"


def rules(**limits: int) -> Rules:
    return RULES.model_copy(update={"possible_person": RULES.possible_person.model_copy(update=limits)})


def history(seed: int) -> list[Event]:
    chance = random.Random(seed)
    events = mixed_events(chance, 60)
    for event in events:
        if event["type"] == "incident" and chance.random() < 0.3:
            event["handling"] = chance.choice(("H0", "H2"))
    return with_verdicts(chance, with_retractions(chance, events, 0.05), 0.2)


def alerts_on_persons(events: Sequence[Event], by: Rules) -> dict[str, Alert]:
    line = OfflineLine(by)
    for event in events:
        told(line, event)
    alerts = [alert for alert in line.open_alerts if alert.kind in PERSON_KINDS]
    return {alert.id: alert for alert in alerts if alert.subjects[0].kind == "person"}


class Side:
    """What is real, or an exercise's, by the contract."""

    def __init__(self, events: Sequence[Event], *, exercise: bool) -> None:
        first: dict[str, Event] = {}
        for event in events:
            first.setdefault(event["id"], event)
        mine = [event for event in first.values() if event.get("exercise", False) is exercise]
        gone = taken_back(mine, first)
        mine = [event for event in mine if event["id"] not in gone]
        cases = incidents([event for event in mine if event["type"] == "incident"], first)
        seen = [Case(event, (event["id"],)) for event in mine if event["type"] == "sighting"]
        self.apart = told_apart(mine, first, cases)
        people = judge.readable([*cases, *seen])
        void = judge.void_documents(people)
        self.void = {"/".join(document) for document in void}
        self.suspects = [one._replace(subject=judge.without(one.subject, void)) for one in judge.suspects(people)]
        self.met = [one for one in self.suspects if one.case.report["type"] == "incident"]
        self.identities = judge.identities(self.met, self.apart)

    def possible(self, alert: Alert) -> set[str]:
        """Return the reports in which somebody is possibly the person of the alert, whatever is found by blocking."""
        places = {(one.event, one.subject) for one in alert.subjects[0].appearances}
        said = [one for one in self.suspects if (one.case.report["id"], one.position) in places]
        groups = [
            group for group in self.identities if any(self.agree(one, member) for one in said for member in group)
        ]
        person = [*said, *(member for group in groups for member in group)]
        newest = max(at(one.case.report) for one in said)
        if alert.subjects[0].safeguarding or any(young(one, newest) for one in person):
            return set()
        named = {one.case.report["id"] for one in person}
        return {
            other.case.report["id"]
            for other in self.met
            if other.case.report["id"] not in named and other.case.report.get("handling", "H1") in {"H0", "H1"}
            if other.case.report["kind"] != "return_or_readmission"
            if not parted(person, (group := self.whole(other)), self.apart)
            if not any(young(one, at(other.case.report)) for one in group)
            if any(self.alike(one, other) for one in said)
        }

    def agree(self, one: Appearance, other: Appearance) -> bool:
        return judge.agree(one.subject, other.subject)

    def whole(self, one: Appearance) -> list[Appearance]:
        return next(group for group in self.identities if one in group)

    def alike(self, one: Appearance, other: Appearance) -> bool:
        mine, theirs = facts(one), facts(other)
        share = blocking_keys(mine) & blocking_keys(theirs)
        return bool(share) and compare(mine, theirs, self.void).verdict is Verdict.POSSIBLE


def facts(one: Appearance) -> Facts:
    person = Person.model_validate(judge.written(one), strict=False)
    return facts_of(person, today=at(one.case.report).date())


def young(one: Appearance, moment: Any) -> bool:
    born = facts(one).birth_date
    if born is None:
        return False
    latest = f"{born}-12-31" if len(born) == len("2000") else f"{born}-31"[:10]
    return latest > f"{moment.year - 18}{moment:-%m-%d}"


def listed(alert: Alert) -> Iterator[str]:
    return (note.removeprefix(POSSIBLY).split(" ")[0] for note in alert.quality_notes if note.startswith(POSSIBLY))


@pytest.mark.parametrize("seed", SEEDS)
def test_all_are_listed_that_a_brute_force_finds_and_no_more(seed: int) -> None:
    events = history(seed)
    sides = {exercise: Side(events, exercise=exercise) for exercise in (False, True)}
    for alert in alerts_on_persons(events, rules(listed=1000)).values():
        assert set(listed(alert)) == sides[alert.exercise].possible(alert)


@pytest.mark.parametrize("most_alike", [1, 2])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_notes_are_the_same_in_any_order_where_keys_become_over_full_and_cease_to_be(
    seed: int, most_alike: int
) -> None:
    events, by = history(seed), rules(most_alike=most_alike)
    again = random.Random(seed).sample(events * 2, k=2 * len(events))
    one, other = (
        {key: alert.quality_notes for key, alert in alerts_on_persons(each, by).items()} for each in (events, again)
    )
    assert one == other


def test_there_is_something_to_list() -> None:
    """Possibles as well as crowds, so that what stands above says something."""
    alerts = [alert for seed in SEEDS for alert in alerts_on_persons(history(seed), rules(most_alike=2)).values()]
    notes = [note for alert in alerts for note in alert.quality_notes]
    assert min(sum(note.startswith(text) for note in notes) for text in (POSSIBLY, TOO_MANY)) > 5
