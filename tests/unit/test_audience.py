"""Need to know: what a contact point may see."""

import pytest
from factory import a_vehicle, an_alert, an_incident, at
from hypothesis import given
from hypothesis import strategies as st

from consumers.audience import Audience, AudienceReason, View, decide, visible
from schemas.alerts import Alert, AlertKind, Edition, Subject

SECRET = {"handling": "H2", "evaluation": {"source": "A", "information": 1}, "narrative": "from our informant"}


def seen_by(alert: Alert, contact_point: str, *, told_before: bool = False) -> Audience:
    """Return what is decided of an alert that nothing parts."""
    return decide(Edition(alert=alert), contact_point, told_before=told_before)


def a_repeat(**last: object) -> Alert:
    return an_alert(an_incident(vehicles=[a_vehicle()]), an_incident(vehicles=[a_vehicle()], occurred_at=at(3), **last))


def a_danger(**fields: object) -> Alert:
    return an_alert(an_incident(life_at_risk=True, vehicles=[a_vehicle()], people={"smuggled": 9}, **fields))


@pytest.mark.parametrize("code", ["H0", "H1"])
def test_without_h2_everything_is_shown_to_whoever_is_told(code: str) -> None:
    audience = seen_by(a_repeat(handling=code), "HR")
    assert (audience.view, audience.reason) == (View.FULL, AudienceReason.NO_RESTRICTION)


def test_h2_is_the_originators_own_and_nobody_elses() -> None:
    alert = a_repeat(**SECRET)
    assert seen_by(alert, "SI").view is View.FULL
    withheld = seen_by(alert, "HR")
    assert (withheld.view, withheld.reason) == (View.WITHHELD, AudienceReason.NO_PERMISSION)
    assert visible(alert, withheld.view) is None


def test_h2_beside_what_anybody_may_know_is_shown_to_its_originator_alone() -> None:
    alert = a_repeat(**SECRET, originator="EUROPOL")
    assert (alert.originators, alert.restricted_by) == (("EUROPOL", "SI"), ("EUROPOL",))
    assert [seen_by(alert, code).view for code in ("EUROPOL", "SI")] == [View.FULL, View.WITHHELD]


def test_h2_of_two_originators_is_withheld_from_each_of_them() -> None:
    alert = an_alert(
        an_incident(vehicles=[a_vehicle()], **SECRET),
        an_incident(vehicles=[a_vehicle()], occurred_at=at(3), **SECRET, originator="EUROPOL"),
    )
    assert alert.restricted_by == ("EUROPOL", "SI")
    assert {seen_by(alert, code).view for code in ("SI", "EUROPOL")} == {View.WITHHELD}


def test_whoever_was_told_before_learns_of_the_withdrawal_and_of_nothing_else() -> None:
    alert = a_repeat(**SECRET).model_copy(update={"status": "withdrawn", "revision": 3, "superseded_by": "al-x"})
    audience = seen_by(alert, "HR", told_before=True)
    assert (audience.view, audience.reason) == (View.RECALL, AudienceReason.WAS_TOLD_BEFORE)
    recall = visible(alert, audience.view)
    assert recall is not None
    assert set(recall) == {"type", "schema_version", "id", "revision", "status", "kind", "exercise", "updated_at"}
    assert (recall["id"], recall["revision"], recall["status"]) == (alert.id, 3, "withdrawn")
    assert seen_by(alert, "HR").view is View.WITHHELD
    assert seen_by(alert.model_copy(update={"status": "open"}), "HR", told_before=True).view is View.WITHHELD


def test_danger_to_life_is_told_all_the_same_as_an_extract_that_protects_and_no_more() -> None:
    alert = a_danger(**SECRET, persons=[{"status": "victim", "family_name": "Qarri"}])
    audience = seen_by(alert, "HR")
    assert audience.view is View.PROTECTION_EXTRACT
    extract = visible(alert, audience.view)
    assert extract is not None
    assert not {"originators", "evaluation", "evidence", "quality_notes"} & set(extract)
    assert extract["summary"] == (
        "Life at risk: migrant smuggling at Obrežje (SI) on 1 May 2026 08:00 UTC; "
        "9 smuggled people, LJ AB-123 (SI) aboard or near."
    )
    assert [subject["label"] for subject in extract["subjects"]] == ["LJ AB-123 (SI)", "Obrežje (SI)"]
    assert extract["reasons"] == [{"rule": "life_at_risk", "text": "A report says that life is at risk."}]
    assert (extract["occurrences"][0]["station"], extract["handling"]) == ("SI-OBR", "H2")
    assert alert.evidence[0] not in str(extract)


def test_each_contact_point_reads_the_edition_that_is_for_it_and_no_other() -> None:
    """Whatever it would otherwise be allowed to see, and although it was told of the alert before."""
    alert = a_repeat()
    common, own = Edition(alert=alert, apart=("SI",)), Edition(alert=alert, reader="SI")
    assert [decide(one, "HR", told_before=True).view for one in (common, own)] == [View.FULL, View.WITHHELD]
    assert [decide(one, "SI", told_before=True).view for one in (common, own)] == [View.WITHHELD, View.FULL]
    assert decide(own, "HR").reason is AudienceReason.ANOTHER_EDITION


def test_the_whole_is_the_whole() -> None:
    alert = a_danger()
    assert visible(alert, View.FULL) == alert.model_dump(mode="json", exclude_none=True)


def test_the_extract_lists_its_fields_one_by_one_and_no_person() -> None:
    """A field that somebody adds to alerts is hidden until it is allowed."""
    person = Subject(kind="person", label="Testna Oseba", identifiers=(), appearances=())
    extract = visible(a_danger(**SECRET).model_copy(update={"subjects": (person,)}), View.PROTECTION_EXTRACT)
    assert extract is not None
    assert "Testna" not in str(extract)
    assert extract.keys() <= {
        *("type", "schema_version", "id", "revision", "status", "withdrawn_reason", "superseded_by", "kind"),
        *("severity", "score", "summary", "rules_version", "exercise", "handling_codes", "handling", "life_at_risk"),
        *("opened_at", "updated_at", "valid_until", "subjects", "occurrences", "reasons"),
    }


CODES = ("AT", "HR", "SI", "EUROPOL")
ALERT = a_danger()


@given(
    codes=st.sets(st.sampled_from(["H0", "H1", "H2", "H3"]), min_size=1),
    originators=st.sets(st.sampled_from(CODES), min_size=1),
    kind=st.sampled_from(AlertKind),
    contact_point=st.sampled_from(CODES),
)
def test_h2_is_never_shown_whole_to_another_and_danger_never_withheld(
    codes: set[str], originators: set[str], kind: AlertKind, contact_point: str
) -> None:
    """Whatever the alert: under H2 only its sole originator sees it whole, and danger to life reaches everybody."""
    changes = {"handling_codes": tuple(codes), "originators": tuple(originators), "kind": kind}
    view = seen_by(ALERT.model_copy(update=changes), contact_point).view
    assert view is not View.FULL or "H2" not in codes or originators == {contact_point}
    assert view is not View.WITHHELD or kind is not AlertKind.LIFE_AT_RISK
