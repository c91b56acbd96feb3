"""What contact points answer: it stops their own clock, and goes to everybody as a verdict on `border.feedback`.

An answer that is given here is stored with the clock that it stops, and `consumers.publishing` brings it to Kafka. One
that comes from Kafka (a desk's, a contact point's own system's) stops the clock as well. Each counts once, by its id.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import structlog
from prometheus_client import Counter
from sqlalchemy.dialects.postgresql import insert

from consumers import audit
from consumers.acknowledgement import Answer, AnswerRefusal, Clock, answered, noted
from consumers.audit import Act, Entry
from consumers.clocks import Key, carry_over, is_taken_back, lock, save
from consumers.publishing import published
from consumers.tables import answers
from schemas.codec import encode
from schemas.feedback import Outcome, SubjectRef, Verdict

log = structlog.get_logger()
_heard = Counter("border_consumers_answers_total", "Answers of contact points", ["outcome", "result"])


def verdict_of(  # noqa: PLR0913 - what a verdict says
    contact_point: str,
    officer: str,
    alert: str,
    outcome: Outcome,
    at: datetime,
    *,
    note: str | None = None,
    between: tuple[SubjectRef, SubjectRef] | None = None,
) -> Verdict:
    """Return the event that says it; raises `pydantic.ValidationError` where outcome and `between` do not fit."""
    return Verdict(
        type="verdict",
        schema_version="1.0",
        id=f"vd-{uuid.uuid4().hex}",
        at=at,
        alert=alert,
        contact_point=contact_point,
        officer=officer,
        outcome=outcome,
        note=note,
        between=between,
    )


def give(connection: sa.Connection, verdict: Verdict, revision: int) -> Clock | AnswerRefusal | None:
    """Take an answer that is given to us; return the clock after it, why it does not count, None where there is none.

    A drill's answer is part of the drill, whatever the verdict says.
    """
    key = Key(verdict.alert, verdict.contact_point)
    clock = lock(connection, [key]).get(key)
    if clock is None:
        return None
    verdict = verdict.model_copy(update={"exercise": clock.exercise})
    after = answered(clock, _answer(verdict, revision))
    if isinstance(after, Clock):
        save(connection, [after])
        connection.execute(insert(answers).values(_row(verdict, revision)))
        audit.record(connection, [_entry(verdict, after, "")])
    _heard.labels(verdict.outcome, "counts" if isinstance(after, Clock) else after.value).inc()
    return after


def hear(connection: sa.Connection, verdicts: Sequence[tuple[Verdict, str]]) -> None:
    """Take answers that came from Kafka, each with its place there; those that are known already change nothing.

    Where an alert goes on as another one by now, its answer carries over. Where there is no clock yet, it waits.
    """
    lock(connection, {Key(one.alert, one.contact_point) for one, _ in verdicts})  # before any book: so do all others
    for verdict, source in verdicts:
        try:
            with connection.begin_nested():
                _hear(connection, verdict, source)
        except (sa.exc.DataError, sa.exc.IntegrityError) as error:  # this one alone, however often it is tried
            log.error("answer_not_heard", source=source, error=type(error).__name__)  # noqa: TRY400 - no data
            _heard.labels(verdict.outcome, "database_refused").inc()


def _hear(connection: sa.Connection, verdict: Verdict, source: str) -> None:
    row = {**_row(verdict, None), "state": "published", "body": None}
    added = connection.execute(insert(answers).values(row).on_conflict_do_nothing().returning(answers.c.id))
    if added.scalar_one_or_none() is None:
        published(connection, answers, verdict.id, verdict.contact_point)
        return
    mine = answers.c.id == verdict.id, is_taken_back()
    if connection.execute(sa.select(answers.c.id).where(*mine)).one_or_none() is not None:
        _heard.labels(verdict.outcome, "taken_back").inc()
        return
    key = Key(verdict.alert, verdict.contact_point)
    clock = lock(connection, [key]).get(key)
    if clock is None:
        _heard.labels(verdict.outcome, "no_clock").inc()
        return
    answer = _answer(verdict, None)
    after = answered(clock, answer)
    if isinstance(after, Clock):
        save(connection, [after])
    elif after is AnswerRefusal.SUPERSEDED and clock.acknowledged_at is None:
        late = noted(clock, answer)
        save(connection, [late])
        carry_over(connection, [late])
    result = "counts" if isinstance(after, Clock) else after.value
    audit.record(connection, [_entry(verdict, clock, f"{result}, {source}")])
    _heard.labels(verdict.outcome, result).inc()


def _answer(verdict: Verdict, revision: int | None) -> Answer:
    return Answer(verdict.outcome, verdict.at, verdict.officer, verdict.exercise, revision)


def _row(verdict: Verdict, revision: int | None) -> dict[str, Any]:
    return {
        "id": verdict.id,
        "alert_id": verdict.alert,
        "contact_point": verdict.contact_point,
        "officer": verdict.officer,
        "outcome": verdict.outcome,
        "exercise": verdict.exercise,
        "revision": revision,
        "at": verdict.at,
        "state": "to_publish",
        "body": encode(verdict).decode(),
    }


def _entry(verdict: Verdict, clock: Clock, detail: str) -> Entry:
    code, said = verdict.contact_point, f"answered {verdict.outcome}" + (f": {detail}" if detail else "")
    actor = f"{code}:{verdict.officer}"
    return Entry(Act.CHANGE, actor, code, code, "answer", verdict.alert, clock.revision, detail=said)
