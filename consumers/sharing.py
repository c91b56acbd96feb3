"""Asking for H2 information, and deciding on it: who may, in one place for all who call it.

A contact point asks about an alert that it was told of; an originator decides on alerts that hold information of its
own. Where that is not so, nothing happens, and None says no more than that.
"""

from collections.abc import Mapping

import sqlalchemy as sa

from consumers import permissions
from consumers.acknowledgement import Timing
from consumers.contact_points import ContactPoint
from consumers.deliveries import told_before
from consumers.permissions import Permission, PermissionState, Which, Who
from consumers.records import was_told
from consumers.routing import Assignment, RouteReason
from consumers.storing import deliver_newest, newest_editions


def ask(connection: sa.Connection, which: Which, who: Who) -> Permission | None:
    """Ask the originator; None where the contact point was not told of the alert."""
    if not was_told(connection, which.contact_point, which.alert_id):
        return None
    return permissions.ask(connection, which, who)


def decide(  # noqa: PLR0913, PLR0917 - what is decided, by whom, and how those who are told then are reached
    connection: sa.Connection,
    which: Which,
    state: PermissionState,
    who: Who,
    contact_points: Mapping[str, ContactPoint],
    timing: Timing,
) -> Permission | None:
    """Decide as the originator; None where the alert holds no H2 information of it. What a grant opens is delivered."""
    own = [
        edition
        for edition in newest_editions(connection, which.alert_id)
        if which.originator in {edition.reader, *edition.alert.restricted_by}
    ]
    if not own:
        return None
    permission = permissions.decide(connection, which, state, who)
    if state is PermissionState.GRANTED:
        text = f"{which.originator} shares this alert."
        assignment = Assignment(which.contact_point, RouteReason.PERMITTED, "permissions", (text,))
        told = told_before(connection, [which.alert_id])
        deliver_newest(connection, own, [assignment], told, contact_points, timing)
    return permission
