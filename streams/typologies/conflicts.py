"""`identity_conflict`: one document whose holders are two persons, by name and by date of birth.

It may be stolen, forged or misread; it links nobody. What is known of the document is told, and of its holders where
they showed it and when, not their names: nobody says that any of them is the wrong one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from schemas.alerts import AlertKind, Identifier, Reason
from streams.engine.about import About
from streams.engine.cases import Case, Part
from streams.engine.drafts import Draft
from streams.engine.evidence import of_case
from streams.rules import ConflictRules
from streams.typologies.chains import appearances, evidence_of
from streams.typologies.wording import passage_in_words

LISTED: Final = 5
"""How many appearances a reason spells out; the occurrences list them all."""


def draft(document: str, holders: Sequence[Part[Case]], completed_at: datetime, rules: ConflictRules) -> Draft:
    """Return the alert on a document (its key in `streams.matching.persons`) and all who differ from another holder."""
    kind, number, issuer = document.split("/")
    ordered = sorted(holders, key=lambda part: part.case.sort_key)
    cases = [part.case for part in ordered]
    seen = appearances(ordered)
    label = f"{kind.replace('_', ' ')} {number} ({issuer})"
    shown = [passage_in_words(case.report) for case in cases[-LISTED:]]
    earlier = [f"{len(cases) - LISTED} times before"] if len(cases) > LISTED else []
    return Draft(
        kind=AlertKind.IDENTITY_CONFLICT,
        exercise=cases[0].report.exercise,
        earliest=seen[0],
        other=document,
        summary=f"{label[0].upper()}{label[1:]} was shown by persons who differ in name and date of birth, "
        f"last at {shown[-1]}: stolen, forged or misread.",
        subjects=(About("person", label, (Identifier(type="document", value=number),)).subject(seen),),
        reasons=(
            Reason(
                rule=f"{AlertKind.IDENTITY_CONFLICT}.holders",
                contribution=rules.contributions.holders,
                text=f"Its holders differ in name and date of birth: {'; '.join(earlier + shown)}.",
                evidence=evidence_of(cases),
            ),
        ),
        rests_on=tuple(map(of_case, cases)),
        opened_at=completed_at,
        window=rules.window,
    )
