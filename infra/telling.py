"""Whom the routes tell of the alerts that events make, of one in a file or of a stored one; nothing is sent."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from pydantic import ValidationError

from consumers import audit
from consumers.audit import Act, Entry
from consumers.database import engine
from consumers.errors import DatabaseAwayError
from consumers.permissions import granted
from consumers.routing import RoutingTable
from consumers.storing import newest_editions
from consumers.tables import deliveries
from consumers.telling import Telling, tell
from infra.errors import NoSuchAlertError
from schemas import topics
from schemas.alerts import Alert, Edition
from schemas.codec import encode
from schemas.feedback import Bulletin
from streams.batches.records import InputRecord
from streams.dead_letters import DeadLetter, read_dead_letter
from streams.intake import FILE
from streams.offline import OfflineLine, read_back
from streams.rules import Rules


def tell_of_events(
    lines: Iterable[bytes], rules: Rules, now: datetime, table: RoutingTable, contact_points: Collection[str]
) -> tuple[list[Telling], list[DeadLetter]]:
    """Run events through the engine; return who is told of each alert that stands in the end, and what was refused."""
    line = OfflineLine(rules)
    newest: dict[tuple[str, str], Telling] = {}
    told: dict[str, set[str]] = defaultdict(set)
    refused: list[DeadLetter] = []
    for number, text in enumerate(lines):
        for record in line.take_in(InputRecord(FILE, 0, number, None, text, {}), now):
            if record.topic == topics.EDITIONS.name:
                edition = Edition.model_validate_json(record.value)
                alert = edition.alert.id
                telling = tell(edition, table, contact_points, told[alert])
                told[alert] |= telling.shown_to
                newest[alert, edition.reader] = telling
            elif record.topic in topics.REFUSED_NAMES:
                refused.append(read_dead_letter(read_back(record)))
    standing = [newest[key] for key in sorted(newest) if newest[key].edition.alert.status == "open"]
    return standing, refused


def editions_of_bulletin(rules: Rules, bulletin: Bulletin) -> tuple[Edition, ...]:
    """Return what the engine makes of a bulletin, as it would on the way through Kafka."""
    record = InputRecord(FILE, 0, 0, None, encode(bulletin), {})
    made = OfflineLine(rules).take_in(record, bulletin.at)
    return tuple(Edition.model_validate_json(one.value) for one in made if one.topic == topics.EDITIONS.name)


def tell_of_file(path: Path, table: RoutingTable, contact_points: Collection[str]) -> Telling:
    """Return who is told of the alert in a file; raises `NoSuchAlertError` where there is none."""
    try:
        alert = Alert.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NoSuchAlertError(
            f"{path}: cannot be read: {error.strerror}; an id is al- and 20 hexadecimal digits"
        ) from None
    except ValidationError as error:  # its own text would show what stands there
        first = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise NoSuchAlertError(f"{path}: is no alert: {field}: {first['msg']}") from None
    return tell(Edition(alert=alert), table, contact_points)


def tell_of_stored(
    database_url: str, alert_id: str, table: RoutingTable, contact_points: Collection[str], account: str
) -> list[Telling]:
    """Return who is told of each edition of a stored alert, as it stands; raises `NoSuchAlertError`.

    That `account` looked is in the audit.
    """
    database = engine(database_url)
    try:
        with database.begin() as connection:
            stored = newest_editions(connection, alert_id)
            before = [_told_before(connection, edition) for edition in stored]
            grants = granted(connection, [alert_id])[alert_id]
            look = Entry(Act.CONSULTATION, account, purpose="routes", alert_id=alert_id, detail="who is told")
            audit.record(connection, [look] if stored else [])
    except sa.exc.OperationalError:
        raise DatabaseAwayError("PostgreSQL does not answer") from None
    finally:
        database.dispose()
    if not stored:
        raise NoSuchAlertError(f"{alert_id} is not in the database; `brdo watch` and `brdo trace` show ids")
    return [tell(edition, table, contact_points, told, grants) for edition, told in zip(stored, before, strict=True)]


def _told_before(connection: sa.Connection, edition: Edition) -> set[str]:
    columns = deliveries.c
    earlier = (columns.alert_id == edition.alert.id) & (columns.revision < edition.alert.revision)
    return set(connection.execute(sa.select(columns.contact_point).where(earlier).distinct()).scalars())
