"""Bulletins at the interface: who would be told, sent once and never lost, shown to whom it is for, taken back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from bulletin_rig import NOW, Word, a_text, sending_word
from delivery_rig import Database

from consumers.bulletin_tables import bulletin_events, replies
from consumers.publishing import Publisher
from consumers.retention import erase
from consumers.tables import audit, deliveries
from schemas.codec import decode
from schemas.feedback import Bulletin, Retraction
from schemas.records import Record
from schemas.topics import FEEDBACK

pytest_plugins = ["delivery_services"]


@pytest.fixture
def word(database: Database) -> Iterator[Word]:
    with sending_word(database) as opened:
        yield opened


def views(word: Word, **more: Any) -> dict[str, str]:
    answer = word.ask["SI"].post("/v1/bulletins/preview", json=a_text(**more))
    assert answer.status_code == 200, answer.text
    return {one["contact_point"]: one["view"] for one in answer.json()}


# Preview


@pytest.mark.parametrize(
    "more", [{}, {"countries": ["HR"]}, {"handling": "H2", "countries": ["HR"]}, {"exercise": True, "severity": "low"}]
)
def test_a_preview_names_exactly_those_who_are_told_then(word: Word, more: dict[str, Any]) -> None:
    previewed = {code for code, view in views(word, **more).items() if view == "full"}
    word.told(**more)
    told = {row.contact_point for row in word.database.rows(sa.select(deliveries))}
    assert previewed == told
    assert "SI" in told


def test_a_preview_says_why_each_is_told_or_not(word: Word) -> None:
    said = word.ask["SI"].post("/v1/bulletins/preview", json=a_text(countries=["HR"])).json()
    why = {one["contact_point"]: one["why"] for one in said}
    assert why["HR"] == ["The bulletin is for HR."]
    assert why["SI"] == ["A report of SI is part of the evidence."]
    assert why["AT"] == ["No route leads there."]


def test_a_preview_of_h2_shows_that_it_goes_to_nobody_else_whomever_it_names(word: Word) -> None:
    assert views(word, handling="H2", countries=["HR", "AT"]) == {
        "SI": "full", "HR": "none", "AT": "none", "EUROPOL": "none", "FRONTEX": "none",
    }  # fmt: skip


def test_a_preview_sends_and_keeps_nothing_but_that_somebody_looked(word: Word) -> None:
    views(word, title="HUSHHUSH")
    word.pass_on()
    assert (word.published, word.database.count(bulletin_events), word.database.count(deliveries)) == ([], 0, 0)
    assert "HUSHHUSH" not in repr(word.database.rows(sa.select(audit)))
    (row,) = word.database.rows(sa.select(audit))
    assert (row.actor, row.purpose, row.detail) == ("SI:a.novak", "bulletin", "preview")


# Sending


def test_a_bulletin_is_its_contact_points_and_its_accounts(word: Word) -> None:
    word.told(handling="H3", handling_note="For officers on duty.", countries=["HR"], refers_to=["A-1"])
    (record,) = word.published
    event = decode(record.value)
    assert record.topic == FEEDBACK.name
    assert isinstance(event, Bulletin)
    assert (event.originator, event.contact_point, event.officer, event.at) == ("SI", "SI", "a.novak", NOW)
    assert (event.handling, event.handling_note, event.countries) == ("H3", "For officers on duty.", ("HR",))
    assert (event.text, event.refers_to) == ("Knock on the wall; listen.", ("A-1",))


def test_the_alert_that_is_named_when_it_is_sent_is_the_one_that_comes(word: Word) -> None:
    alert = word.told(countries=["HR"])
    assert [one["data"]["alert"] for one in word.notices("HR")] == [alert]


def test_a_bulletin_waits_until_kafka_has_it(word: Word) -> None:
    word.send()

    def away(_record: Record) -> None:
        raise OSError("Kafka is away")

    with pytest.raises(OSError, match="away"):
        Publisher(word.database.engine, away).publish_waiting()
    assert word.database.count(bulletin_events, bulletin_events.c.state == "to_publish") == 1
    word.pass_on()
    word.pass_on()
    assert len(word.published) == 1
    (row,) = word.database.rows(sa.select(bulletin_events))
    assert (row.state, row.body) == ("published", None), "Kafka keeps it"


def test_what_is_sent_again_under_its_id_is_one_bulletin(word: Word) -> None:
    first, again = word.send(), word.send()
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    word.pass_on()
    assert len(word.published) == 1


def test_an_id_that_was_given_to_something_else_is_refused_and_the_first_stands(word: Word) -> None:
    word.send()
    other = word.send(text="Something else.")
    assert (other.status_code, other.json()["error"]) == (409, "id_conflict")
    word.pass_on()
    assert [decode(one.value).text for one in word.published] == ["Knock on the wall; listen."]  # type: ignore[union-attr]


def test_two_contact_points_may_call_theirs_alike(word: Word) -> None:
    word.told("SI", text="From Slovenia.")
    word.told("HR", text="From Croatia.")
    assert len({decode(one.value).id for one in word.published}) == 2
    assert len(word.bulletins("AT")) == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"countries": ["FR"]}, "countries"),
        ({"countries": ["slovenia"]}, "countries"),
        ({"text": "x" * 20_001}, "text"),
        ({"title": ""}, "title"),
        ({"title": "a\x00b"}, "title"),
        ({"handling": "H3"}, "handling_note"),
        ({"handling": "H4"}, "handling"),
        ({"originator": "HR"}, "originator"),
        ({"id": "a b"}, "id"),
        ({"valid_until": "2026-05-20T12:00:00"}, "valid_until"),
    ],
)
def test_what_cannot_be_sent_is_named_by_its_field_and_kept_nowhere(
    word: Word, more: dict[str, Any], field: str
) -> None:
    answer = word.send(**more)
    assert answer.status_code == 422, answer.text
    assert field in answer.json()["text"]
    assert word.database.count(bulletin_events) == 0


def test_that_it_was_sent_is_in_the_audit_without_its_text(word: Word) -> None:
    alert = word.told(title="HUSHHUSH", text="HUSHHUSH", handling="H2")
    rows = word.database.rows(sa.select(audit).where(audit.c.purpose == "bulletin", audit.c.act == "change"))
    assert [(row.book, row.actor, row.alert_id, row.detail) for row in rows] == [
        ("SI", "SI:a.novak", alert, "bulletin, H2")
    ]
    assert "HUSHHUSH" not in repr(word.database.rows(sa.select(audit)))


# The list, answers


def test_the_list_has_ones_own_and_those_that_one_was_told_of(word: Word) -> None:
    word.told("SI", name="for-hr", title="For Croatia", countries=["HR"])
    word.told("AT", name="for-si", title="For Slovenia", countries=["SI"])
    word.send("SI", name="new")

    def listed(code: str) -> set[tuple[str | None, str | None, str]]:
        return {(one["id"], one["title"], one["state"]) for one in word.bulletins(code)}

    assert listed("SI") == {
        ("for-hr", "For Croatia", "open"),
        (None, "For Slovenia", "open"),
        ("new", None, "on_its_way"),
    }
    assert listed("HR") == {(None, "For Croatia", "open")}
    assert listed("EUROPOL") == set()


def test_each_bulletin_that_the_list_shows_is_a_look_on_record(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    word.bulletins("HR")
    query = sa.select(audit).where(audit.c.book == "HR", audit.c.act == "consultation", audit.c.alert_id == alert)
    (row,) = word.database.rows(query)
    assert (row.actor, row.purpose, row.detail) == ("HR:a.novak", "bulletin", "record, full")


def test_a_bulletin_is_acknowledged_as_every_alert(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    said = word.ask["HR"].post(f"/v1/alerts/{alert}/answers", json={"outcome": "acknowledged", "revision": 1})
    assert (said.status_code, said.json()["state"]) == (201, "acknowledged")
    word.pass_on()
    assert word.published[-1].topic == FEEDBACK.name


# Withdrawal


def withdrawal(word: Word, code: str, name: str = "b-1", reason: str = "entered_in_error") -> Any:
    return word.ask[code].post(f"/v1/bulletins/{name}/withdrawal", json={"reason": reason})


def test_taken_back_by_its_contact_point_everybody_who_was_told_is_told(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    assert withdrawal(word, "SI").json() == {"id": "b-1", "alert": alert, "state": "withdrawing"}
    assert word.bulletins("SI")[0]["state"] == "withdrawing"
    word.pass_on()
    event = decode(word.published[-1].value)
    assert isinstance(event, Retraction)
    assert (event.originator, event.officer, event.reason) == ("SI", "a.novak", "entered_in_error")
    assert [one["data"]["status"] for one in word.notices("HR")] == ["open", "withdrawn"]
    assert word.bulletins("SI")[0]["state"] == word.bulletins("HR")[0]["state"] == "withdrawn"


def test_nobody_else_can_take_it_back(word: Word) -> None:
    word.told("SI", countries=["HR"])
    assert withdrawal(word, "HR").status_code == 404
    word.pass_on()
    assert word.bulletins("HR")[0]["state"] == "open"


def test_taking_it_back_twice_is_once(word: Word) -> None:
    word.told("SI")
    assert [withdrawal(word, "SI").status_code for _ in range(2)] == [201, 200]
    word.pass_on()
    assert len(word.published) == 2


def test_when_retention_ends_neither_what_was_sent_nor_replies_stay(word: Word) -> None:
    alert = word.told("SI", countries=["HR"])
    word.reply(alert, "HR")
    with word.database.engine.begin() as connection:
        for statement in (
            "UPDATE bulletin_events SET stored_at = now() - interval '401 days'",
            "UPDATE replies SET at = now() - interval '401 days'",
        ):
            connection.execute(sa.text(statement))
        erase(connection)
    assert (word.database.count(bulletin_events), word.database.count(replies)) == (0, 0)
