"""The languages in which people are told: catalogues, dates, and templates that are written in all of them.

English is what stands in the templates; `locales/` translates it. What a catalogue lacks stays English; a test holds
that none lacks anything.
"""

import gettext
import io
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from consumers.contact_points import Language

TEMPLATES: Final = Path(__file__).with_name("templates")
LOCALES: Final = Path(__file__).with_name("locales")

_DATES: Final = {Language.ENGLISH: "en_GB"}  # the day before the month, as in all of Europe


def catalogue_path(language: Language) -> Path:
    """Return where a language's catalogue is."""
    return LOCALES / language / "LC_MESSAGES" / "messages.po"


def tag(language: Language) -> str:
    """Return the language as BCP 47 and XML name it."""
    return language.replace("_", "-")


def moment(at: datetime, language: Language) -> str:
    """Return a time in words, in UTC and named so: a reader may be in another zone than the writer."""
    at = at.astimezone(UTC)
    return f"{format_date(at, 'long', locale=_DATES.get(language, language))}, {at:%H:%M} UTC"


@cache
def translations(language: Language) -> gettext.NullTranslations:
    """Return a language's catalogue, read once."""
    if language is Language.ENGLISH:
        return gettext.NullTranslations()
    with catalogue_path(language).open("rb") as written:
        catalogue = read_po(written, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@cache
def templates(language: Language) -> Environment:
    """Return the templates in a language. A name that is missing is an error, never a gap in what is told."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined] # i18n adds it
    return environment
