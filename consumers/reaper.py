"""The reaper: what a crash or a change of configuration leaves in the outbox is mended."""

from collections.abc import Mapping

import sqlalchemy as sa

from consumers.contact_points import ContactPoint
from consumers.outbox import SendingStatus, SendOutcome
from consumers.tables import attempts, deliveries, sendings


def reap(connection: sa.Connection, contact_points: Mapping[str, ContactPoint]) -> tuple[int, int]:
    """Mend it; return how many attempts and sendings it mended.

    An attempt whose lease ran out is closed as cut off. A delivery that has not arrived, and is not replaced, gets a
    sending for each channel that its contact point has by now.
    """
    cut_off = connection.execute(
        sa.update(attempts)
        .where(
            attempts.c.finished_at.is_(None),
            attempts.c.delivery_id == sendings.c.delivery_id,
            attempts.c.channel == sendings.c.channel,
            sa.or_(
                sendings.c.state != SendingStatus.PENDING,
                sendings.c.attempts > attempts.c.number,
                sendings.c.lease_until < sa.func.now(),
            ),
        )
        .values(finished_at=sa.func.now(), outcome=SendOutcome.CUT_OFF)
    )
    missing = 0
    for code, point in contact_points.items():
        for channel in point.channels:
            sent = sa.select(sendings.c.delivery_id).where(sendings.c.channel == channel)
            rows = sa.select(
                deliveries.c.id,
                sa.literal(str(channel)),
                deliveries.c.contact_point,
                deliveries.c.notice,
                sa.literal(0),
            ).where(
                deliveries.c.contact_point == code,
                deliveries.c.arrived_at.is_(None),
                deliveries.c.replaced_by.is_(None),
                deliveries.c.id.not_in(sent),
            )
            names = ["delivery_id", "channel", "contact_point", "notice", "priority"]
            added = sa.insert(sendings).from_select(names, rows).returning(sendings.c.delivery_id)
            missing += len(connection.execute(added).all())
    return cut_off.rowcount, missing
