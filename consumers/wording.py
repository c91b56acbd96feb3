"""What a notice says in words: to whom it may concern, that there is something to read, and where."""

from dataclasses import dataclass
from typing import Final

from consumers.calls import About
from consumers.contact_points import Language
from consumers.languages import moment, tag, templates, translations
from consumers.notice import Notice
from schemas.alerts import AlertKind, Severity

KINDS: Final = {
    AlertKind.LIFE_AT_RISK: "Life at risk",
    AlertKind.REPEAT_VEHICLE: "Vehicle seen in several incidents",
    AlertKind.KNOWN_VEHICLE_SIGHTED: "Known vehicle sighted",
    AlertKind.REPEAT_PERSON: "Person in several incidents",
    AlertKind.KNOWN_PERSON_SIGHTED: "Known person sighted",
    AlertKind.WATCHLIST_HIT: "Watchlist hit",
    AlertKind.LINKED_INCIDENTS: "Linked incidents",
    AlertKind.CONVOY: "Convoy",
    AlertKind.IMPOSSIBLE_JOURNEY: "Impossible journey",
    AlertKind.IDENTITY_CONFLICT: "Conflicting identities",
    AlertKind.SURGE: "Surge of incidents",
    AlertKind.BULLETIN: "Word from another contact point",
}
SEVERITIES: Final = {
    Severity.CRITICAL: "critical",
    Severity.HIGH: "high",
    Severity.MEDIUM: "medium",
    Severity.LOW: "low",
}


@dataclass(frozen=True, slots=True)
class Wording:
    """A notice in one language; `kind` is what it is about, `description` what to do.

    That a call is over is said in a few words of text: there is no `html` then.
    """

    subject: str
    kind: str
    description: str
    text: str
    html: str


def word(notice: Notice, language: Language, public_url: str, call: About | None = None) -> Wording:
    """Return the notice in words. They depend on nothing but these: what the notice does not say, no wording can.

    `call` is for whom it is told because nobody has answered, or because that is over.
    """
    said = translations(language)
    kind = said.gettext(KINDS[notice.data.kind])
    values = {
        "notice": notice.data,
        "endangers_life": endangers_life(notice),
        "call": call,
        "over": call not in {None, About.UNANSWERED},
        "kind": kind,
        "severity": said.gettext(SEVERITIES[notice.data.severity]),
        "at": moment(notice.timestamp, language),
        "link": link(notice, public_url),
        "language": tag(language),
    }

    def written(name: str) -> str:
        return templates(language).get_template(name).render(values)

    values["subject"] = subject = " ".join(written("subject.txt").split())
    if values["over"]:
        description = written("call_over.txt").strip()
        return Wording(subject, kind, description, f"{subject}\n\n{description}\n", "")
    return Wording(subject, kind, written("description.txt").strip(), written("notice.txt"), written("notice.html"))


def endangers_life(notice: Notice) -> bool:
    """Whether somebody's life is at risk."""
    return notice.data.life_at_risk or notice.data.kind is AlertKind.LIFE_AT_RISK


def link(notice: Notice, public_url: str) -> str:
    """Return where the record is read."""
    return public_url.rstrip("/") + notice.data.link
