"""`brdo audit`, `brdo permissions` and `brdo recalls` on a real PostgreSQL."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import sqlalchemy as sa
from command_line import brdo
from delivery_rig import Database, by_default, everybody
from endpoints import a_contact_point
from factory import a_vehicle, an_alert, an_incident, at

from consumers.storing import Arrived, store
from infra.local_contact_points import write_local_contact_points
from schemas.alerts import Alert, Edition

pytest_plugins = ["delivery_services"]

POINTS = {code: a_contact_point(code) for code in ("SI", "HR")}


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> dict[str, str]:
    local = write_local_contact_points(tmp_path, "http://127.0.0.1:9")
    return {
        "PATH": os.environ["PATH"],
        "BRDO_DATA_DIR": str(tmp_path),
        "BRDO_DATABASE_URL": database.url,
        "BRDO_CONTACT_POINTS": str(local),
        "COLUMNS": "250",
    }


def an_h2_alert() -> Alert:
    alert = an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2)))
    return alert.model_copy(update={"restricted_by": ("SI",), "handling_codes": ("H2",)})


def told(database: Database, *editions: Edition) -> None:
    with database.engine.begin() as connection:
        store(connection, [Arrived(one, "") for one in editions], everybody("SI", "HR"), POINTS, by_default())


def test_a_whole_audit_is_said_to_be_whole_and_a_broken_one_is_named(
    database: Database, settings: dict[str, str]
) -> None:
    told(database, Edition(alert=an_alert()))
    whole = brdo(settings, "audit", "verify")
    assert (whole.returncode, "no row was altered" in whole.stdout) == (0, True)

    with database.engine.begin() as connection:
        connection.execute(sa.text("ALTER TABLE audit DISABLE TRIGGER ALL"))
        connection.execute(sa.text("UPDATE audit SET actor = 'nobody' WHERE number = 1"))
    broken = brdo(settings, "audit", "verify")
    assert (broken.returncode, "altered: book system, row 1" in broken.stdout) == (1, True)


def test_permission_is_asked_for_given_and_taken_back_and_all_of_it_is_shown_to_an_auditor(
    database: Database, settings: dict[str, str]
) -> None:
    whole = an_h2_alert()
    common = whole.model_copy(update={"restricted_by": (), "handling_codes": ("H1",)})
    told(database, Edition(alert=whole, reader="SI"), Edition(alert=common, apart=("SI",)))
    which = (whole.id, "--originator", "SI", "--contact-point", "HR", "--purpose", "case 17")
    for command, said in (("ask", "requested"), ("grant", "granted"), ("revoke", "revoked")):
        answer = brdo(settings, "permissions", command, *which)
        assert (answer.returncode, answer.stdout.partition(":")[0]) == (0, said), answer.stderr
    listed = brdo(settings, "permissions", "list", "--contact-point", "HR").stdout
    assert f"{whole.id}" in listed
    assert "revoked" in listed
    assert len(database.records("HR")) == 2, "the grant was delivered"

    shown = brdo(settings, "audit", "show", "--alert", whole.id, "--act", "change", "--json").stdout
    rows = [json.loads(line) for line in shown.splitlines()]
    assert [(row["purpose"], row["detail"]) for row in rows] == [
        ("case 17", f"permission of SI {state}") for state in ("requested", "granted", "revoked")
    ]
    asked = brdo(settings, "audit", "show", "--json", "--act", "consultation").stdout
    assert [json.loads(line)["detail"] for line in asked.splitlines()][:1] == ["audit rows"], "the auditor's own looks"


@pytest.mark.parametrize(("command", "whom", "exit_code"), [("grant", "SI", 2), ("grant", "XX", 2), ("ask", "XX", 1)])
def test_what_cannot_be_shared_is_refused(
    database: Database, settings: dict[str, str], command: str, whom: str, exit_code: int
) -> None:
    whole = an_h2_alert()
    told(database, Edition(alert=whole, reader="SI"))
    which = (whole.id, "--originator", "SI", "--contact-point", whom, "--purpose", "x")
    assert brdo(settings, "permissions", command, *which).returncode == exit_code


def test_recalls_that_nobody_confirmed_are_listed(database: Database, settings: dict[str, str]) -> None:
    alert = an_alert()
    told(database, Edition(alert=alert))
    gone = {"revision": 2, "status": "withdrawn", "withdrawn_reason": "no_longer_supported"}
    told(database, Edition(alert=alert.model_copy(update=gone)))
    listed = brdo(settings, "recalls").stdout
    assert listed.count(alert.id) == 2
    for code in ("SI", "HR"):
        assert f" {code} " in listed
