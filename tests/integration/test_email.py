"""E-mail over a real SMTP server: what arrives is the notice in words, in the language of who reads it."""

from __future__ import annotations

import json
from email.message import EmailMessage
from pathlib import Path

import pytest
from certificates import Authority
from delivery_rig import in_a_loop
from hypothesis import given, settings
from notices import a_notice, notices
from post_offices import DELIVERED, URL, WRITTEN_AT, Post, a_server, post_office, read, sent

from consumers.channels.email import SmtpServer, compose
from consumers.contact_points import Language
from consumers.notice import Notice
from consumers.outbox import SendOutcome, SendResult
from consumers.wording import word
from schemas.alerts import Severity


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


TEXT = """Border alert: Vehicle seen in several incidents (high)

The record is at the link below, for your contact point alone. Each look at it is written down.

https://brdo.example/v1/deliveries/dl-00000000000000000001

Kind: Vehicle seen in several incidents
Severity: high
As of: 15 November 2026, 19:25 UTC
Alert: al-00000000000000000002
Revision: 1
Delivery: dl-00000000000000000001
Contact point: SI
"""


@in_a_loop
async def test_what_arrives_is_the_notice_in_words_and_nothing_else(authority: Authority) -> None:
    post = Post()
    async with post_office(post, authority.server("localhost")) as port:
        assert await sent(a_server(port, authority)) == DELIVERED
    assert post.encrypted == [True]
    message = post.message()
    assert {name.lower() for name in message.keys()} == {  # noqa: SIM118 - a message is no mapping
        *("from", "to", "subject", "date", "message-id", "auto-submitted", "mime-version", "content-type")
    }
    assert (message["From"], message["To"]) == ("alerts@brdo.example", "duty@si.example")
    assert message["Subject"] == "Border alert: Vehicle seen in several incidents (high)"
    assert message["Message-ID"] == "<dl-00000000000000000001@brdo.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    text, html = message.iter_parts()
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().replace("\r\n", "\n") == TEXT
    assert '<a href="https://brdo.example/v1/deliveries/dl-00000000000000000001">' in html.get_content()


@in_a_loop
async def test_sent_again_it_is_the_same_message(authority: Authority) -> None:
    """So that a mailbox, and a person, know a repetition."""
    post = Post()
    async with post_office(post, authority.server("localhost")) as port:
        for _ in range(2):
            assert await sent(a_server(port, authority)) == DELIVERED
    assert post.taken[0] == post.taken[1]


@in_a_loop
async def test_a_payload_that_says_more_than_a_notice_may_is_not_sent(authority: Authority) -> None:
    said = json.loads(a_notice().text())
    said["data"]["summary"] = "Vehicle SK1717ZZ (MK) is back"
    post = Post()
    async with post_office(post, authority.server("localhost")) as port:
        assert await sent(a_server(port, authority), json.dumps(said)) == SendResult(SendOutcome.INVALID)
    assert not post.taken


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        (Language.SLOVENE, "VAJA: OGROŽENO ŽIVLJENJE: Mejno opozorilo: Konvoj (kritična)", "Stanje: 15. november 2026"),
        (
            Language.SERBIAN_LATIN,
            "VEŽBA: UGROŽEN ŽIVOT: Granično upozorenje: Konvoj (kritična)",
            "Stanje: 15. novembar 2026.",
        ),
        (
            Language.SERBIAN_CYRILLIC,
            "ВЕЖБА: УГРОЖЕН ЖИВОТ: Гранично упозорење: Конвој (критична)",
            "Стање: 15. новембар 2026.",
        ),
    ],
)
@in_a_loop
async def test_a_contact_point_is_told_in_its_language(
    authority: Authority, language: Language, subject: str, line: str
) -> None:
    post = Post()
    notice = a_notice(kind="convoy", severity="critical", exercise=True, life_at_risk=True)
    async with post_office(post, authority.server("localhost")) as port:
        assert await sent(a_server(port, authority), notice, language) == DELIVERED
    assert post.message()["Subject"] == subject
    for part in post.message().iter_parts():
        assert line.split(": ")[1] in part.get_content()
    assert f"{line}, 19:25 UTC" in next(post.message().iter_parts()).get_content()


def composed(notice: Notice) -> EmailMessage:
    server = SmtpServer("mail.example", 25, "alerts@brdo.example")
    return compose(notice, word(notice, Language.ENGLISH, URL), server, "duty@si.example", WRITTEN_AT)


@settings(deadline=None)
@given(notice=notices)
def test_an_exercise_says_so_first_and_danger_to_life_next(notice: Notice) -> None:
    message = composed(notice)
    life = notice.data.life_at_risk or notice.data.kind == "life_at_risk"
    first = ["EXERCISE"] * notice.data.exercise + ["LIFE AT RISK"] * life
    first += ["Withdrawn"] * (notice.data.status == "withdrawn") + ["Border alert"]
    assert message["Subject"].split(": ")[: len(first)] == first
    urgent = life or notice.data.severity is Severity.CRITICAL
    assert (message["Importance"], message["X-Priority"]) == (("high", "1") if urgent else (None, None))
    assert read(bytes(message)).get_body(("html",)) is not None


def test_what_went_before_is_answered_to() -> None:
    """A mail program then shows an alert's messages together."""
    before = {"delivery": f"dl-{9:020x}", "timestamp": WRITTEN_AT}
    message = composed(a_notice(revision=2, previous=before))
    assert message["In-Reply-To"] == message["References"] == "<dl-00000000000000000009@brdo.example>"
