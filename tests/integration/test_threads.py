"""Threads of replies: to the originator or to all who may still see the bulletin, each told, each look on record."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from bulletin_rig import POINTS, Word, sending_word
from delivery_rig import Database, delivering, in_a_loop, until
from endpoints import endpoint
from factory import an_alert
from lxml import etree

from consumers.bulletin_tables import replies
from consumers.channels.cap import compose, is_valid
from consumers.contact_points import Language
from consumers.deliveries import content_digest
from consumers.notice import parse
from consumers.tables import audit, clocks, deliveries
from consumers.wording import word as worded

pytest_plugins = ["delivery_services"]


@pytest.fixture
def word(database: Database) -> Iterator[Word]:
    with sending_word(database) as opened:
        yield opened


def told_of_replies(word: Word) -> dict[str, list[int]]:
    """Return the numbers of the replies of which each contact point was told."""
    query = sa.select(deliveries).where(deliveries.c.reply.is_not(None)).order_by(deliveries.c.sequence)
    found: dict[str, list[int]] = {}
    for row in word.database.rows(query):
        found.setdefault(row.contact_point, []).append(row.reply)
    return found


def test_a_reply_goes_to_the_originator_alone(word: Word) -> None:
    alert = word.told("SI", countries=["HR", "AT"])
    said = word.reply(alert, "HR", "Seen here too.").json()
    assert (said["number"], said["contact_point"], said["officer"], said["to"]) == (1, "HR", "a.novak", "SI")
    assert told_of_replies(word) == {"SI": [1]}
    assert word.thread(alert, "SI") == word.thread(alert, "HR") == [(1, "HR", "Seen here too.")]
    assert word.thread(alert, "AT") == []


def test_a_reply_to_all_goes_to_all_who_were_told_and_to_nobody_else(word: Word) -> None:
    alert = word.told("SI", countries=["HR", "AT"])
    word.reply(alert, "HR", to="all")
    assert told_of_replies(word) == {"SI": [1], "AT": [1]}
    assert word.thread(alert, "AT") == [(1, "HR", "Seen here too.")]
    assert word.ask["EUROPOL"].get(f"/v1/alerts/{alert}/replies").status_code == 404


def test_replies_are_numbered_in_their_thread(word: Word) -> None:
    alert, other = word.told("SI", name="one"), word.told("SI", name="two")
    for number, code in enumerate(("HR", "AT", "HR"), start=1):
        assert word.reply(alert, code, name=f"r-{number}", to="all").json()["number"] == number
    assert word.reply(other, "HR").json()["number"] == 1


def test_replies_that_come_at_once_have_numbers_of_their_own(word: Word) -> None:
    alert = word.told("SI")
    with ThreadPoolExecutor(6) as several:
        given = [several.submit(word.reply, alert, "HR", name=f"r-{one}", to="all") for one in range(6)]
        assert sorted(one.result().json()["number"] for one in given) == [1, 2, 3, 4, 5, 6]


def test_the_originator_replies_to_one_and_no_other_reads_it(word: Word) -> None:
    alert = word.told("SI", countries=["HR", "AT"])
    assert word.reply(alert, "SI", "Which lane?", to="HR").json()["to"] == "HR"
    assert told_of_replies(word) == {"HR": [1]}
    assert word.thread(alert, "AT") == []


@pytest.mark.parametrize(("code", "to"), [("SI", "EUROPOL"), ("SI", "originator"), ("SI", "SI"), ("HR", "AT")])
def test_a_reply_to_whom_it_cannot_go_is_refused(word: Word, code: str, to: str) -> None:
    """Who was told is the originator's to know: another's question does not show whether somebody was."""
    alert = word.told("SI", countries=["HR", "AT"])
    answer = word.reply(alert, code, to=to)
    assert (answer.status_code, word.database.count(replies)) == (422, 0)


def test_whether_a_third_was_told_does_not_show_from_how_a_reply_to_it_is_refused(word: Word) -> None:
    alert = word.told("SI", countries=["HR", "AT"])
    assert word.reply(alert, "HR", to="AT").content == word.reply(alert, "HR", to="EUROPOL").content


def test_a_reply_that_is_sent_again_is_one_and_told_once(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    first, again = word.reply(alert, "HR"), word.reply(alert, "HR")
    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert told_of_replies(word) == {"SI": [1]}
    other = word.reply(alert, "HR", "Something else.")
    assert (other.status_code, other.json()["error"]) == (409, "id_conflict")


def test_a_bulletin_that_was_withdrawn_is_replied_to_no_more_and_its_thread_can_be_read(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    word.reply(alert, "HR")
    word.ask["SI"].post("/v1/bulletins/b-1/withdrawal", json={"reason": "unfounded"})
    word.pass_on()
    answer = word.reply(alert, "HR", name="r-2")
    assert (answer.status_code, answer.json()["error"]) == (409, "withdrawn")
    assert len(word.thread(alert, "HR")) == 1


def test_whose_permission_is_taken_back_reads_no_replies_and_is_told_of_none(word: Word) -> None:
    """Of H2: with the originator's permission it is in the thread; without it no more, by list, record or notice."""
    alert = word.told("SI", handling="H2")
    assert word.reply(alert, "HR").status_code == 404
    word.share(alert, "HR")
    word.share(alert, "AT")
    assert word.reply(alert, "HR", "HUSHHUSH", to="all").status_code == 201
    assert told_of_replies(word) == {"SI": [1], "AT": [1]}
    link = word.notices("AT")[-1]["data"]["link"]
    assert word.ask["AT"].get(link).json()["reply"]["text"] == "HUSHHUSH"

    word.share(alert, "AT", "revoked")
    word.reply(alert, "HR", "HUSHHUSH", name="r-2", to="all")
    assert told_of_replies(word) == {"SI": [1, 2], "AT": [1]}
    answers = [word.ask["AT"].get(path) for path in (link, f"/v1/alerts/{alert}/replies", "/v1/bulletins")]
    assert [one.status_code for one in answers] == [403, 403, 200]
    assert "HUSHHUSH" not in "".join(one.text for one in answers)
    assert word.reply(alert, "AT").status_code == 403


