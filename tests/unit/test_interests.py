"""What the case book tells the watch to look out for: how far it reaches, and that every partition is told."""

from typing import Any

import pytest
from factory import DAY_ONE, a_person, a_removal, a_sighting, a_vehicle, an_entry, an_incident, at, stamped
from offline_rig import RULES, played, sent, told

from schemas import topics
from schemas.codec import encode
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.engine.casebook import CaseBook
from streams.engine.watch import Watch
from streams.intake import take_in
from streams.offline import read_back
from streams.watching import watch_interests, watch_passages

BESNIK = {"family_name": "Hoxha", "given_names": "Besnik", "birth_date": "1990-12-31"}
SECOND = 1 / 3600
NAMED = {"persons": [a_person(**BESNIK)]}
NAMED_WITH_DOCUMENT = {"persons": [a_person(document="P-1", **BESNIK)]}
DOCUMENT_ALONE = {"persons": [a_person(document="P-1")]}
VEHICLE = {"vehicles": [a_vehicle()]}
READ = {"vehicle": a_vehicle()}
ANOTHER_CAR = {"vehicle": a_vehicle("LJ ZZ-999")}


def telling(partition: int, records: list[Record]) -> list[bytes]:
    """Return what a partition of the watch is told."""
    return [one.value for one in records if one.topic == topics.INTERESTS.name and one.partition == partition]


def asked_for(*crimes: dict[str, Any]) -> Watch:
    """Return a watch that was told all that a case book asks for after these incidents."""
    casebook, watch = CaseBook(RULES), Watch(RULES)
    for crime in crimes:
        for interest in casebook.apply(stamped(crime)).interests:
            watch_interests(watch, [InputRecord(topics.INTERESTS.name, 0, 0, b"", encode(interest), {})], DAY_ONE)
    return watch


@pytest.mark.parametrize(
    ("reported", "seen", "window"),
    [
        ((NAMED, NAMED), NAMED, 90),
        ((NAMED_WITH_DOCUMENT, DOCUMENT_ALONE), NAMED, 90),
        ((DOCUMENT_ALONE, NAMED_WITH_DOCUMENT), NAMED, 90),
        ((VEHICLE, VEHICLE), READ, 30),
    ],
    ids=["a person", "who was named in the first alone", "who was named in the second alone", "a vehicle"],
)
@pytest.mark.parametrize(("late", "expected"), [(0, True), (SECOND, False)], ids=["the last second", "a second more"])
def test_the_watch_looks_out_until_a_window_after_the_last_incident(
    reported: tuple[dict[str, Any], ...], seen: dict[str, Any], window: int, *, late: float, expected: bool
) -> None:
    """The second incident comes twenty days after the first, so that the window after the first is over."""
    watch = asked_for(*(an_incident(occurred_at=at(20 * number), **said) for number, said in enumerate(reported)))
    passing = a_sighting(id="S-1", occurred_at=at(20 + window, hours=late), **(ANOTHER_CAR | seen))
    passages = [read_back(one) for one in take_in(sent(passing), DAY_ONE)]
    records = watch_passages(watch, passages, DAY_ONE).records
    assert [one.key for one in records if one.topic == topics.CASEBOOK.name] == ([b"S-1"] if expected else [])


def test_each_of_the_four_partitions_of_the_watch_is_told_the_same_of_a_beginning_and_of_an_end() -> None:
    line = played([])
    crime = an_incident(id="I-1", **VEHICLE, **NAMED)
    begun = told(line, crime)
    watched = told(line, an_entry(id="W-1", vehicle=a_vehicle("LJ CD-456")))
    over = told(line, an_incident(updates="I-1", reported_at=at(1)))
    removed = told(line, a_removal("W-1", at=at(2), reason="error"))
    for records, interests in ((begun, 2), (watched, 1), (over, 2), (removed, 1)):
        (one, *others) = [telling(partition, records) for partition in range(4)]
        assert len(one) == interests
        assert others == [one, one, one]
    assert {one.partition for one in begun if one.topic == topics.INTERESTS.name} == {0, 1, 2, 3}
