"""Verdicts that their contact point takes back: its clock runs again, unless another answer of its own stands.

A retraction holds whenever it comes, before its verdict too. Whether it is of a verdict at all shows once one has its
id: what is taken back of reports is the streams' business.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.acknowledgement import Timing
from consumers.audit import Act, Entry
from consumers.clocks import Key, lock, take_back
from consumers.exercise_tables import verdicts_taken_back
from consumers.tables import answers
from schemas.feedback import Retraction


def hear_retractions(connection: sa.Connection, retractions: Sequence[tuple[Retraction, str]], timing: Timing) -> None:
    """Take retractions that came from Kafka, each with its place there; one that is known already changes nothing."""
    fresh = [(one, source) for one, source in retractions if _is_new(connection, one)]
    theirs = [(answer, one, source) for one, source in fresh for answer in _verdict_of(connection, one)]
    lock(connection, {Key(answer.alert_id, answer.contact_point) for answer, _, _ in theirs})
    for answer, one, source in theirs:
        clock = take_back(connection, Key(answer.alert_id, answer.contact_point), timing)
        changed = "nothing changes" if clock is None else str(clock.state)
        code, detail = answer.contact_point, f"answer {answer.outcome} taken back: {changed}, {source}"
        actor = f"{code}:{one.officer}"
        audit.record(connection, [Entry(Act.CHANGE, actor, code, code, "answer", answer.alert_id, detail=detail)])


def _is_new(connection: sa.Connection, one: Retraction) -> bool:
    row = {"verdict": one.retracts, "contact_point": one.originator, "exercise": one.exercise, "at": one.at}
    added = insert(verdicts_taken_back).values(row).on_conflict_do_nothing()
    return connection.execute(added.returning(verdicts_taken_back.c.verdict)).one_or_none() is not None


def _verdict_of(connection: sa.Connection, one: Retraction) -> Sequence[sa.Row[str, str, str]]:
    """Return the answer that is taken back, none where it is unknown, or somebody else's."""
    same = {"id": one.retracts, "contact_point": one.originator, "exercise": one.exercise}
    query = sa.select(answers.c.alert_id, answers.c.contact_point, answers.c.outcome).filter_by(**same)
    return connection.execute(query).all()
