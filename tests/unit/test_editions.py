"""Each contact point holds the alerts computed from the evidence that it may see, and learns nothing of the rest."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pytest
from factory import NOW, a_person, a_sighting, a_vehicle, an_entry, an_incident, at
from offline_rig import RULES, played, told

from consumers.audience import View, decide, visible
from schemas import topics
from schemas.alerts import Edition
from streams.offline import OfflineLine

Said = dict[str, Any]
SECRET_PLATE = "ZG 9999-QQ"


def crime(name: str, day: float, **more: Any) -> Said:
    return an_incident(**{"id": name, "occurred_at": at(day), "vehicles": [a_vehicle()], **more})


def secret(name: str, day: float, **more: Any) -> Said:
    """Return what its originator, by default Hungary, shares with nobody."""
    return crime(name, day, **{"station": "HU-TOM", "handling": "H2", **more})


def retracted(name: str, by: str, number: int = 1) -> Said:
    return {
        "type": "retraction",
        "schema_version": "1.0",
        "id": f"R-{number}",
        "at": at(9),
        "originator": by,
        "officer": "an officer",
        "retracts": name,
        "reason": "entered_in_error",
    }


def editions(events: Iterable[Said]) -> list[Edition]:
    line = OfflineLine(RULES)
    records = [record for event in events for record in told(line, event)]
    return [Edition.model_validate_json(one.value) for one in records if one.topic == topics.EDITIONS.name]


def read_by(contact_point: str, events: Iterable[Said]) -> list[tuple[str, int, str, str]]:
    """Return what a contact point reads, in order: kind, revision, status and evidence."""
    mine = [one.alert for one in editions(events) if one.is_for(contact_point)]
    return [(one.kind.value, one.revision, one.status, " ".join(one.evidence)) for one in mine]


def shown(contact_point: str, events: Iterable[Said]) -> str:
    """Return all that a contact point is shown."""
    whole = editions(events)
    return repr([visible(one.alert, decide(one, contact_point, told_before=True).view) for one in whole])


THREE = [crime("A", 0), crime("B", 1, station="HR-BRE"), secret("H", 2)]


def test_who_may_see_two_of_three_is_told_of_two_and_the_originator_of_all() -> None:
    assert read_by("SI", THREE) == [("repeat_vehicle", 1, "open", "A B")]
    assert read_by("HU", THREE) == [("repeat_vehicle", 1, "open", "A B"), ("repeat_vehicle", 2, "open", "A B H")]
    assert [alert.evidence for alert in played(THREE).open_alerts] == [("A", "B", "H")], "outside tools see the whole"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (0, 2, 1)])
def test_nothing_that_others_are_shown_hints_at_what_they_may_not_see(order: tuple[int, ...]) -> None:
    """No id, place, plate, person or number of it, whatever comes first, and no revision that would not be without."""
    events = [THREE[0], THREE[1], {**THREE[2], "persons": [a_person(family_name="Skrivni", document="X-77")]}]
    events[2]["vehicles"] = [a_vehicle(), a_vehicle(SECRET_PLATE, "HR")]
    mixed = [events[number] for number in order]
    for code in ("SI", "HR", "RS", "EUROPOL"):
        said = shown(code, mixed)
        for word in ("'H'", "HU-TOM", "Tompa", "9999", "Skrivni", "X-77", "H2", "HU"):
            assert word not in said
        assert read_by(code, mixed) == read_by(code, [one for one in mixed if one["id"] != "H"])
    assert "Tompa" in shown("HU", mixed)


def test_where_what_is_hidden_is_earliest_the_two_have_alerts_of_different_ids() -> None:
    """The late one supersedes the originator's alert; others keep theirs, and are told nothing."""
    events = [crime("A", 1), crime("B", 2), secret("H", 0)]
    first, successor, gone = editions(events)
    assert [(one.alert.status, one.reader) for one in (successor, gone)] in (
        [("open", "HU"), ("withdrawn", "HU")],
        [("withdrawn", "HU"), ("open", "HU")],
    )
    assert read_by("SI", events) == [("repeat_vehicle", 1, "open", "A B")]
    assert first.alert.id not in {alert.id for alert in played(events).open_to("HU")}
    assert [alert.id for alert in played(events).open_to("SI")] == [first.alert.id]


