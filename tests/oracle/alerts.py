"""What an alert is known by, and who must hold it."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from oracle.places import countries_of
from oracle.reports import Case, Event, at, endangered, moment_and_id

CONTACT_POINTS = {"AL", "AT", "BA", "HR", "HU", "IT", "ME", "MK", "RS", "SI", "XK", "EUROPOL", "FRONTEX"}
SEVERE_SCORE = 0.8


class OpenAlert(NamedTuple):
    """What the contract says identifies an open alert."""

    id: str
    kind: str
    evidence: tuple[str, ...]


class Found(NamedTuple):
    """An open alert and the contact points that must hold it."""

    alert: OpenAlert
    told: frozenset[str]


class Appearance(NamedTuple):
    """A vehicle or person at its position in a report, as far as it can be compared."""

    case: Case
    position: str
    subject: Any

    @property
    def order(self) -> tuple[datetime, str, int]:
        return at(self.case.report), self.case.report["id"], int(self.position.partition("/")[2] or 0)


def life_at_risk(case: Case) -> Found:
    alert = OpenAlert(identify("life_at_risk", case.report, ""), "life_at_risk", case.evidence)
    return Found(alert, told([case], severe=False) | {"FRONTEX"})


def raised(  # noqa: PLR0913 - what an alert consists of
    kind: str,
    appearances: Sequence[Appearance],
    *,
    score: float,
    by_name: bool = False,
    entries: Sequence[Event] = (),
    other: str = "",
) -> Found:
    """Return the alert that these appearances of one subject carry; `by_name`: a link lacks a document."""
    cases = cases_of(appearances)
    earliest = min(appearances, key=lambda appearance: appearance.order)
    evidence = {event for case in cases for event in case.evidence} | {entry["id"] for entry in entries}
    alert = OpenAlert(
        identify(kind, earliest.case.report, earliest.position, other),
        kind,
        tuple(sorted(evidence)),
    )
    reports = [case.report for case in cases if case.report["type"] == "incident"]
    if reports and endangered(max(reports, key=moment_and_id)):
        severe = True
    elif by_name:
        severe = False
    else:
        severe = round(score, 6) >= SEVERE_SCORE
    return Found(alert, told(cases, severe=severe, entries=entries))


def told(cases: Sequence[Case], *, severe: bool, entries: Sequence[Event] = ()) -> frozenset[str]:
    reports = [case.report for case in cases]
    countries = {country for report in reports for country in countries_of(report["station"])}
    originators = {
        report.get("originator", report["station"][:2]) for report in reports if report["type"] == "incident"
    }
    originators |= {entry["originator"] for entry in entries}
    someone = (countries | originators | ({"EUROPOL"} if severe else set())) & CONTACT_POINTS
    return frozenset(someone or {"EUROPOL", "FRONTEX"})


def addressed(alert: Event) -> frozenset[str]:
    """Return whom this revision of an alert, as it was delivered, is for."""
    if alert["kind"] == "bulletin":
        return readers(alert["countries"], alert["originators"], alert["handling_codes"])
    countries = {country for one in alert["occurrences"] for country in countries_of(one["station"])}
    someone = countries | set(alert["originators"])
    if alert["kind"] == "life_at_risk":
        someone |= {"FRONTEX"}
    elif alert["severity"] in {"high", "critical"}:
        someone |= {"EUROPOL"}
    return frozenset(someone & CONTACT_POINTS or {"EUROPOL", "FRONTEX"})


def readers(countries: Iterable[str], originators: Iterable[str], codes: Iterable[str]) -> frozenset[str]:
    """Return who holds a bulletin: of H2 nobody but whose information it is."""
    named = set(countries) or CONTACT_POINTS
    someone = set(originators) if "H2" in codes else named | set(originators)
    return frozenset(someone & CONTACT_POINTS)


def cases_of(appearances: Iterable[Appearance]) -> list[Case]:
    return list({appearance.case.evidence: appearance.case for appearance in appearances}.values())


def identify(kind: str, report: Event, position: str, other: str = "") -> str:
    drill = "exercise" if report.get("exercise") else "real"
    return "al-" + hashlib.sha256(f"{kind}|{drill}|{report['id']}|{position}|{other}".encode()).hexdigest()[:20]
