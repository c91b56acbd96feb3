"""The whole line against the oracle, on dense mixes: all kinds, any order, and nobody in it who must not be."""

import random
from functools import cache
from typing import Any

import oracle
import pytest
from mixed_traffic import mixed_events, with_bulletins, with_retractions, with_verdicts
from offline_rig import RULES, played, told

from schemas import topics
from schemas.alerts import Alert, Subject
from streams.offline import OfflineLine

SEEDS = range(120)
TOLD_OUTSIDE = (topics.ALERTS.name, topics.NOTICES.name, topics.INTERESTS.name)
PERSON_KINDS = {"repeat_person", "known_person_sighted"}
MARK = "TARABUK"
"""A name that is the same in every spelling of names here."""


def mixed(seed: int) -> list[dict[str, Any]]:
    return mixed_events(random.Random(seed), 60)


@cache
def standing(seed: int) -> tuple[Alert, ...]:
    return played(mixed(seed)).open_alerts


def known(alert: Alert) -> tuple[str, str, tuple[str, ...]]:
    return alert.id, alert.kind.value, alert.evidence


def content(alert: Alert) -> dict[str, Any]:
    """Return all that an alert says, but for what depends on when it was learnt."""
    return alert.model_dump(exclude={"revision", "updated_at"})


def is_protected(person: dict[str, Any]) -> bool:
    return person.get("role") == "smuggled" or person.get("status") in {"victim", "witness"}


def is_suspected(person: dict[str, Any]) -> bool:
    by_part = person.get("role") in {"driver", "organiser", "guide"} or person.get("status") in {"suspect", "convicted"}
    return by_part and not is_protected(person)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_open_alerts_are_what_the_contract_says(seed: int) -> None:
    """Judged by a brute force that shares no code with the engine."""
    assert set(map(known, standing(seed))) == oracle.open_alerts(mixed(seed))


@pytest.mark.parametrize("seed", SEEDS)
def test_order_and_repetition_change_nothing(seed: int) -> None:
    events = mixed(seed)
    shuffled = random.Random(seed + 1000).sample(events * 2, k=2 * len(events))
    assert list(map(content, played(shuffled).open_alerts)) == list(map(content, standing(seed)))


@pytest.mark.parametrize("seed", SEEDS)
def test_every_person_in_an_alert_may_be_suspected_by_the_report_that_names_them(seed: int) -> None:
    events = {event["id"]: event for event in mixed(seed)}
    for alert in standing(seed):
        for subject in alert.subjects:
            if subject.kind == "person":
                assert_may_be_told_of(alert, subject, events)


def assert_may_be_told_of(alert: Alert, subject: Subject, events: dict[str, dict[str, Any]]) -> None:
    for one in subject.appearances:
        report = events[one.event]
        person = report["persons"][int(one.subject.removeprefix("persons/"))]
        if report["type"] == "sighting" or alert.kind == "identity_conflict":  # that is about a document, not a person
            assert not is_protected(person)
        else:
            assert is_suspected(person)
            assert alert.kind not in PERSON_KINDS or report["kind"] != "return_or_readmission"


def test_no_word_of_victims_witnesses_and_smuggled_persons_goes_out() -> None:
    """A name that only they bear stands in nothing that is told to anybody, nor in what the watch looks out for."""
    protected = 0
    for seed in SEEDS[:60]:
        line = OfflineLine(RULES)
        for event in mixed(seed):
            for person in event.get("persons", ()):
                if is_protected(person):
                    person.update(family_name=MARK, given_names=MARK)
                    person["documents"] = [{"type": "passport", "number": MARK, "issuer": "SRB"}]
                    protected += 1
            going_out = [record for record in told(line, event) if record.topic in TOLD_OUTSIDE]
            assert not [record for record in going_out if MARK in f"{record.key!r}{record.value!r}".upper()]
    assert protected > 500, "there is somebody to protect"


@pytest.mark.parametrize("seed", SEEDS[:60])
def test_an_exercise_says_the_same_as_what_is_real_but_for_its_mark(seed: int) -> None:
    """The mark comes first, in the summary and in each reason."""
    events = mixed(seed)
    for event in events:
        event["exercise"] = not event.get("exercise", False)
    flipped = played(events).open_alerts
    assert sorted(map(unmarked, flipped)) == sorted(map(unmarked, standing(seed)))
    for alert in (*flipped, *standing(seed)):
        assert alert.summary.startswith("EXERCISE: ") is alert.exercise
        assert all(reason.text.startswith("EXERCISE: ") is alert.exercise for reason in alert.reasons)
    assert {alert.id for alert in flipped}.isdisjoint(alert.id for alert in standing(seed))


def unmarked(alert: Alert) -> str:
    bare = alert.model_copy(update={"id": "", "revision": 1, "exercise": False})
    return bare.model_dump_json().replace("EXERCISE: ", "")


def judged(seed: int) -> list[dict[str, Any]]:
    chance = random.Random(seed)
    told = with_bulletins(chance, mixed(seed), 0.1)
    return with_verdicts(chance, with_retractions(chance, told, 0.05), 0.2)


@pytest.mark.parametrize("seed", SEEDS)
def test_who_is_told_apart_is_never_one_whatever_the_order(seed: int) -> None:
    """With bulletins and false matches, some retracted, and events taken back: judged by the brute force."""
    events = judged(seed)
    line = played(events)
    assert set(map(known, line.open_alerts)) == oracle.open_alerts(events)
    again = played(random.Random(seed).sample(events, k=len(events)))
    assert list(map(content, again.open_alerts)) == list(map(content, line.open_alerts))


def test_false_matches_change_many_alerts() -> None:
    changed = sum(oracle.open_alerts(judged(seed)) != oracle.open_alerts(mixed(seed)) for seed in range(20))
    assert changed > 10
