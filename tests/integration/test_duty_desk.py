"""`brdo watch` on a running system, in a terminal of its own: seen live, looked into, acknowledged."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from command_line import BRDO, brdo
from factory import a_vehicle, an_incident, as_line, lately
from pseudo_terminal import PseudoTerminal, in_a_terminal
from started import wait_until

from infra.system import running_bootstrap
from infra.topic_reader import TopicReader
from schemas import topics
from schemas.codec import decode_as
from schemas.feedback import Verdict
from schemas.topics import Topic

pytest_plugins = ["running_system"]

WATCH = [*BRDO, "watch", "--contact-point", "SI"]
OFFICER = "A. Novak"
HIDDEN, SHOWN = "\x1b[?1049h", "\x1b[?1049l"
"""The main screen hidden behind another, and shown again."""


def publish(environment: dict[str, str], file: Path, *events: dict[str, Any]) -> None:
    file.write_bytes(b"\n".join(map(as_line, events)))
    done = brdo(environment, "publish", str(file))
    assert done.returncode == 0, done.stderr


def back_again(plate: str, name: str, **more: Any) -> list[dict[str, Any]]:
    """Return two reports of one vehicle at Obrežje, which raise an alert for both sides."""
    return [
        an_incident(id=f"{name}-{day}", occurred_at=lately(day), vehicles=[a_vehicle(plate)], **more) for day in (1, 2)
    ]


def read(data_dir: Path, topic: Topic) -> list[bytes]:
    with closing(TopicReader(running_bootstrap(data_dir), [topic])) as reader:
        return [record.value or b"" for record in reader.read_on()]


def consultations(data_dir: Path) -> list[dict[str, Any]]:
    return [json.loads(value) for value in read(data_dir, topics.CONSULTATIONS)]


def verdicts(data_dir: Path) -> list[Verdict]:
    return [decode_as(Verdict, value) for value in read(data_dir, topics.FEEDBACK)]


@contextmanager
def watching(environment: dict[str, str], *options: str) -> Iterator[PseudoTerminal]:
    kept = {name: value for name, value in environment.items() if name != "COLUMNS"}
    with in_a_terminal([*WATCH, *options], kept) as terminal:
        before = terminal.attributes()
        yield terminal
        if terminal.process.poll() is not None:
            assert terminal.attributes() == before, "the terminal is as it was"
            wait_until(lambda: 0 <= terminal.written.rfind(HIDDEN) < terminal.written.rfind(SHOWN))


def test_an_officer_sees_an_alert_live_looks_into_it_and_acknowledges_it(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    with watching(environment, "--officer", OFFICER, "--purpose", "night shift") as desk:
        desk.shows("nothing is assigned", "q quit")
        publish(environment, tmp_path / "events.jsonl", *back_again("KP 11-AA", "W"))
        desk.shows("M   Vehicle is back", "Vehicle KP11AA (SI) is back", "Obrežje (SI)", "not acknowledged")
        assert not any(said["view"] == "detail" for said in consultations(system))
        desk.press(b"\r")
        desk.shows("+0.50 KP11AA (SI) was used in 2 occurrences", "evidence: W-1, W-2", "originated by SI")
        (look,) = (said for said in consultations(system) if said["view"] == "detail")
        assert look["of"] == f"alert {look['alert']}"
        assert (look["revision"], look["officer"], look["purpose"]) == (1, OFFICER, "night shift")
        assert look["by"]
        assert look["contact_point"] == "SI"
        desk.press(b"a")
        desk.shows(f"SI: acknowledged by {OFFICER}")
        (verdict,) = verdicts(system)
        assert (verdict.alert, verdict.outcome) == (look["alert"], "acknowledged")
        assert (verdict.officer, verdict.contact_point, verdict.exercise) == (OFFICER, "SI", False)
        desk.press(b"qq")
        assert desk.process.wait(20) == 0
    with watching(environment) as again:
        again.shows(f"acknowledged: {OFFICER}")
        again.press(b"a")
        again.shows("--officer NAME")
        again.process.send_signal(signal.SIGINT)
        assert again.process.wait(20) == 130
    assert len(verdicts(system)) == 1


@pytest.mark.usefixtures("system")
def test_what_others_are_told_is_not_here_and_a_terminal_may_change_its_size(
    environment: dict[str, str], tmp_path: Path
) -> None:
    elsewhere = [
        an_incident(station="HU-TOM", occurred_at=lately(day), vehicles=[a_vehicle("KP 22-BB", "HU")], id=f"X-{day}")
        for day in (1, 2)
    ]
    publish(environment, tmp_path / "events.jsonl", *elsewhere, *back_again("KP 33-CC", "Y", exercise=True))
    with watching(environment) as desk:
        desk.shows("KP33CC", "EXERCISE")
        assert "KP22BB" not in desk.screen
        desk.resize(160, 45)
        wait_until(lambda: len(desk.screen.splitlines()) == 45)
        desk.press(b"fkp33cc\r")
        desk.shows("filter “kp33cc”: 1 of")
        desk.press(b"\r")
        desk.shows("this is a drill")
        desk.process.send_signal(signal.SIGTERM)
        assert desk.process.wait(20) == 130
    hungary = brdo(environment, "watch", "--contact-point", "HU", "--once")
    assert "KP22BB" in hungary.stdout
    assert "KP33CC" not in hungary.stdout


def test_once_prints_the_table_without_a_terminal_and_is_written_down_too(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    publish(environment, tmp_path / "events.jsonl", *back_again("KP 44-DD", "Z"))
    pages: list[str] = []

    def listed() -> bool:
        done = brdo(environment, "watch", "--contact-point", "SI", "--once", "--purpose", "handover")
        assert done.returncode == 0, done.stderr
        pages.append(done.stdout)
        return "KP44DD" in done.stdout

    wait_until(listed, 30)
    assert "\x1b" not in pages[-1]
    assert any(said["purpose"] == "handover" and said["view"] == "list" for said in consultations(system))


def pid_of(data_dir: Path, service: str) -> int:
    return int(json.loads((data_dir / service / "process.json").read_text())["pid"])


def test_while_nothing_can_be_written_down_nothing_is_shown_and_what_is_sent_waits(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    publish(environment, tmp_path / "events.jsonl", *back_again("KP 55-EE", "V"))
    kafka = pid_of(system, "kafka")
    with watching(environment, "--officer", OFFICER) as desk:
        desk.shows("KP55EE")
        desk.press(b"fkp55ee\r")
        desk.shows("filter “kp55ee”: 1 of", "not acknowledged")  # what was answered before is read by now
        os.kill(kafka, signal.SIGSTOP)
        try:
            desk.press(b"\r")
            desk.shows("not shown: ")
            assert "Why" not in desk.written
            desk.press(b"a")
            desk.shows("sending: acknowledged")
            desk.press(b"q")
            desk.shows("q again leaves all the same")
        finally:
            os.kill(kafka, signal.SIGCONT)
        desk.shows(f"acknowledged: {OFFICER}", seconds=60)
        desk.press(b"\r")
        desk.shows("Why")


def test_while_the_database_is_away_the_last_list_stays_and_says_so(
    system: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    publish(environment, tmp_path / "events.jsonl", *back_again("KP 66-FF", "U"))
    with watching(environment) as desk:
        desk.shows("KP66FF")
        os.kill(pid_of(system, "postgres"), signal.SIGKILL)
        desk.shows("STALE, as of", "KP66FF", seconds=60)
        wait_until(lambda: "STALE" not in desk.screen, 60)
        publish(environment, tmp_path / "more.jsonl", *back_again("KP 77-GG", "T"))
        desk.shows("KP77GG", seconds=60)


@pytest.mark.usefixtures("system")
@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--contact-point", "SI"), "--once prints the table"),
        (("--contact-point", "XX", "--once"), "--contact-point must be one of AL, "),
        (("--contact-point", "SI", "--officer", "\x1b[2J", "--once"), "--officer: 1 to 200 printable characters"),
    ],
)
def test_what_cannot_be_done_is_said(environment: dict[str, str], options: tuple[str, ...], complaint: str) -> None:
    done = brdo(environment, "watch", *options)
    assert done.returncode != 0
    assert complaint in " ".join(done.stderr.replace("│", " ").split())
    assert "\x1b[2J" not in done.stderr
