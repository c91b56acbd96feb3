"""`watchlist_hit`: somebody or something on the watchlist is in a report. What to do is said with it.

A suggested response is mandatory for an entry (Implementing Regulation (EU) 2021/581 Art. 15).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.alerts import AlertKind, Appearance, Reason, SuggestedResponse
from schemas.watchlist import WatchlistEntry
from streams.engine.about import About, Described
from streams.engine.cases import Case
from streams.engine.drafts import Draft
from streams.engine.evidence import of_case, of_entry
from streams.engine.watchlist import Standing
from streams.rules import WatchlistRules
from streams.typologies.wording import passage_in_words, when


@dataclass(frozen=True, slots=True)
class Match:
    """An entry that matches, and whether a name and a birth date alone say so; how, where it is not plain."""

    standing: Standing
    by_name_alone: bool = False
    how: str = ""


def draft(case: Case, position: str, described: Described, matches: Sequence[Match], rules: WatchlistRules) -> Draft:
    """Return the alert of one appearance, with every valid entry that matches it."""
    report, about = case.report, described.about
    entries = [match.standing.upsert for match in matches]
    checks = " and ".join(dict.fromkeys(f"{entry.check} check" for entry in entries))
    appearance = Appearance(event=report.id, subject=position)
    return Draft(
        kind=AlertKind.WATCHLIST_HIT,
        exercise=report.exercise,
        earliest=appearance,
        summary=f"{about.named} is on the watchlist ({checks}) and was met at {passage_in_words(case.report)}.",
        subjects=(about.subject([appearance]),),
        reasons=tuple(_reasons(about, case, matches, rules)),
        rests_on=(of_case(case), *(of_entry(entry) for entry in entries)),
        opened_at=report.occurred_at,
        window=rules.window,
        by_name_alone=described.by_name_alone,
        suggested_responses=tuple(map(_response, entries)),
        notes=described.notes,
    )


def _reasons(about: About, case: Case, matches: Sequence[Match], rules: WatchlistRules) -> Iterator[Reason]:
    """Return the reason of each entry; the second and each after it add nothing."""
    for number, match in enumerate(matches):
        entry = match.standing.upsert
        how = ", by name and birth date" if match.by_name_alone else match.how
        yield Reason(
            rule="watchlist_hit.listed",
            contribution=0.0 if number else rules.contributions.listed,
            text=f"{about.label} at {passage_in_words(case.report)} matches the entry {entry.key} of "
            f"{entry.originator}{how}, valid until {when(match.standing.ends_at)}.",
            evidence=tuple(sorted((*case.evidence, entry.id))),
        )


def _response(entry: WatchlistEntry) -> SuggestedResponse:
    if entry.check is None or entry.suggested_response is None:
        raise ValueError("an upsert names its check and response")
    return SuggestedResponse(
        entry=entry.key, check=entry.check, text=entry.suggested_response, originator=entry.originator
    )
