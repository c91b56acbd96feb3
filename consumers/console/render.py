"""Pages, rows and what the live board is told, in an officer's language."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from consumers.console import words
from consumers.console.accounts import Officer
from consumers.console.board import Row
from consumers.console.feed import News
from consumers.contact_points import Language
from consumers.languages import moment, tag, templates, translations
from consumers.wording import KINDS, SEVERITIES

LANGUAGES: Final = {
    Language.ENGLISH: "English",
    Language.SLOVENE: "Slovenščina",
    Language.SERBIAN_LATIN: "Srpski",
    Language.SERBIAN_CYRILLIC: "Српски",
}
"""By the names that their readers give them."""

_ROWS: Final = 20_000


def page(name: str, language: Language, officer: Officer | None, values: Mapping[str, Any]) -> str:
    """Return a page."""
    said = {**_common(language), "officer": officer, "languages": LANGUAGES, **values}
    return templates(language).get_template(f"console/{name}.html").render(said)


@lru_cache(maxsize=_ROWS)
def row(one: Row, language: Language) -> str:
    """Return a row of the board; the same for everybody at a contact point who reads this language."""
    return templates(language).get_template("console/row.html").render({**_common(language), "row": one})


@lru_cache(maxsize=256)
def event(news: News, language: Language) -> str:
    """Return what the live board is told, as a server-sent event."""
    if news.rows is None:
        return "event: away\ndata: {}\n\n"
    if not news.rows and not news.gone:
        return "event: here\ndata: {}\n\n"
    gettext, ngettext = translations(language).gettext, translations(language).ngettext
    newer = gettext("A newer revision is there: show it")
    rows = [
        {
            "alert": one.alert.id,
            "name": one.name,
            "revision": one.alert.revision,
            "order": one.place_in_order,
            "danger": one.is_danger and not one.alert.exercise,
            "said": said(one, language),
            "newer": newer,
            "html": row(one, language),
        }
        for one in news.rows
    ]
    number = news.tally.waiting
    waiting = ngettext("%(count)s alert waits", "%(count)s alerts wait", number) % {"count": number}
    said_ = waiting if number else gettext("nothing waits")
    told = {"version": news.version, "rows": rows, "waiting": number, "waiting_said": said_, "gone": news.gone}
    return f"event: rows\nid: {news.version}\ndata: {json.dumps(told, ensure_ascii=False)}\n\n"


def said(one: Row, language: Language) -> str:
    """Return what a screen reader says of a new row."""
    words_ = translations(language)
    kind, place = words_.gettext(KINDS[one.alert.kind]), one.alert.place
    exercise = f"{words_.gettext('EXERCISE')}. " if one.alert.exercise else ""
    return f"{exercise}{kind}. {place}." if place else f"{exercise}{kind}."


def _common(language: Language) -> dict[str, Any]:
    gettext = translations(language).gettext

    def at(when: datetime) -> str:
        return moment(when, language)

    return {
        "language": language,
        "tag": tag(language),
        "kinds": {kind: gettext(text) for kind, text in KINDS.items()},
        "severities": {severity: gettext(text) for severity, text in SEVERITIES.items()},
        "translated": lambda table, key: gettext(text) if (text := table.get(key, key)) else "",
        "sentence": lambda text: f"{text[:1].upper()}{text[1:]}.",
        "words": words,
        "at": at,
        "clock": lambda when: f"{when.astimezone(UTC):%H:%M}",
        "iso": lambda when: f"{when.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }
