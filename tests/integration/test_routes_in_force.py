"""Routes of the running system: read again on a signal, and asked about an alert of the database."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
import sqlalchemy as sa
from command_line import get
from delivery_rig import Database, by_default, everybody, process
from endpoints import a_contact_point
from factory import an_alert, an_incident
from offsets import Offsets
from started import wait_until

from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.routing import BUNDLED, load_routes
from consumers.storing import Arrived, store
from consumers.tables import audit, deliveries
from infra.errors import NoSuchAlertError
from infra.local_contact_points import write_local_contact_points
from infra.telling import tell_of_stored
from infra.workers import Announcement, WorkerName
from producers.publisher import Publisher
from schemas.alerts import Edition
from schemas.records import edition_record

pytest_plugins = ["delivery_services"]


def test_routes_that_change_hold_from_the_next_alert_on_and_wrong_ones_change_nothing(
    bootstrap: str, database: Database, offsets: Offsets, tmp_path: Path
) -> None:
    """A whole process, its file and SIGHUP: Slovenia, then Italy; what names nobody leaves it at Italy."""
    offsets.skip_all()
    publisher = Publisher(bootstrap)
    routes = tmp_path / "routing.yaml"
    environment = {
        "BRDO_KAFKA_BOOTSTRAP": bootstrap,
        "BRDO_DATABASE_URL": database.url,
        "BRDO_CONTACT_POINTS": str(write_local_contact_points(tmp_path, "http://127.0.0.1:1")),
        "BRDO_ROUTES": str(routes),
        "BRDO_DATA_DIR": str(tmp_path),
    }

    def told_with(fallback: str, outcome: str | None) -> set[str]:
        routes.write_text(f"routes: []\nfallback: [{fallback}]")
        if outcome is not None:
            dispatcher.send_signal(signal.SIGHUP)
            wait_until(lambda: outcome in metrics(tmp_path), 20)
        alert = an_alert()
        publisher.send(edition_record(Edition(alert=alert)))
        publisher.flush()
        query = sa.select(deliveries.c.contact_point).where(deliveries.c.alert_id == alert.id)
        wait_until(lambda: bool(database.rows(query)), 20)
        return {row.contact_point for row in database.rows(query)}

    routes.write_text("routes: []\nfallback: [SI]")
    with process("-m", "infra.cli", "run", "dispatcher", **environment) as dispatcher:
        wait_until(lambda: "configuration_valid 1.0" in metrics(tmp_path), 20)
        assert told_with("SI", None) == {"SI"}
        assert told_with("IT", 'configuration_reloads_total{result="in_force"} 1.0') == {"IT"}
        assert told_with("NOBODY", 'configuration_reloads_total{result="refused"} 1.0') == {"IT"}
        assert "configuration_valid 0.0" in metrics(tmp_path)


def metrics(data_dir: Path) -> str:
    """Return what the dispatcher measures; nothing where it does not answer yet."""
    announcement = Announcement.read(data_dir, WorkerName.DISPATCHER)
    return get(f"{announcement.health}/metrics")[1] if announcement else ""


def test_an_alert_in_the_database_is_explained_by_its_id(database: Database) -> None:
    """With what each reader has of it: the common edition goes to all but those who have their own."""
    alert = an_alert(an_incident(station="HU-ROS", life_at_risk=True))
    database.store(alert, told=[a_contact_point("IT")])
    later = alert.model_copy(update={"revision": 2})
    own = alert.model_copy(update={"revision": 3})
    points = {"SI": a_contact_point("SI")}
    with database.engine.begin() as connection:
        editions = Edition(alert=later, apart=("RS",)), Edition(alert=own, reader="RS")
        arrived = [Arrived(one, f"border.editions/0/{one.alert.revision}") for one in editions]
        store(connection, arrived, everybody("SI"), points, by_default())
    codes = contact_point_codes(CONTACT_POINTS)
    table = load_routes(BUNDLED, codes)
    common, apart = tell_of_stored(database.url, alert.id, table, codes, "a.novak")
    assert (common.edition.alert.revision, sorted(common.shown_to)) == (2, ["FRONTEX", "HU", "IT"])
    assert (apart.edition.reader, apart.edition.alert.revision, sorted(apart.shown_to)) == ("RS", 3, ["RS"])
    with pytest.raises(NoSuchAlertError, match="is not in the database"):
        tell_of_stored(database.url, f"al-{0:020}", table, (), "a.novak")
    looks = database.rows(sa.select(audit).where(audit.c.act == "consultation"))
    assert [(row.actor, row.alert_id) for row in looks] == [("a.novak", alert.id)]