def test_of_an_alert_that_is_no_bulletin_there_is_no_thread(word: Word) -> None:
    alert = an_alert()
    word.database.store(alert, told=[POINTS["SI"]])
    assert word.reply(alert.id, "SI", to="all").status_code == 404


def test_the_notice_of_a_reply_says_that_there_is_one_and_the_record_has_it(word: Word) -> None:
    alert = word.told("SI", countries=["HR"], title="HUSHHUSH")
    word.reply(alert, "HR", "HUSHHUSH")
    notice = word.notices("SI")[-1]
    assert (notice["type"], notice["data"]["reply"], notice["data"]["sequence"]) == ("bulletin.reply", 1, 2)
    assert "HUSHHUSH" not in repr(notice)
    record = word.ask["SI"].get(notice["data"]["link"]).json()
    shown = {name: value for name, value in record["reply"].items() if name != "at"}
    assert shown == {"number": 1, "contact_point": "HR", "officer": "a.novak", "to": "SI", "text": "HUSHHUSH"}
    at = datetime.fromisoformat(record["reply"]["at"]).astimezone(UTC).isoformat()
    assert notice["data"]["digest"] == record["digest"] == content_digest(record["reply"] | {"at": at})


def test_a_revision_after_a_reply_names_the_revision_before(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    word.reply(alert, "SI", to="all")
    word.ask["SI"].post("/v1/bulletins/b-1/withdrawal", json={"reason": "unfounded"})
    word.pass_on()
    first, reply, last = (one["data"] for one in word.notices("HR"))
    assert (reply.get("previous"), last["previous"]["delivery"]) == (None, first["delivery"])


def test_a_reply_starts_no_clock_and_stops_none(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    before = word.database.rows(sa.select(clocks))
    word.reply(alert, "HR", to="all")
    assert word.database.rows(sa.select(clocks)) == before


def test_what_is_said_and_each_look_at_a_thread_are_on_record_without_the_text(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    word.reply(alert, "HR", "HUSHHUSH")
    word.thread(alert, "SI")
    query = sa.select(audit).where(audit.c.purpose.in_(["reply", "thread"])).order_by(audit.c.at)
    assert [(row.book, row.actor, row.alert_id, row.detail) for row in word.database.rows(query)] == [
        ("HR", "HR:a.novak", alert, "reply 1 to SI"),
        ("SI", "SI:a.novak", alert, "replies: 1"),
    ]
    assert "HUSHHUSH" not in repr(word.database.rows(sa.select(audit)))


def test_where_the_look_cannot_be_put_on_record_nothing_is_shown(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    word.reply(alert, "HR", "HUSHHUSH")
    with word.database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit ADD CHECK (purpose <> 'thread') NOT VALID"))
    answer = word.ask["SI"].get(f"/v1/alerts/{alert}/replies")
    assert (answer.status_code, "HUSHHUSH" in answer.text) == (500, False)


@pytest.mark.parametrize("text", ["", "x" * 4_001, "a\x00b"])
def test_a_text_beyond_the_limits_is_refused(word: Word, text: str) -> None:
    alert = word.told("SI", countries=["HR"])
    assert word.reply(alert, "HR", text).status_code == 422


def test_a_reply_is_read_a_page_at_a_time(word: Word) -> None:
    alert = word.told("SI")
    for number in range(3):
        word.reply(alert, "HR", str(number), name=f"r-{number}")
    page: Any = word.ask["SI"].get(f"/v1/alerts/{alert}/replies", params={"after": 1, "limit": 1}).json()
    assert [one["number"] for one in page] == [2]


@in_a_loop
async def test_a_reply_arrives_at_the_webhook_of_the_originator(database: Database) -> None:
    with sending_word(database) as word:
        alert = await asyncio.to_thread(word.told, "SI", countries=["HR"])
        await asyncio.to_thread(word.reply, alert, "HR", "HUSHHUSH")
    async with endpoint(code="SI") as door:
        async with delivering(database, replace(POINTS["SI"], webhook=door.point.webhook)):
            await until(lambda: len(door.requests) == 2)
        bodies = [one.body.decode() for one in door.requests]
    assert [parse(body).data.reply for body in bodies] == [None, 1]
    assert "HUSHHUSH" not in "".join(bodies)


@pytest.mark.parametrize("language", list(Language))
def test_a_reply_says_so_by_mail_and_as_cap_it_takes_the_place_of_nothing(word: Word, language: Language) -> None:
    alert = word.told("SI", countries=["HR"])
    word.reply(alert, "HR")
    (text,) = (row.notice for row in word.database.rows(sa.select(deliveries).where(deliveries.c.reply.is_not(None))))
    said = worded(parse(text), language, "https://brdo.example")
    assert {Language.ENGLISH: "REPLY"}.get(language, "") in said.subject
    document = compose(parse(text), language, "https://brdo.example")
    assert is_valid(document)
    written = etree.tostring(document).decode()
    assert "<msgType>Alert</msgType>" in written
    assert "<valueName>brdo:reply</valueName>" in written
