"""From drafts to revisions: what is new, what changed, what no longer stands."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from schemas.alerts import Alert, AlertKind, Severity
from schemas.fields import Evaluation, HandlingCode
from streams.engine.drafts import Draft
from streams.rules import Rules, SeverityRules

STRICTEST_FIRST: Final[tuple[HandlingCode, ...]] = ("H2", "H3", "H1", "H0")
DEFAULT_HANDLING: Final[HandlingCode] = "H1"
EXERCISE: Final = "EXERCISE: "
ALWAYS_HIGH: Final = {AlertKind.WATCHLIST_HIT, AlertKind.CONVOY}
"""Whatever the score; all convoys are with a vehicle of an incident."""


def reconcile(
    drafts: Iterable[Draft], current: Mapping[str, Alert], rules: Rules, updated_at: datetime, *, by_rules: bool
) -> tuple[Alert, ...]:
    """Return the revisions that turn the `current` open alerts of a scope into what `drafts` say.

    `by_rules` where the rules changed and not the events: that is why an alert is withdrawn then.

    `current` holds every alert known in the scope by id, withdrawn ones included, so that an alert
    that comes back goes on counting its revisions.
    """
    wanted = {draft.id: draft for draft in drafts}
    revisions = []
    for key in sorted(wanted):
        revision = _next_revision(assemble(wanted[key], rules, updated_at), current.get(key))
        if revision is not None:
            revisions.append(revision)
    for key in sorted(current):
        alert = current[key]
        if key not in wanted and alert.status == "open":
            revisions.append(_withdrawn(alert, wanted.values(), updated_at, by_rules=by_rules))
    return tuple(revisions)


def assemble(draft: Draft, rules: Rules, updated_at: datetime) -> Alert:
    """Return the first revision of the alert that `draft` describes."""
    pieces = draft.rests_on
    codes = sorted({piece.handling for piece in pieces if piece.handling}) or [DEFAULT_HANDLING]
    score = min(1.0, round(sum(reason.contribution for reason in draft.reasons), 6))
    danger = draft.life_at_risk
    mark = EXERCISE if draft.exercise else ""
    return Alert(
        id=draft.id,
        revision=1,
        status="open",
        kind=draft.kind,
        severity=severity(draft, score, rules.severity),
        score=score,
        summary=mark + draft.summary,
        rules_version=rules.version,
        exercise=draft.exercise,
        subjects=draft.subjects,
        reasons=tuple(reason.model_copy(update={"text": mark + reason.text}) for reason in draft.reasons),
        evidence=draft.evidence,
        occurrences=tuple(piece.occurrence for piece in pieces if piece.occurrence),
        suggested_responses=draft.suggested_responses,
        countries=draft.countries,
        handling_codes=tuple(codes),
        handling=min(codes, key=STRICTEST_FIRST.index),
        evaluation=weakest(piece.evaluation for piece in pieces if piece.evaluation),
        originators=tuple(sorted({one for piece in pieces for one in piece.originators})),
        restricted_by=tuple(sorted({one for piece in pieces if piece.handling == "H2" for one in piece.originators})),
        quality_notes=tuple(sorted({*draft.notes, *(note for piece in pieces for note in piece.notes)})),
        life_at_risk=danger,
        opened_at=draft.opened_at,
        updated_at=updated_at,
        valid_until=draft.newest.occurred_at + draft.window,
    )


def severity(draft: Draft, score: float, thresholds: SeverityRules) -> Severity:
    """Return the severity: its author's, else the first that applies."""
    if draft.severity is not None:
        return draft.severity
    if draft.life_at_risk:
        return Severity.CRITICAL
    if draft.by_name_alone:
        return Severity.MEDIUM if score >= thresholds.medium else Severity.LOW
    if draft.kind in ALWAYS_HIGH or score >= thresholds.high:
        return Severity.HIGH
    return Severity.MEDIUM if score >= thresholds.medium else Severity.LOW


def weakest(evaluations: Iterable[Evaluation]) -> Evaluation:
    """Return the weakest source with the weakest information: a chain is as strong as its weakest link."""
    several = list(evaluations) or [Evaluation()]
    return Evaluation(source=max(one.source for one in several), information=max(one.information for one in several))


def _next_revision(fresh: Alert, last: Alert | None) -> Alert | None:
    """Return `fresh` with its revision number, or None where it says nothing new: other rules alone are nothing."""
    if last is None:
        return fresh
    kept = {"revision": last.revision, "updated_at": last.updated_at, "rules_version": last.rules_version}
    same = fresh.model_copy(update=kept)
    return None if _told(same) == _told(last) else fresh.model_copy(update={"revision": last.revision + 1})


def _told(alert: Alert) -> Alert:
    """Return what receivers would be told again for: not that traffic beside a convoy goes on."""
    if alert.kind is not AlertKind.CONVOY:
        return alert
    return alert.model_copy(update={"reasons": tuple(one.model_copy(update={"text": ""}) for one in alert.reasons)})


def _withdrawn(alert: Alert, drafts: Iterable[Draft], updated_at: datetime, *, by_rules: bool) -> Alert:
    rested_on = set(alert.evidence)
    heirs = [draft for draft in drafts if draft.kind == alert.kind and rested_on & draft.group]
    heir = max(heirs, key=lambda draft: (len(rested_on & draft.group), draft.id), default=None)
    by_events = "superseded" if heir else "no_longer_supported"
    return alert.model_copy(
        update={
            "revision": alert.revision + 1,
            "status": "withdrawn",
            "withdrawn_reason": "rule_change" if by_rules else by_events,
            "superseded_by": heir.id if heir else None,
            "updated_at": updated_at,
            **_without_persons(alert),
        }
    )


def _without_persons(alert: Alert) -> dict[str, Any]:
    """Return what an alert about a person says once it no longer stands: nothing of who that was.

    They may be the victim of what they were suspected of, or somebody else; the id says which alert is meant.
    """
    if not any(subject.kind == "person" for subject in alert.subjects):
        return {}
    mark = EXERCISE if alert.exercise else ""
    unnamed = {"label": "a person", "identifiers": ()}
    return {
        "summary": f"{mark}An alert about a person no longer stands.",
        "reasons": (),
        "subjects": tuple(
            subject.model_copy(update=unnamed) if subject.kind == "person" else subject for subject in alert.subjects
        ),
    }
