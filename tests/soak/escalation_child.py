"""The escalator of the soak: the product's own, by a policy of seconds. `python escalation_child.py DIRECTORY`.

`child.json` there says where the database and the mail server are; `duties.yaml` who is called.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from endpoints import a_contact_point
from escalation_judgement import CODES, FALLBACK, OPERATIONS, STEP_SECONDS, address

from consumers.channels.email import EmailChannel, SmtpServer
from consumers.configuration import Configuration
from consumers.duties import load_duties
from consumers.escalator import Escalator
from consumers.outbox import Pace
from consumers.policy import Whom
from consumers.routing import Route, RoutingTable
from infra.logs import configure_logs
from infra.services.ports import HOST

LEASE_SECONDS = 4.0
PACE = Pace(timedelta(seconds=LEASE_SECONDS), (timedelta(seconds=0.2), timedelta(seconds=0.5)))
POINTS = {code: a_contact_point(code) for code in (*CODES, FALLBACK)}


def duties() -> dict[str, Any]:
    """Return the file of duties."""
    return {
        "operations": {"email": OPERATIONS},
        "fallback": [FALLBACK],
        "policy": {
            severity: [{"after_minutes": seconds / 60, "whom": whom.value} for whom in Whom]
            for severity, seconds in STEP_SECONDS.items()
        },
        "rotas": {code: _rota(code) for code in CODES},
    }


def _rota(code: str) -> dict[str, Any]:
    names = [address(code, number).partition("@")[0] for number in (1, 2, 3)]
    return {
        "timezone": "Europe/Ljubljana",
        "officers": {name: {"email": f"{name}@soak.example"} for name in names},
        "layers": [[{"officers": names[:1]}], [{"officers": names[1:2]}]],
        "supervisors": names[2:],
    }


def configuration(directory: Path) -> Configuration:
    """Return who is told, and who is called."""
    table = RoutingTable(routes=(Route(name="everybody", to=CODES),), fallback=CODES)
    return Configuration(table, POINTS, load_duties(directory / "duties.yaml", POINTS))


async def escalate(directory: Path) -> None:
    """Run until SIGTERM."""
    given, stop = json.loads((directory / "child.json").read_text(encoding="utf-8")), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    mail = EmailChannel(
        SmtpServer(HOST, given["mail_port"], "alerts@brdo.example", starttls=False), "https://brdo.example", 3
    )
    in_force = configuration(directory)
    await Escalator(
        database_url=given["database_url"],
        configuration=lambda: in_force,
        send=mail.call,
        clock=lambda: datetime.now(UTC),
        pace=PACE,
    ).run(stop)


if __name__ == "__main__":
    configure_logs("escalator", "WARNING")
    asyncio.run(escalate(Path(sys.argv[1])))
