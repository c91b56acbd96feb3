"""The escalator under faults: every deadline that passed was acted on exactly once, and how late it was.

Alerts are told to contact points whose policy is of seconds; some are answered or withdrawn at random moments. The one
escalator dies by SIGKILL again and again, the mail server refuses some mails, and PostgreSQL is killed once. What was
to be done is worked out by `escalation_judgement`. `--short` takes half a minute.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from delivery_crew import run
from delivery_rig import Database, DatabaseServer, everybody
from escalation_child import LEASE_SECONDS, POINTS, configuration, duties
from escalation_judgement import CODES, FALLBACK, LONGEST_LATE_SECONDS, STEP_SECONDS, Clock, Key, Mail, Verdict, judge
from escalation_post import SoakPost
from escalation_rig import a_verdict, withdrawn
from factory import an_alert
from post_offices import running_post_office
from rich.console import Console
from rich.table import Table

from consumers.acknowledgement import Timing
from consumers.answers import give
from consumers.database import upgrade
from consumers.storing import Arrived, store
from consumers.tables import calls, clocks, escalations
from infra.progress import progress_shown
from infra.services.progress import OnProgress
from schemas.alerts import Alert, Edition, Severity

RESULTS: Final = Path(__file__).parents[2] / "build" / "soak-escalation.json"
_TICK_SECONDS: Final = 0.05
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Plan:
    """How many alerts in how long, what happens in how long, and how long the rest may take."""

    alerts: int
    seconds: float
    faults_seconds: float
    kills: int
    database_restarts: int
    patience_seconds: float


FULL: Final = Plan(200, 240, 250, 20, 1, 300)
SHORT: Final = Plan(12, 8, 20, 4, 1, 90)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the soak came to."""

    verdict: Verdict
    clocks: int
    answered: int
    withdrawn: int
    kills: int
    database_restarts: int
    seconds: float

    @property
    def is_well(self) -> bool:
        """Whether nothing was wrong."""
        return not self.verdict.wrong()

    def as_json(self) -> dict[str, Any]:
        """Return all of it as `build/soak-escalation.json` has it."""
        return asdict(self.verdict) | {name: value for name, value in asdict(self).items() if name != "verdict"}


