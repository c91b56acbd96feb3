"""What tests of bulletins share: contact points by the bundled routes, and the engine between what is said and told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import httpx
from api_rig import all_asking
from delivery_rig import Database, by_default
from endpoints import a_contact_point

from consumers.configuration import Configuration
from consumers.publishing import Publisher
from consumers.routing import BUNDLED, load_routes
from consumers.storing import Arrived, store
from schemas import topics
from schemas.alerts import Edition
from schemas.records import Record
from streams.batches.records import InputRecord
from streams.offline import OfflineLine
from streams.rules import DEFAULT_RULES, load_rules

NOW: Final = datetime(2026, 5, 20, 12, 0, tzinfo=UTC)
POINTS: Final = {code: a_contact_point(code) for code in ("SI", "HR", "AT", "EUROPOL", "FRONTEX")}
TABLE: Final = load_routes(BUNDLED, frozenset(POINTS))


@dataclass
class Word:
    """Contact points that send each other word, and the engine that their events go through."""

    database: Database
    ask: dict[str, httpx.Client]
    line: OfflineLine = field(default_factory=lambda: OfflineLine(load_rules(DEFAULT_RULES)))
    published: list[Record] = field(default_factory=list)

    def send(self, code: str = "SI", name: str = "b-1", **more: Any) -> httpx.Response:
        """Send a bulletin."""
        return self.ask[code].post("/v1/bulletins", json={"id": name, **a_text(**more)})

    def pass_on(self) -> None:
        """Publish what waits, and tell what the engine makes of it."""
        new: list[Record] = []
        Publisher(self.database.engine, new.append).publish_waiting()
        self.published += new
        for record in new:
            self._take_in(record.value)

    def _take_in(self, value: bytes) -> None:
        made = self.line.take_in(InputRecord(topics.FEEDBACK.name, 0, 0, None, value, {}), NOW)
        editions = [Edition.model_validate_json(one.value) for one in made if one.topic == topics.EDITIONS.name]
        with self.database.engine.begin() as connection:
            for one in editions:
                store(connection, [Arrived(one, "border.editions/0/0")], TABLE, POINTS, by_default())

    def told(self, code: str = "SI", **more: Any) -> str:
        """Send a bulletin and have it told; return its alert."""
        sent = self.send(code, **more)
        assert sent.status_code == 201, sent.text
        self.pass_on()
        return str(sent.json()["alert"])

    def notices(self, code: str) -> list[dict[str, Any]]:
        """Return the notices that a contact point was sent."""
        return list(self.ask[code].get("/v1/deliveries").json()["deliveries"])

    def reply(
        self, alert: str, code: str, text: str = "Seen here too.", name: str = "r-1", **more: Any
    ) -> httpx.Response:
        """Reply to a bulletin."""
        return self.ask[code].post(f"/v1/alerts/{alert}/replies", json={"id": name, "text": text, **more})

    def thread(self, alert: str, code: str) -> list[tuple[int, str, str]]:
        """Return number, author and text of the replies that a contact point sees."""
        answer = self.ask[code].get(f"/v1/alerts/{alert}/replies")
        assert answer.status_code == 200, answer.text
        return [(one["number"], one["contact_point"], one["text"]) for one in answer.json()]

    def bulletins(self, code: str) -> list[dict[str, Any]]:
        """Return the list of a contact point."""
        return list(self.ask[code].get("/v1/bulletins").json())

    def share(self, alert: str, code: str, decision: str = "granted") -> None:
        """Decide, as SI, whether a contact point may see its H2 bulletin."""
        said = {"alert": alert, "contact_point": code, "decision": decision, "purpose": "joint work"}
        assert self.ask["SI"].post("/v1/permissions/decisions", json=said).status_code == 201


def a_text(**more: Any) -> dict[str, Any]:
    return {"title": "Vans with a false wall", "text": "Knock on the wall; listen.", **more}


@contextmanager
def sending_word(database: Database) -> Iterator[Word]:
    """Serve the interface to all contact points."""
    with all_asking(database, POINTS.values(), [NOW], Configuration(TABLE, POINTS)) as clients:
        yield Word(database, clients)
