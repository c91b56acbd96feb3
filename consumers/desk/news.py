"""What news does to the desk. What is to be done outside is returned as effects."""

from dataclasses import replace

from consumers.desk import words
from consumers.desk.alerts import DeskAlert
from consumers.desk.answers import Answer, carried_over
from consumers.desk.model import (
    Answered,
    AnswersAway,
    Away,
    Consult,
    Desk,
    Detail,
    Effect,
    Listing,
    News,
    NotSent,
    Opening,
    Read,
    Recorded,
    RecordList,
    Ring,
    Sent,
    Standing,
    rank,
)
from consumers.desk.order import pinned


def told(desk: Desk, news: News) -> tuple[Desk, tuple[Effect, ...]]:
    """Return the desk after this news, and what is to be done. The selection stays on its alert."""
    effects: tuple[Effect, ...] = ()
    match news:
        case Read():
            desk, effects = _read(desk, news)
        case Away(why):
            desk = replace(desk, away=why)
        case Answered(messages):
            answers = desk.answers.with_messages(messages) if messages else desk.answers
            desk = _judged(replace(desk, answers=answers, answers_known=True, answers_away=""))
        case AnswersAway(why):
            desk = replace(desk, answers_away=why)
        case Recorded():
            desk = _recorded(desk, news)
        case Sent(answer, verdict):
            said = f"{words.OUTCOMES[answer.outcome]}: Kafka has it"
            answers = desk.answers.with_messages([verdict])
            desk = _judged(replace(desk, answers=answers, pending=_without(desk, answer), message=said))
        case NotSent(answer, why):
            said = f"NOT SENT: {words.OUTCOMES[answer.outcome]} for {answer.alert}: {why}"
            desk = replace(desk, pending=_without(desk, answer), message=said)
    return pinned(desk), effects


def _read(desk: Desk, news: Read) -> tuple[Desk, tuple[Effect, ...]]:
    first = desk.read_at is None
    alerts = {**desk.alerts, **{one.id: one for one in news.alerts}}
    unwritten = tuple(one.key for one in alerts.values() if one.key not in desk.recorded | desk.recording)
    effects: list[Effect] = [RecordList(unwritten)] if unwritten else []
    changed = replace(
        desk,
        alerts=alerts,
        recording=desk.recording | set(unwritten),
        read_at=news.at,
        left_out=news.left_out,
        unreadable=desk.unreadable + news.unreadable,
        away="",
    )
    if news.alerts:
        changed = _judged(changed)
    if news.alerts and not first:
        most = min(news.alerts, key=lambda one: (not one.endangers_life, rank(one)))
        changed = replace(changed, message=_announced(most, len(news.alerts) - 1))
        if any(one.endangers_life for one in news.alerts):
            effects.append(Ring())
    return changed, tuple(effects)


def _announced(alert: DeskAlert, others: int) -> str:
    what = "new" if alert.revision == 1 else "changed" if alert.is_open else "WITHDRAWN"
    drill = "EXERCISE: " if alert.exercise else ""
    more = f", and {others} more" if others else ""
    return f"{what}: {drill}{words.KINDS[alert.kind]} at {alert.place or 'a place not told'}{more}"


def _recorded(desk: Desk, news: Recorded) -> Desk:
    match news.of:
        case RecordList(keys):
            desk = replace(desk, recording=desk.recording - set(keys))
            if news.failure:
                said = f"summaries not shown: the look at them could not be written down ({news.failure})"
                return replace(desk, message=said)
            return replace(desk, recorded=desk.recorded | set(keys))
        case Consult(alert):
            if desk.mode != Opening(alert):  # left meanwhile
                return desk
            if news.failure:
                said = f"not shown: the look at it could not be written down ({news.failure})"
                return replace(desk, mode=Listing(), message=said)
            return replace(desk, mode=Detail(alert), message="")


def _judged(desk: Desk) -> Desk:
    """Return the desk with what was answered to each of its alerts worked out anew."""
    superseded = {one.id: one.superseded_by for one in desk.alerts.values() if one.superseded_by}
    given = carried_over(desk.answers.by_alert(), superseded)
    standings = {
        alert: Standing(verdicts[-1], verdicts[-1].at < desk.alerts[alert].updated_at)
        for alert, verdicts in given.items()
        if alert in desk.alerts
    }
    return replace(desk, standings=standings)


def _without(desk: Desk, answer: Answer) -> dict[str, Answer]:
    return {alert: one for alert, one in desk.pending.items() if alert != answer.alert}
