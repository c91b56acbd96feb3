"""CAP 1.2: what is sent satisfies OASIS's schema, says what the notice says, and arrives signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from delivery_rig import in_a_loop
from endpoints import Answer, endpoint, secret_of
from hypothesis import given, settings
from lxml import etree
from notices import a_notice, notices
from standardwebhooks.webhooks import Webhook

from consumers.channels.cap import NAMESPACE, SCHEMA, CapChannel, compose, is_valid, written
from consumers.contact_points import Channel, ContactPoint, Language, WebhookAddress
from consumers.notice import Notice
from consumers.outbox import Claim, SendOutcome, SendResult
from schemas.alerts import AlertKind, Severity

URL = "https://brdo.example"
NOW = datetime(2026, 11, 15, 19, 30, tzinfo=UTC)
OASIS = etree.XMLSchema(etree.parse(SCHEMA))
BEFORE = {"delivery": f"dl-{9:020x}", "timestamp": datetime(2026, 11, 14, 8, 0, 0, 123456, tzinfo=UTC)}


def said(notice: Notice, language: Language = Language.ENGLISH) -> dict[str, str]:
    """Return what a receiver reads: each leaf by its name, several values of one joined."""
    document = etree.fromstring(written(compose(notice, language, URL)).encode())
    OASIS.assertValid(document)
    leaves: dict[str, str] = {}
    for element in document.iter():
        if len(element) == 0:
            name = etree.QName(element).localname
            leaves[name] = f"{leaves[name]} | {element.text}" if name in leaves else str(element.text)
    return leaves


async def sent(url: str, payload: str) -> SendResult:
    point = ContactPoint("SI", "Slovenia", cap=WebhookAddress(url, secret_of("SI")))
    claim = Claim(f"dl-{1:020x}", "test", "SI", Channel.CAP, payload, 1, NOW)
    async with CapChannel(URL, 5) as cap:
        return await cap.send(point, claim, NOW)


def test_a_notice_in_cap_is_this() -> None:
    notice = a_notice(revision=2, previous=BEFORE, exercise=True)
    assert said(notice) == {
        "identifier": "dl-00000000000000000001",
        "sender": "brdo.example",
        "sent": "2026-11-15T19:25:03-00:00",
        "status": "Exercise",
        "msgType": "Update",
        "scope": "Private",
        "addresses": "SI",
        "references": "brdo.example,dl-00000000000000000009,2026-11-14T08:00:00-00:00",
        "incidents": "al-00000000000000000002",
        "language": "en",
        "category": "Security",
        "event": "Vehicle seen in several incidents",
        "responseType": "Assess",
        "urgency": "Expected",
        "severity": "Severe",
        "certainty": "Unknown",
        "headline": "EXERCISE: Border alert: Vehicle seen in several incidents (high, revision 2)",
        "description": (
            "This is an exercise: nothing of it has happened.\n"
            "The record is at the link below, for your contact point alone. Each look at it is written down."
        ),
        "web": "https://brdo.example/v1/deliveries/dl-00000000000000000001",
        "valueName": " | ".join(
            f"brdo:{name}" for name in ("sequence", "alert", "revision", "status", "kind", "severity", "view", "digest")
        ),
        "value": (
            "17 | al-00000000000000000002 | 2 | open | repeat_vehicle | high | full | "
            "sha-256=0000000000000000000000000000000000000000000="
        ),
    }


@settings(deadline=None)
@given(notice=notices)
def test_every_notice_is_valid_in_every_language(notice: Notice) -> None:
    for language in Language:
        leaves = said(notice, language)
        assert leaves["language"] == language.replace("_", "-")
        assert len(leaves["headline"]) <= 160  # what CAP suggests for small screens


@pytest.mark.parametrize("kind", AlertKind)
@pytest.mark.parametrize("severity", Severity)
@pytest.mark.parametrize("status", ["open", "withdrawn"])
def test_every_kind_severity_and_status_is_valid(kind: AlertKind, severity: Severity, status: str) -> None:
    for exercise in (True, False):
        leaves = said(a_notice(kind=kind, severity=severity, status=status, exercise=exercise, previous=BEFORE))
        assert leaves["status"] == ("Exercise" if exercise else "Actual")
        assert leaves["msgType"] == ("Cancel" if status == "withdrawn" else "Update")
        assert (
            leaves["severity"]
            == {"critical": "Extreme", "high": "Severe", "medium": "Moderate", "low": "Minor"}[severity]
        )
        life = kind is AlertKind.LIFE_AT_RISK
        urgency = "Immediate" if life or severity == "critical" else "Expected" if severity == "high" else "Future"
        assert leaves["urgency"] == ("Past" if status == "withdrawn" else urgency)
        assert leaves["category"] == ("Security | Rescue" if life else "Security")


@settings(deadline=None)
@given(notice=notices)
def test_what_updates_or_cancels_says_what(notice: Notice) -> None:
    """CAP wants it (section 3.2.1); who was told of nothing before gets an alert that stands alone."""
    leaves = said(notice)
    assert (leaves["msgType"] == "Alert") == ("references" not in leaves) == (notice.data.previous is None)


def test_what_references_name_is_what_the_earlier_message_called_itself() -> None:
    earlier = a_notice(delivery=f"dl-{9:020x}", timestamp=BEFORE["timestamp"])
    first, second = said(earlier), said(a_notice(revision=2, previous=BEFORE))
    assert second["references"] == f"{first['sender']},{first['identifier']},{first['sent']}"


def test_an_alert_that_goes_on_as_another_names_both() -> None:
    other = f"al-{3:020x}"
    leaves = said(a_notice(status="withdrawn", superseded_by=other, previous=BEFORE))
    assert leaves["incidents"] == f"al-{2:020x} {other}"
    assert other in leaves["description"]


@in_a_loop
async def test_it_arrives_signed_and_the_same_each_time() -> None:
    async with endpoint(Answer(503), Answer(204)) as server:
        assert await sent(server.url, a_notice().text()) == SendResult(SendOutcome.FAILED, 503)
        assert await sent(server.url, a_notice().text()) == SendResult(SendOutcome.DELIVERED, 204)
    first, second = server.requests
    assert first.body == second.body
    assert first.headers["content-type"] == "application/cap+xml"
    signature = Webhook(secret_of("SI")).sign(first.webhook_id, NOW, first.body.decode())
    assert first.headers["webhook-signature"] == signature
    OASIS.assertValid(etree.fromstring(first.body))


@pytest.mark.parametrize("payload", ["{}", '{"alert": "SK1717ZZ"}', "", a_notice().text().replace("SI", "S I")])
@in_a_loop
async def test_what_is_no_notice_is_not_sent(payload: str) -> None:
    async with endpoint() as server:
        assert await sent(server.url, payload) == SendResult(SendOutcome.INVALID)
        assert not server.requests


@in_a_loop
async def test_what_the_schema_refuses_is_not_sent() -> None:
    """A receiver that validates would drop it; better that somebody here is told."""
    async with endpoint() as server:
        point = ContactPoint("SI", "Slovenia", cap=WebhookAddress(server.url, secret_of("SI")))
        claim = Claim(f"dl-{1:020x}", "test", "SI", Channel.CAP, a_notice().text(), 1, NOW)
        async with CapChannel("https://brdo.example/%zz:[", 5) as cap:  # no URI
            assert await cap.send(point, claim, NOW) == SendResult(SendOutcome.INVALID)
        assert not server.requests


def test_the_schema_is_the_one_that_decides() -> None:
    document = compose(a_notice(), Language.ENGLISH, URL)
    assert is_valid(document)
    element = document.find(f"{{{NAMESPACE}}}sent")
    assert element is not None
    element.text = (NOW + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
    assert not is_valid(document)