def test_when_it_is_taken_back_others_are_told_nothing_and_the_originator_once() -> None:
    events = [*THREE, retracted("H", "HU")]
    assert read_by("SI", events) == [("repeat_vehicle", 1, "open", "A B")]
    assert read_by("HU", events)[2:] == [("repeat_vehicle", 3, "open", "A B")]


def test_when_what_all_may_see_is_taken_back_each_learns_what_is_left_for_it() -> None:
    events = [*THREE, retracted("B", "HR")]
    assert read_by("SI", events)[1:] == [("repeat_vehicle", 2, "withdrawn", "A B")]
    assert read_by("HU", events)[2:] == [("repeat_vehicle", 3, "open", "A H")]


def test_h2_of_two_is_whole_for_nobody_and_each_sees_its_own_beside_what_all_see() -> None:
    events = [crime("A", 0), secret("H", 1), secret("G", 2, station="MK-TAB")]
    held = {code: [alert.evidence for alert in played(events).open_to(code)] for code in ("HU", "MK", "SI")}
    assert held == {"HU": [("A", "H")], "MK": [("A", "G")], "SI": []}
    assert "'G'" not in shown("HU", events)


def test_who_parts_later_goes_on_in_its_own_edition_where_the_common_one_stood() -> None:
    events = [*THREE, crime("C", 3), secret("G", 4, station="MK-TAB")]
    assert [(revision, evidence) for _, revision, _, evidence in read_by("MK", events)] == [
        (1, "A B"),
        (2, "A B C"),
        (3, "A B C G"),
    ]
    assert [(revision, evidence) for _, revision, _, evidence in read_by("SI", events)] == [(1, "A B"), (2, "A B C")]


def test_a_relay_is_to_whoever_may_not_see_the_original_a_report_of_its_own() -> None:
    """The original's words hold for who may see them; the id of a relay that is H2 is in nobody else's evidence."""
    original = secret("H", 0, originator="EUROPOL")
    relay = crime("Y", 0, relay_of="H", kind="document_fraud")
    events = [original, relay, crime("A", 1)]
    assert [alert.evidence for alert in played(events).open_to("SI")] == [("A", "Y")]
    assert [alert.evidence for alert in played(events).open_to("EUROPOL")] == [("A", "H", "Y")]
    turned = [crime("Y", 0), secret("H", 0, relay_of="Y"), crime("A", 1)]
    assert [alert.evidence for alert in played(turned).open_to("SI")] == [("A", "Y")]
    assert [alert.evidence for alert in played(turned).open_to("HU")] == [("A", "H", "Y")]


def test_an_update_that_is_hidden_leaves_the_earlier_report_to_those_who_saw_it() -> None:
    """Also for a passage that only the earlier report makes of interest: the watch looks out for both plates."""
    update = secret("H", 1, station="SI-OBR", updates="A", vehicles=[a_vehicle(SECRET_PLATE, "HR")])
    passage = a_sighting(id="S", station="SI-GRU", occurred_at=at(2))
    events = [crime("A", 0), update, passage]
    assert read_by("HR", events) == [("known_vehicle_sighted", 1, "open", "A S")]
    assert read_by("SI", events) == []


def test_a_document_that_only_a_hidden_report_makes_doubtful_goes_on_linking_for_everybody_else() -> None:
    besnik = {"family_name": "Hoxha", "given_names": "Besnik", "birth_date": "1990-12-31"}
    other = {"family_name": "Kovač", "given_names": "Ivan", "birth_date": "1971-02-03"}
    events = [
        crime("A", 0, vehicles=[], persons=[a_person(document="P-1", **besnik)]),
        secret("H", 1, vehicles=[], persons=[a_person(document="P-1", **other)]),
        crime("B", 2, vehicles=[], persons=[a_person(document="P-1")]),
    ]
    assert [(alert.kind, alert.evidence) for alert in played(events).open_to("SI")] == [("repeat_person", ("A", "B"))]
    assert [alert.kind for alert in played(events).open_to("HU")] == ["identity_conflict"]


