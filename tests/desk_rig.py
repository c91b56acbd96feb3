"""A duty desk without a terminal: alerts as they are assigned, keys pressed, screens as text."""

import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from factory import NOW, an_alert
from rich.console import Console

from consumers.audience import Audience, decide, visible
from consumers.desk.actions import press
from consumers.desk.alerts import DeskAlert, read_record
from consumers.desk.answers import Answer, Answers, verdict
from consumers.desk.keys import Press
from consumers.desk.model import Answered, Consult, Desk, Effect, Read, Recorded, RecordList
from consumers.desk.news import told
from consumers.desk.screen import frame
from consumers.records import Mark, Record
from schemas.alerts import Alert, Edition
from schemas.feedback import Verdict


def assigned(alert: Alert | None = None, contact_point: str = "SI", **fields: Any) -> DeskAlert:
    """Return an alert (by default a danger to life, with fields replaced) as it stands in its delivery."""
    whole = alert if alert is not None else an_alert(**fields)
    audience = decide(Edition(alert=whole), contact_point, told_before=True)
    read = read_record(a_record(visible(whole, audience.view), audience))
    assert read is not None
    return read


def a_record(shown: Any, audience: Audience, why: tuple[str, ...] = ("Obrežje (SI) is one of the places.",)) -> Record:
    """Return what is read of a delivery that shows this."""
    return Record("dl-1", 1, "SI", "al-1", 1, why, audience, "", shown, NOW, None, Mark())


def told_all(desk: Desk, *news: Any) -> Desk:
    """Return the desk after this news, with every look written down at once and all details granted."""
    for one in news:
        desk, effects = told(desk, one)
        desk = granted(desk, effects)
    return desk


def granted(desk: Desk, effects: Iterable[Effect]) -> Desk:
    for effect in effects:
        if isinstance(effect, Consult | RecordList):
            desk, _ = told(desk, Recorded(effect))
    return desk


def a_desk(*alerts: DeskAlert, officer: str | None = "A. Novak") -> Desk:
    """Return a desk at which these alerts are listed and no answer is known."""
    return told_all(Desk("SI", Answers("SI"), officer), Answered(()), Read(alerts, NOW))


def pressed(desk: Desk, *keys: str) -> tuple[Desk, list[Effect]]:
    """Return the desk after these keys, each a name or one character, and every effect in order."""
    found: list[Effect] = []
    for key in keys:
        desk, effects = press(desk, Press(key))
        found += effects
    return desk, found


def answered(alert: DeskAlert, officer: str = "M. Kovač", at: datetime = NOW, **fields: Any) -> Verdict:
    """Return what an officer of SI acknowledged."""
    said = verdict(
        Answer(alert.id, alert.exercise, "acknowledged"), contact_point="SI", officer="nobody", at=at, identity="vd-1"
    )
    return said.model_copy(update={"officer": officer, **fields})


def lines_of(desk: Desk, now: datetime = NOW, width: int = 100, height: int = 30, **console: Any) -> list[str]:
    """Return what stands on the screen, line by line; without colours unless the console has them."""
    written = io.StringIO()
    options = {"color_system": None, "force_terminal": False, **console}
    Console(file=written, width=width, height=height, **options).print(frame(desk, now, width, height).whole)
    return written.getvalue().splitlines()