class Soak:
    """Everything under way at once, on a PostgreSQL that runs."""

    def __init__(self, directory: Path, database: Database, plan: Plan, seed: int) -> None:
        self._directory, self._database, self._plan, self._chance = directory, database, plan, Random(seed)
        self._clocks: dict[Key, Clock] = {}
        self._alerts: dict[str, Alert] = {}
        self._withdrawn: dict[str, tuple[datetime, datetime]] = {}
        self._kills = self._restarts = self._started = 0

    def run(self, on_progress: OnProgress) -> Outcome:
        """Tell, answer, kill and restart; return once nothing is due any more, or the patience is over."""
        began = time.monotonic()
        (self._directory / "duties.yaml").write_text(json.dumps(duties()), encoding="utf-8")  # JSON is YAML
        self._policy = configuration(self._directory).duties.policy
        post = SoakPost(Random(self._plan.alerts))
        with running_post_office(post) as port:
            given = {"database_url": self._database.url, "mail_port": port}
            (self._directory / "child.json").write_text(json.dumps(given), encoding="utf-8")
            self._child = self._start()
            try:
                self._go(post, on_progress)
                self._wait(post, on_progress)
            finally:
                self._child.terminate()
                self._child.wait(20)
        verdict = self._judge(post.mails)
        ended = [one for one in self._clocks.values() if one.ended_before is not None]
        answered = sum(one.answered_by is not None for one in ended)
        counted = len(self._clocks), answered, len(ended) - answered, self._kills, self._restarts
        return Outcome(verdict, *counted, round(time.monotonic() - began, 1))

    def _go(self, post: SoakPost, on_progress: OnProgress) -> None:
        """Do all that is planned, each at its moment."""
        plan, chance = self._plan, self._chance
        agenda: list[tuple[float, Callable[[], None]]] = []
        for number in range(plan.alerts):
            alert = an_alert(severity=chance.choice(list(Severity)), id=f"al-{number:020x}")
            told_at = chance.uniform(0, plan.seconds)
            agenda.append((told_at, lambda alert=alert: self._tell(alert)))  # type: ignore[misc]
            whole = 5 * STEP_SECONDS[alert.severity]
            if chance.random() < 0.15:
                agenda.append((told_at + chance.uniform(0.5, whole), lambda alert=alert: self._withdraw(alert)))  # type: ignore[misc]
            for code in CODES:
                if chance.random() < 0.4:
                    moment = told_at + chance.uniform(0.1, whole)
                    agenda.append((moment, lambda alert=alert, code=code: self._answer(alert, code)))  # type: ignore[misc]
        agenda += [(chance.uniform(0.1, 1) * plan.faults_seconds, self._kill) for _ in range(plan.kills)]
        agenda += [
            (chance.uniform(0.3, 0.8) * plan.faults_seconds, self._restart) for _ in range(plan.database_restarts)
        ]
        agenda.sort(key=lambda one: one[0], reverse=True)
        began = time.monotonic()
        while agenda:
            while agenda and agenda[-1][0] <= time.monotonic() - began:
                agenda.pop()[1]()
            self._look(post, on_progress)
            time.sleep(_TICK_SECONDS)

    def _tell(self, alert: Alert) -> None:
        codes = self._chance.sample(CODES, self._chance.randint(2, len(CODES)))
        now = datetime.now(UTC)
        self._alerts[alert.id] = alert
        self._store(alert, codes, now)
        for code in codes:
            self._clocks[alert.id, code] = Clock(alert.severity, now)

    def _withdraw(self, alert: Alert) -> None:
        before = datetime.now(UTC)
        self._store(withdrawn(alert), CODES, before)
        after = datetime.now(UTC)
        for key, clock in self._clocks.items():
            if key[0] == alert.id and clock.ended_after is None:
                self._clocks[key] = clock._replace(ended_after=before, ended_before=after)
        self._withdrawn[alert.id] = before, after

    def _answer(self, alert: Alert, code: str) -> None:
        key = alert.id, code
        if key not in self._clocks or self._clocks[key].ended_after is not None:
            return
        officer = f"{code.lower()}-{self._chance.randint(1, 4)}"  # the fourth is called by nobody
        before = datetime.now(UTC)
        verdict = a_verdict(alert, code, id=f"vd-{alert.id}-{code}", officer=officer, at=before)
        self._certainly(lambda connection: give(connection, verdict, 1))
        named = f"{officer}@soak.example"
        self._clocks[key] = self._clocks[key]._replace(
            ended_after=before, ended_before=datetime.now(UTC), answered_by=named
        )

    def _store(self, alert: Alert, codes: Any, now: datetime) -> None:
        timing = Timing(self._policy, now)
        arrived = [Arrived(Edition(alert=alert), "border.editions/0/0")]
        self._certainly(lambda connection: store(connection, arrived, everybody(*codes), POINTS, timing))

    def _certainly(self, work: Callable[[sa.Connection], T]) -> T:
        """Do it, however often the database is away: each of these counts once."""
        while True:
            try:
                with self._database.engine.begin() as connection:
                    return work(connection)
            except sa.exc.OperationalError:
                time.sleep(_TICK_SECONDS)

    def _kill(self) -> None:
        self._child.kill()
        self._child.wait()
        self._child = self._start()
        self._kills += 1

    def _restart(self) -> None:
        self._database.server.kill()
        self._database.server.start()
        self._restarts += 1

    def _start(self) -> subprocess.Popen[bytes]:
        self._started += 1
        log = self._directory / f"escalator-{self._started}.log"
        return run("escalation_child", str(self._directory), log=log)

    def _wait(self, post: SoakPost, on_progress: OnProgress) -> None:
        """Wait until nothing runs, nobody is to be called, and every lease is over."""
        deadline, quiet = time.monotonic() + self._plan.patience_seconds, 0.0
        while time.monotonic() < deadline:
            self._look(post, on_progress)
            busy = self._database.count(clocks, clocks.c.state == "running") + self._database.count(
                calls, calls.c.state == "pending"
            )
            quiet = quiet or time.monotonic() if not busy else 0.0
            if quiet and time.monotonic() - quiet > LEASE_SECONDS + 3:
                return
            time.sleep(10 * _TICK_SECONDS)

    def _look(self, post: SoakPost, on_progress: OnProgress) -> None:
        assert self._child.poll() is None, f"the escalator ended by itself; see the logs in {self._directory}"
        on_progress(len(self._alerts), self._plan.alerts, f"alerts, {len(post.mails)} mails, {self._kills} kills")

    def _judge(self, mails: list[Mail]) -> Verdict:
        steps: dict[Key, list[tuple[int, datetime]]] = defaultdict(list)
        for row in self._database.rows(sa.select(escalations)):
            steps[row.alert_id, row.contact_point].append((row.step, row.at))
        for alert, told_at in self._fallback_told(steps).items():
            clock = Clock(self._alerts[alert].severity, told_at, *self._withdrawn.get(alert, ()))
            self._clocks[alert, FALLBACK] = clock
        return judge(self._clocks, steps, mails)

    @staticmethod
    def _fallback_told(steps: Mapping[Key, Sequence[tuple[int, datetime]]]) -> dict[str, datetime]:
        """Return when the first contact point of each alert came to its last step: the fallback is told then, once."""
        told: dict[str, datetime] = {}
        for (alert, code), done in steps.items():
            for number, at in done:
                if code != FALLBACK and number == 4:
                    told[alert] = min(at, told.get(alert, at))
        return told


def as_table(outcome: Outcome) -> Table:
    """Return what came of it, for a terminal."""
    wrong = outcome.verdict.wrong()
    table = Table("what", "how many", title="Escalation under faults")
    for name, value in outcome.as_json().items():
        table.add_row(name, f"{value:,}", style="bold red" if name in wrong else None)
    return table


def main() -> None:
    """Run it and write down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="half a minute instead of six")
    parser.add_argument("--seed", type=int, default=20_261_128)
    asked = parser.parse_args()
    plan, console = SHORT if asked.short else FULL, Console()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that all that was started is stopped
    directory = Path(tempfile.mkdtemp(prefix="brdo-soak-"))
    server = DatabaseServer(directory / "services")
    try:
        upgrade(server.url)
        with progress_shown(console) as on_progress:
            outcome = Soak(directory, Database(server, server.url), plan, asked.seed).run(on_progress)
    finally:
        server.stop()
    said = {"seed": asked.seed, "stated_delay_seconds": LONGEST_LATE_SECONDS, **asdict(plan), **outcome.as_json()}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    console.print(as_table(outcome))
    if not outcome.is_well:
        console.print(f"data and logs are in {directory}")
        sys.exit(1)
    shutil.rmtree(directory)


if __name__ == "__main__":
    main()
