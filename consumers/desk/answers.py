"""What the officers of a contact point answered, and what it comes to for each alert."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from consumers.desk.harmless import harmless
from schemas.feedback import Outcome, Retraction, Verdict
from schemas.messages import AnyMessage


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to be given: to which alert, and what."""

    alert: str
    exercise: bool
    outcome: Outcome
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Answers:
    """The verdicts of one contact point by their ids, and the ids of what it took back."""

    contact_point: str
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    retracted: frozenset[str] = frozenset()

    def with_messages(self, messages: Iterable[AnyMessage]) -> "Answers":
        """Return the answers with what these messages say; others than its own are passed over.

        Of two verdicts with one id the first holds, as at intake. A retraction may come before its verdict.
        """
        verdicts, retracted = dict(self.verdicts), set(self.retracted)
        for message in messages:
            if isinstance(message, Verdict) and message.contact_point == self.contact_point:
                verdicts.setdefault(message.id, _harmless(message))
            elif isinstance(message, Retraction) and message.originator == self.contact_point:
                retracted.add(message.retracts)
        return Answers(self.contact_point, verdicts, frozenset(retracted))

    def by_alert(self) -> dict[str, tuple[Verdict, ...]]:
        """Return the verdicts that stand, the oldest first, by the alert that each is about."""
        found: dict[str, tuple[Verdict, ...]] = {}
        for one in sorted(self.verdicts.values(), key=lambda verdict: (verdict.at, verdict.id)):
            if one.id not in self.retracted:
                found[one.alert] = (*found.get(one.alert, ()), one)
        return found


def _harmless(said: Verdict) -> Verdict:
    """Return the verdict with what its officer wrote made fit for a terminal."""
    note = None if said.note is None else harmless(said.note)
    return said.model_copy(update={"officer": harmless(said.officer), "note": note})


def carried_over(
    given: Mapping[str, tuple[Verdict, ...]], superseded: Mapping[str, str]
) -> dict[str, tuple[Verdict, ...]]:
    """Return the verdicts by alert with those that carry over to the alert that superseded theirs.

    `superseded` names the successor of each withdrawn alert that has one.
    """
    carried = dict(given)
    for alert, verdicts in given.items():
        seen, successor = {alert}, superseded.get(alert)
        while successor is not None and successor not in seen:
            seen.add(successor)
            together = {one.id: one for one in (*carried.get(successor, ()), *verdicts)}
            carried[successor] = tuple(sorted(together.values(), key=lambda one: (one.at, one.id)))
            successor = superseded.get(successor)
    return carried


def verdict(answer: Answer, *, contact_point: str, officer: str, at: datetime, identity: str) -> Verdict:
    """Return the answer as the event that says it; a drill's answer is part of the drill."""
    return Verdict(
        type="verdict",
        schema_version="1.0",
        id=identity,
        exercise=answer.exercise,
        at=at,
        alert=answer.alert,
        contact_point=contact_point,
        officer=officer,
        outcome=answer.outcome,
        note=answer.note,
    )
