"""Need to know: the one function that decides what a contact point may see of an alert.

It is asked when a delivery is made and again whenever the record is fetched. Handling codes are Europol's: H2 forbids
sharing without the originator's permission, which is recorded (`consumers.permissions`). The streams make an edition
of the alert from the evidence that its readers may see; what is H2 of somebody else in it all the same goes no further.
Danger to life is never withheld, but then only what protects is told: place, time, vehicle, direction and
numbers, without persons and without the source.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from schemas.alerts import Alert, AlertKind, Edition

_PROTECTION_FIELDS: Final = (
    "type",
    "schema_version",
    "id",
    "revision",
    "status",
    "withdrawn_reason",
    "superseded_by",
    "kind",
    "severity",
    "score",
    "summary",
    "rules_version",
    "exercise",
    "handling_codes",
    "handling",
    "life_at_risk",
    "opened_at",
    "updated_at",
    "valid_until",
)
_RECALL_FIELDS: Final = ("type", "schema_version", "id", "revision", "status", "kind", "exercise", "updated_at")
_PROTECTION_OCCURRENCE: Final = ("type", "station", "country", "occurred_at", "direction")
_PROTECTION_SUBJECTS: Final = ("vehicle", "station")


class View(StrEnum):
    """How much is shown."""

    FULL = "full"
    PROTECTION_EXTRACT = "protection_extract"
    RECALL = "recall"
    WITHHELD = "withheld"


class AudienceReason(StrEnum):
    """Why that much; also a metric label."""

    NO_RESTRICTION = "no_restriction"
    OWN_INFORMATION = "own_information"
    PERMITTED = "permitted"
    PROTECTION_OF_LIFE = "protection_of_life"
    WAS_TOLD_BEFORE = "was_told_before"
    NO_PERMISSION = "no_permission"
    ANOTHER_EDITION = "another_edition"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Audience:
    """What a contact point may see, and why."""

    view: View
    reason: AudienceReason


def decide(
    edition: Edition, contact_point: str, *, told_before: bool = False, granted_by: Collection[str] = ()
) -> Audience:
    """Return what this contact point may see of this edition of an alert.

    `granted_by` are the originators who let it see their H2 information in this alert: it reads their editions then,
    and no longer the common one. Whoever holds an earlier revision learns at least that the alert is withdrawn,
    whatever has joined the evidence since: what was told in error must not stand.
    """
    alert = edition.alert
    if not _reads(edition, contact_point, granted_by):
        return Audience(View.WITHHELD, AudienceReason.ANOTHER_EDITION)
    if "H2" not in alert.handling_codes:
        return Audience(View.FULL, AudienceReason.NO_RESTRICTION)
    if alert.restricted_by and set(alert.restricted_by) <= {contact_point, *granted_by}:
        own = alert.restricted_by == (contact_point,)
        return Audience(View.FULL, AudienceReason.OWN_INFORMATION if own else AudienceReason.PERMITTED)
    if alert.kind is AlertKind.LIFE_AT_RISK:
        return Audience(View.PROTECTION_EXTRACT, AudienceReason.PROTECTION_OF_LIFE)
    if told_before and alert.status == "withdrawn":
        return Audience(View.RECALL, AudienceReason.WAS_TOLD_BEFORE)
    return Audience(View.WITHHELD, AudienceReason.NO_PERMISSION)


def _reads(edition: Edition, contact_point: str, granted_by: Collection[str]) -> bool:
    if edition.reader:
        return edition.reader == contact_point or edition.reader in granted_by
    return edition.is_for(contact_point) and not set(edition.apart) & set(granted_by)


def visible(alert: Alert, view: View) -> dict[str, Any] | None:
    """Return the alert as JSON data, as far as `view` shows it; None where it shows nothing."""
    if view is View.WITHHELD:
        return None
    whole: dict[str, Any] = alert.model_dump(mode="json", exclude_none=True)
    if view is View.FULL:
        return whole
    # Extracts are built from what is allowed, so that a new field is hidden until it is allowed here.
    if view is View.RECALL:
        return {name: whole[name] for name in _RECALL_FIELDS}
    extract: dict[str, Any] = {name: whole[name] for name in _PROTECTION_FIELDS if name in whole}
    extract["subjects"] = [
        {name: subject[name] for name in ("kind", "label", "identifiers")}
        for subject in whole["subjects"]
        if subject["kind"] in _PROTECTION_SUBJECTS
    ]
    extract["occurrences"] = [
        {name: occurrence[name] for name in _PROTECTION_OCCURRENCE if name in occurrence}
        for occurrence in whole["occurrences"]
    ]
    extract["reasons"] = [{"rule": "life_at_risk", "text": "A report says that life is at risk."}]
    return extract
