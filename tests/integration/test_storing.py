"""Storing an alert revision with its deliveries: once, for whoever is told, and for nobody else."""

from __future__ import annotations

import json

import pytest
import sqlalchemy as sa
from delivery_rig import Database, by_default, everybody
from endpoints import a_contact_point
from factory import a_vehicle, an_alert, an_incident, at

from consumers.audience import View
from consumers.contact_points import BUNDLED as CONTACT_POINTS
from consumers.contact_points import contact_point_codes
from consumers.errors import ContentConflictError
from consumers.routing import BUNDLED, load_routes
from consumers.storing import Arrived, seen_now, store
from consumers.tables import alert_revisions, attempts, audit, deliveries, sendings, sequences
from schemas.alerts import Alert, Edition

pytest_plugins = ["delivery_services"]

SI, HR, AT = (a_contact_point(code) for code in ("SI", "HR", "AT"))
EVERY_POINT = {code: a_contact_point(code) for code in contact_point_codes(CONTACT_POINTS)}
BUNDLED_ROUTES = load_routes(BUNDLED, EVERY_POINT)


def everything(database: Database) -> list[list[object]]:
    tables = (alert_revisions, deliveries, sendings, attempts, audit, sequences)
    return [[tuple(row) for row in database.rows(sa.select(table))] for table in tables]


def addressed(database: Database, revision: int) -> set[str]:
    query = sa.select(deliveries.c.contact_point).where(deliveries.c.revision == revision)
    return {row.contact_point for row in database.rows(query)}


def test_storing_a_revision_twice_changes_nothing(database: Database) -> None:
    alert = an_alert()
    database.store(alert, told=[SI, HR])
    first = everything(database)

    database.store(alert, told=[SI, HR, AT])

    assert everything(database) == first
    assert addressed(database, 1) == {"SI", "HR"}


def test_the_same_revision_with_other_content_is_an_error_and_the_first_holds(database: Database) -> None:
    alert = an_alert()
    database.store(alert, told=[SI])
    first = everything(database)

    with pytest.raises(ContentConflictError, match=f"{alert.id} revision 1"):
        database.store(alert.model_copy(update={"summary": "Something else."}), told=[SI, HR])

    assert everything(database) == first


def test_a_contact_point_has_one_delivery_of_a_revision_by_each_channel(database: Database) -> None:
    """Also where two routes name it, and whatever id a second row would have."""
    alert = an_alert()
    named_twice = everybody("SI", "SI").model_copy(update={"routes": everybody("SI").routes * 2})
    with database.engine.begin() as connection:
        store(connection, [Arrived(Edition(alert=alert), "")], named_twice, {"SI": SI}, by_default())

    (row,) = database.rows(sa.select(deliveries))
    with pytest.raises(sa.exc.IntegrityError), database.engine.begin() as connection:
        connection.execute(sa.insert(deliveries).values({**row._mapping, "id": "dl-another"}))  # noqa: SLF001


def test_who_was_told_of_revision_1_is_told_of_revision_2_wherever_the_routes_lead_by_then(database: Database) -> None:
    alert = an_alert()
    second = alert.model_copy(update={"revision": 2})
    database.store(alert, told=[SI])
    with database.engine.begin() as connection:
        store(connection, [Arrived(Edition(alert=second), "")], everybody("HR"), {"SI": SI, "HR": HR}, by_default())

    assert addressed(database, 1) == {"SI"}
    assert addressed(database, 2) == {"SI", "HR"}


def test_a_contact_point_that_was_taken_out_does_not_stop_the_next_revision(database: Database) -> None:
    alert = an_alert()
    database.store(alert, told=[SI, HR])
    database.store(alert.model_copy(update={"revision": 2}), told=[HR])

    assert addressed(database, 2) == {"HR"}


def test_of_an_h2_alert_those_it_is_withheld_from_have_neither_a_row_nor_a_payload(database: Database) -> None:
    pair = [
        an_incident(station=station, vehicles=[a_vehicle()], occurred_at=at(day))
        for day, station in ((1, "SI-OBR"), (2, "SI-GRU"))
    ]
    alert = an_alert(*pair, handling_codes=("H2",), originators=("SI",), restricted_by=("SI",))
    with database.engine.begin() as connection:
        (assigned,) = store(connection, [Arrived(Edition(alert=alert), "")], BUNDLED_ROUTES, EVERY_POINT, by_default())

    withheld = {one.contact_point for one, view in assigned if view is View.WITHHELD}
    assert "HR" in withheld
    (row,) = database.rows(sa.select(deliveries))
    assert (row.contact_point, row.view) == ("SI", "full")
    assert json.loads(row.notice)["data"]["alert"] == alert.id


def test_each_edition_has_rows_for_its_readers_alone_and_a_follower_goes_on_in_its_own(database: Database) -> None:
    """Both have a second revision, of which SI's says more; HR was told of the first, and does not read SI's."""
    first = an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2)))
    second: Alert = first.model_copy(update={"revision": 2, "summary": "What everybody may know."})
    whole: Alert = second.model_copy(update={"summary": "What SI knows beside.", "restricted_by": ("SI",)})
    points = {"SI": SI, "HR": HR, "AT": AT}
    editions = [Edition(alert=first), Edition(alert=whole, reader="SI"), Edition(alert=second, apart=("SI",))]
    for _ in range(2):
        for edition in editions:
            with database.engine.begin() as connection:
                store(connection, [Arrived(edition, "")], everybody("SI", "HR"), points, by_default())

    rows = database.rows(sa.select(deliveries).where(deliveries.c.revision == 2))
    said = {
        code: record.alert["summary"]
        for code in ("SI", "HR")
        for record in database.records(code)
        if record.alert is not None and record.revision == 2
    }
    assert said == {"SI": "What SI knows beside.", "HR": "What everybody may know."}
    assert len(rows) == 2
    assert database.count(alert_revisions) == 3


def test_a_withdrawal_reaches_whoever_held_the_alert_in_its_own_edition(database: Database) -> None:
    """The routes lead elsewhere by then."""
    first = an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2)))
    gone: Alert = first.model_copy(update={"revision": 2, "status": "withdrawn"})
    database.store(first, told=[SI, HR])
    with database.engine.begin() as connection:
        arrived = [Arrived(Edition(alert=gone, apart=("SI",)), "")]
        store(connection, arrived, everybody("AT"), {"SI": SI, "HR": HR, "AT": AT}, by_default())

    assert addressed(database, 2) == {"HR", "AT"}


def test_of_an_alert_in_two_editions_each_sees_its_own_now(database: Database) -> None:
    common = an_alert(*(an_incident(vehicles=[a_vehicle()], occurred_at=at(day)) for day in (1, 2)))
    own = common.model_copy(update={"restricted_by": ("SI",), "handling_codes": ("H2",)})
    editions = [Edition(alert=common, apart=("SI",)), Edition(alert=own, reader="SI")]
    with database.engine.begin() as connection:
        arrived = [Arrived(one, "border.editions/0/0") for one in editions]
        store(connection, arrived, everybody("SI", "HR"), EVERY_POINT, by_default())
        seen = seen_now(connection, common.id)
    assert {code: (edition.reader, audience.view) for code, (edition, audience) in seen.items()} == {
        "SI": ("SI", View.FULL),
        "HR": ("", View.FULL),
    }
