"""`bulletin`: word from one contact point to others on a significant activity, passed on as it was written.

Nothing is correlated or scored: severity, handling and evaluation are the author's, who signed for them. That holds
for `critical` too, though no bulletin is flagged life_at_risk: a danger to life is reported as an incident, which is
told at once and whose protection extract nobody can withhold.
"""

from datetime import timedelta

from schemas.alerts import AlertKind, Appearance, Reason
from schemas.feedback import Bulletin
from streams.engine.drafts import Draft
from streams.engine.evidence import of_bulletin
from streams.rules import BulletinRules
from streams.typologies.wording import when


def draft(bulletin: Bulletin, rules: BulletinRules) -> Draft:
    """Return the alert: it rests on the bulletin alone, whatever that refers to, here or not yet here or refused."""
    told = {"text": bulletin.text, "sent": _sent(bulletin)}
    return Draft(
        kind=AlertKind.BULLETIN,
        exercise=bulletin.exercise,
        earliest=Appearance(event=bulletin.id, subject=""),
        summary=bulletin.title,
        subjects=(),
        reasons=tuple(
            Reason(rule=f"{AlertKind.BULLETIN}.{rule}", contribution=0.0, text=text, evidence=(bulletin.id,))
            for rule, text in told.items()
        ),
        rests_on=(of_bulletin(bulletin),),
        opened_at=bulletin.at,
        window=_stands(bulletin, rules.window),
        severity=bulletin.severity,
        countries=bulletin.countries,
    )


def _sent(bulletin: Bulletin) -> str:
    on_behalf = "" if bulletin.contact_point == bulletin.originator else f" for {bulletin.originator}"
    refers_to = f"; it refers to {', '.join(bulletin.refers_to)}" if bulletin.refers_to else ""
    handling = f"; how it may be used: {bulletin.handling_note}" if bulletin.handling_note else ""
    return f"Sent by {bulletin.contact_point}{on_behalf} on {when(bulletin.at)}{refers_to}{handling}"


def _stands(bulletin: Bulletin, window: timedelta) -> timedelta:
    return window if bulletin.valid_until is None else bulletin.valid_until - bulletin.at
