"""Word of one contact point on the real line: those it is for hold it whole, and nobody else anything of it."""

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from command_line import brdo
from factory import a_bulletin, an_incident, as_line, lately
from line import a_system, holds, must_hold, settings_for
from started import wait_until

from infra import wiring
from infra.ledger import Ledger
from infra.receipts import Receipt, ReceiptLog
from producers.publisher import Publisher
from schemas.records import line_record

SETTLED_SECONDS = 120
LONG = "Ђ\n" * 10_000
EVENTS = [
    a_bulletin(id="B-named", countries=["HR", "HU"], severity="high", at=lately()),
    a_bulletin(id="B-all", text=LONG, at=lately(), refers_to=["A-1"]),
    a_bulletin(id="B-secret", handling="H2", countries=["HR"], severity="critical", at=lately()),
    a_bulletin(id="B-gone", at=lately(1)),
    an_incident(id="A-1", life_at_risk=True, occurred_at=lately()),
]
TAKEN_BACK = {
    "type": "retraction",
    "schema_version": "1.0",
    "id": "R-1",
    "at": lately(),
    "originator": "RS",
    "officer": "an officer",
    "retracts": "B-gone",
    "reason": "entered_in_error",
}


def about(receipts: list[Receipt], event: str) -> dict[str, list[dict[str, Any]]]:
    """Return the revisions that each contact point was told of one bulletin, in order."""
    told: dict[str, list[dict[str, Any]]] = {}
    for receipt in receipts:
        if receipt.alert.get("evidence") == [event]:
            told.setdefault(receipt.contact_point, []).append(dict(receipt.alert))
    return told


def an_officer_sends_word(data_dir: Path, receipts: list[Receipt], log: ReceiptLog) -> None:
    """From the terminal of SI to the door of HR, and back: the same processes, by the way that people take."""

    def officer(code: str, *arguments: str) -> str:
        said = {"BRDO_API_TOKEN_FILE": str(data_dir / "contact-points" / f"{code}.officer.token")}
        done = brdo({"PATH": os.environ["PATH"], "BRDO_DATA_DIR": str(data_dir), **said}, *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def arrived() -> list[tuple[str, str]]:
        receipts.extend(log.read_on())
        mine = [one for one in receipts if one.alert["id"] == alert]
        return sorted((one.contact_point, one.why[0]) for one in mine)

    text = ("--title", "Vans", "--text", "Knock on the wall.", "--country", "HR")
    alert = officer("SI", "bulletin", "send", *text).split("\t")[1]
    first = [("HR", "The bulletin is for HR."), ("SI", "A report of SI is part of the evidence.")]
    wait_until(lambda: arrived() == first, SETTLED_SECONDS)
    officer("HR", "reply", alert, "Seen here too.")
    wait_until(lambda: arrived() == [*first, ("SI", "HR has replied to this bulletin.")], SETTLED_SECONDS)
    assert "Seen here too." in officer("SI", "bulletin", "thread", alert)


@pytest.mark.timeout(300)
def test_a_bulletin_reaches_whom_it_is_for_whole_and_is_withdrawn_when_taken_back(
    tmp_path: Path, kafka_cache: Path
) -> None:
    """Judged by the oracle, and by hand: the named and the sender, everybody, the originator of H2 alone."""
    receipts: list[Receipt] = []
    with a_system(settings_for(tmp_path, kafka_cache)) as system, closing(Ledger(system.bootstrap)) as ledger:
        log = ReceiptLog(tmp_path / wiring.RECEIVER_LOG)

        def told_by_now(*events: dict[str, Any]) -> bool:
            receipts.extend(log.read_on())
            return holds(receipts) == must_hold(list(events))

        with Publisher(system.bootstrap) as publisher:
            for event in EVENTS:
                publisher.send(line_record(as_line(event)))
            publisher.flush()
            wait_until(lambda: told_by_now(*EVENTS), SETTLED_SECONDS)
            publisher.send(line_record(as_line(TAKEN_BACK)))
        wait_until(lambda: told_by_now(*EVENTS, TAKEN_BACK), SETTLED_SECONDS)
        wait_until(lambda: (ledger.read_on(), ledger.is_settled())[1], SETTLED_SECONDS)
        assert told_by_now(*EVENTS, TAKEN_BACK)
        an_officer_sends_word(tmp_path, receipts, log)
    assert set(about(receipts, "B-named")) == {"HR", "HU", "RS"}
    assert set(about(receipts, "B-secret")) == {"RS"}
    everybody = about(receipts, "B-all")
    assert len(everybody) == 13
    assert {alert["reasons"][0]["text"] for (alert,) in everybody.values()} == {LONG}
    gone = about(receipts, "B-gone")
    assert len(gone) == 13
    assert all([alert["status"] for alert in revisions] == ["open", "withdrawn"] for revisions in gone.values())