def test_a_hidden_vin_is_no_quality_note_of_others() -> None:
    events = [
        crime("A", 0, vehicles=[a_vehicle(vin="WVWZZZ1KZAW000001")]),
        crime("B", 1, vehicles=[a_vehicle(vin="WVWZZZ1KZAW000001")]),
        secret("H", 200, vehicles=[a_vehicle(vin="VF1AAAAA000000002")]),
    ]
    notes = {
        code: [note for alert in played(events).open_to(code) for note in alert.quality_notes] for code in ("SI", "HU")
    }
    assert notes["SI"] == []
    assert len(notes["HU"]) == 1


def test_a_hidden_entry_hides_its_own_hit_only() -> None:
    entries = [an_entry(id="E", vehicle=a_vehicle()), an_entry(id="H", vehicle=a_vehicle(), handling="H2")]
    passage = a_sighting(id="S", occurred_at=at(1))
    events = [{**entries[0], "originator": "AT"}, entries[1], passage]
    assert read_by("SI", events) == [("watchlist_hit", 1, "open", "E S")]
    assert read_by("RS", events) == [("watchlist_hit", 1, "open", "E H S")]
    assert read_by("SI", events[1:]) == []


def test_a_danger_to_life_reaches_everybody_as_the_extract_that_protects() -> None:
    events = [secret("H", 0, life_at_risk=True, people={"smuggled": 9}, persons=[a_person(family_name="Skrivni")])]
    (edition,) = editions(events)
    views = {code: decide(edition, code).view for code in ("HU", "RS", "FRONTEX")}
    assert views == {"HU": View.FULL, "RS": View.PROTECTION_EXTRACT, "FRONTEX": View.PROTECTION_EXTRACT}
    assert "9 smuggled people" in shown("RS", events)
    assert "Skrivni" not in shown("RS", events)


def test_a_danger_that_a_relay_tells_openly_is_told_whole_beside_the_extract() -> None:
    events = [
        secret("H", 0, life_at_risk=True),
        crime("Y", 0, relay_of="H", life_at_risk=True, people={"injured": 2}),
    ]
    held = played(events).open_to("SI")
    assert sorted((alert.evidence, alert.restricted_by) for alert in held) == [(("H", "Y"), ("HU",)), (("Y",), ())]
    extract = [visible(one.alert, decide(one, "SI").view) for one in editions(events) if one.is_for("SI")]
    assert any(alert and alert.get("evidence") == ["Y"] for alert in extract)
    assert "'H'" not in repr(extract)


def test_a_danger_taken_back_is_withdrawn_for_all() -> None:
    events = [secret("H", 0, life_at_risk=True), retracted("H", "HU")]
    assert played(events).open_to("SI") == ()
    assert [status for _, _, status, _ in read_by("SI", events)] == ["open", "withdrawn"]


def test_a_station_is_told_by_what_its_country_may_see() -> None:
    """A passage in Slovenia, of a vehicle of two reports of which one is Hungary's own; and of one of them alone."""
    passage = a_sighting(id="S", station="SI-GRU", occurred_at=NOW.isoformat())

    def notices(*events: Said) -> list[str]:
        line = played(events)
        return [record.value.decode() for record in told(line, passage) if record.topic == topics.NOTICES.name]

    (notice,) = notices(crime("A", 10), secret("H", 11, kind="human_trafficking"))
    assert notices(crime("A", 10)) == [notice], "as if there were no other report"
    assert notices(secret("H", 11)) == []


def test_the_record_of_an_edition_is_keyed_by_alert_so_that_all_editions_of_one_keep_their_order() -> None:
    line = OfflineLine(RULES)
    records = [record for event in THREE for record in told(line, event) if record.topic == topics.EDITIONS.name]
    assert len({record.key for record in records}) == 1
    assert len({dict(record.headers)["ce_id"] for record in records}) == len(records)


def test_once_an_alert_is_parted_each_revision_names_who_reads_another_edition() -> None:
    by_revision: dict[int, set[tuple[str, tuple[str, ...]]]] = defaultdict(set)
    for edition in editions([*THREE, crime("C", 3)]):
        by_revision[edition.alert.revision].add((edition.reader, edition.apart))
    assert by_revision == {1: {("", ())}, 2: {("HU", ()), ("", ("HU",))}, 3: {("HU", ())}}
