"""What joins, parts, continues or ends an alert on linked incidents, however far away it happens."""

from factory import a_person, at
from linked import CAR, DRIVER, LINKED, NIKOLA, VAN, assert_raised, crime, never_the_same, taken_back, three
from offline_rig import alert_id, revisions


def test_what_joins_two_networks_continues_them_as_one_and_gone_again_parts_them() -> None:
    """The report in between changes alerts whose other incidents it shares nothing with."""
    here = three()
    there = [crime("K", 5, CAR), crime("L", 7, CAR, a_person(document="X1")), crime("M", 8, a_person(document="X1"))]
    between = crime("T", 12, DRIVER, CAR)
    told = revisions(LINKED, *here, *there, between, taken_back("T"))
    ours, theirs = alert_id("linked_incidents|real|A|vehicles/0|"), alert_id("linked_incidents|real|K|vehicles/0|")
    assert [(one.id, one.revision, one.status, one.withdrawn_reason, one.superseded_by) for one in told] == [
        (ours, 1, "open", None, None),
        (theirs, 1, "open", None, None),
        (ours, 2, "open", None, None),
        (theirs, 2, "withdrawn", "superseded", ours),
        (theirs, 3, "open", None, None),
        (ours, 3, "open", None, None),
    ]
    assert told[2].evidence == ("A", "B", "C", "K", "L", "M", "T")
    assert [one.evidence for one in told[4:]] == [("K", "L", "M"), ("A", "B", "C")]
    assert_raised([*here, *there, between], ("A", "B", "C", "K", "L", "M", "T"))


def test_an_earlier_report_continues_it_as_another_alert() -> None:
    late = crime("Z", -5, VAN)
    *_, fresh, old = revisions(LINKED, *three(), late)
    assert (old.status, old.superseded_by, fresh.id) == (
        "withdrawn",
        fresh.id,
        alert_id("linked_incidents|real|Z|vehicles/0|"),
    )


def test_a_false_match_splits_and_withdraws_it() -> None:
    apart = never_the_same(("A", "vehicles/0"), ("B", "vehicles/0"))
    last = revisions(LINKED, *three(), apart)[-1]
    assert (last.revision, last.status, last.withdrawn_reason) == (2, "withdrawn", "no_longer_supported")
    assert_raised([*three(), apart])
    four = [*three(), crime("D", 12, DRIVER, CAR), crime("E", 15, CAR)]
    assert_raised([*four, apart], ("B", "C", "D", "E"))
    assert_raised([*four, apart, {**taken_back("V-1"), "id": "R-V"}], ("A", "B", "C", "D", "E"))


def test_what_is_taken_back_or_corrected_ends_it() -> None:
    assert_raised([*three(), taken_back("B")])
    corrected = crime("B-2", 3, VAN, updates="B", reported_at=at(4))
    assert_raised([*three(), corrected])
    assert_raised([*three(), crime("B-2", 3, VAN, DRIVER, updates="B", reported_at=at(4))], ("A", "B-2", "C"))


def test_a_relay_is_no_further_incident_but_its_id_is_evidence() -> None:
    relay = crime("B-R", 3, VAN, DRIVER, relay_of="B", station="HR-BRE")
    assert_raised([*three(), relay], ("A", "B", "B-R", "C"))
    assert_raised([*three()[:2], relay])


def test_a_document_with_two_holders_links_nobody() -> None:
    """Word of another holder, far from all of this, withdraws it."""
    by_document = a_person(document="AL1234567")
    events = [crime("A", 0, VAN), crime("B", 3, VAN, DRIVER), crime("C", 9, by_document)]
    assert_raised(events, ("A", "B", "C"))
    assert_raised([*events, crime("X", 40, a_person(document="AL1234567", **NIKOLA) | {"role": "passenger"})])
