"""The notice as a CAP 1.2 message (OASIS Common Alerting Protocol), POSTed and signed as a webhook is.

Of CAP's three judgements two are read off the alert:

severity   critical → Extreme, high → Severe, medium → Moderate, low → Minor
urgency    withdrawn → Past; danger to life or critical → Immediate; high → Expected; else → Future
certainty  Unknown, always: a notice does not say how sure it is; the record does

A message that is withdrawn cancels, and a later revision updates, the delivery that its contact point had before
(`references`; CAP wants one in both). Who had none before is given an Alert: there is nothing to update.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from lxml import etree
from pydantic import ValidationError

from consumers.channels.posting import SignedPosts
from consumers.contact_points import ContactPoint, Language
from consumers.languages import tag
from consumers.notice import Notice, parse
from consumers.outbox import Claim, SendOutcome, SendResult
from consumers.wording import endangers_life, link, word
from schemas.alerts import Severity

NAMESPACE: Final = "urn:oasis:names:tc:emergency:cap:1.2"
SCHEMA: Final = Path(__file__).with_name("CAP-v1.2.xsd")
CONTENT_TYPE: Final = "application/cap+xml"

_SEVERITIES: Final = {
    Severity.CRITICAL: "Extreme",
    Severity.HIGH: "Severe",
    Severity.MEDIUM: "Moderate",
    Severity.LOW: "Minor",
}
_PARAMETERS: Final = (
    "sequence",
    "alert",
    "revision",
    "status",
    "superseded_by",
    "kind",
    "severity",
    "view",
    "digest",
    "reply",
)

Fields = Mapping[str, "str | list[str] | Fields | list[Fields] | None"]


class CapChannel(SignedPosts):
    """Sends deliveries as CAP."""

    def __init__(self, public_url: str, timeout_seconds: float) -> None:
        super().__init__(timeout_seconds)
        self._public_url = public_url

    async def send(self, contact_point: ContactPoint, claimed: Claim, now: datetime) -> SendResult:
        """Send one delivery and say how that ended; raises nothing that a receiver can cause."""
        if contact_point.cap is None:  # taken out of the file: what is for it waits until it is back
            return SendResult(SendOutcome.UNCONFIGURED)
        try:
            document = compose(parse(claimed.payload), contact_point.language, self._public_url)
        except ValidationError:
            return SendResult(SendOutcome.INVALID)
        if not is_valid(document):
            return SendResult(SendOutcome.INVALID)
        return await self.post(contact_point.cap, claimed.id, written(document), CONTENT_TYPE, now)


def compose(notice: Notice, language: Language, public_url: str) -> etree._Element:
    """Return the notice as CAP; one notice gives one document."""
    told, wording = notice.data, word(notice, language, public_url)
    sender = urlsplit(public_url).hostname or ""
    previous = told.previous
    kind = "Alert" if previous is None else "Cancel" if told.status == "withdrawn" else "Update"
    said = told.model_dump(mode="json", exclude_none=True)
    parameters: list[Fields] = [
        {"valueName": f"brdo:{name}", "value": str(said[name])} for name in _PARAMETERS if name in said
    ]
    alert: Fields = {
        "identifier": told.delivery,
        "sender": sender,
        "sent": _instant(notice.timestamp),
        "status": "Exercise" if told.exercise else "Actual",
        "msgType": kind,
        "scope": "Private",
        "addresses": told.contact_point,
        "references": f"{sender},{previous.delivery},{_instant(previous.timestamp)}" if previous else None,
        "incidents": " ".join(alert for alert in (told.alert, told.superseded_by) if alert),
        "info": {
            "language": tag(language),
            "category": ["Security", *(["Rescue"] if endangers_life(notice) else [])],
            "event": wording.kind,
            "responseType": "Assess",
            "urgency": _urgency(notice),
            "severity": _SEVERITIES[told.severity],
            "certainty": "Unknown",
            "headline": wording.subject,
            "description": wording.description,
            "web": link(notice, public_url),
            "parameter": parameters,
        },
    }
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _fill(root, alert)
    return root


def is_valid(document: etree._Element) -> bool:
    """Whether OASIS's schema accepts it."""
    return _schema().validate(document)


def written(document: etree._Element) -> str:
    """Return the document as it is sent, in UTF-8."""
    return etree.tostring(document, xml_declaration=True, encoding="UTF-8", pretty_print=True).decode()


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def _fill(parent: etree._Element, fields: Fields) -> None:
    """Add the fields in their order; one that has several values stands there several times."""
    for name, value in fields.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
            if isinstance(one, Mapping):
                _fill(element, one)
            else:
                element.text = one


def _urgency(notice: Notice) -> str:
    if notice.data.status == "withdrawn":
        return "Past"
    if endangers_life(notice) or notice.data.severity is Severity.CRITICAL:
        return "Immediate"
    return "Expected" if notice.data.severity is Severity.HIGH else "Future"


def _instant(at: datetime) -> str:
    """Return a time as CAP writes it: whole seconds, and UTC as -00:00 (section 3.3.2)."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}-00:00"
