"""Each language says everything that English says, and says it alike."""

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from hypothesis import given, settings
from jinja2.ext import babel_extract
from notices import a_notice, notices

from consumers.console import words
from consumers.contact_points import Language
from consumers.languages import TEMPLATES, catalogue_path, moment
from consumers.notice import Notice
from consumers.wording import KINDS, SEVERITIES, word
from schemas.alerts import AlertKind, Severity

TRANSLATED = [language for language in Language if language is not Language.ENGLISH]
CONSOLE = Path(words.__file__).parent
PLACEHOLDER = re.compile(r"%\(\w+\)s")
CYRILLIC = dict(
    zip(
        "абвгдђежзијклљмнњопрстћуфхцчџш",
        (*"abvgdđežzijkl", "lj", *"mn", "nj", *"oprstćufhcč", "dž", "š"),
        strict=True,
    )
)


def catalogue(language: Language) -> Catalog:
    with catalogue_path(language).open("rb") as written:
        return read_po(written, locale=language, abort_invalid=True)


def english() -> set[str]:
    """Return all that templates and wordings say in English, of plurals the singular."""
    said = {*KINDS.values(), *SEVERITIES.values()}
    for name in words.__all__:
        said |= set(getattr(words, name).values()) - {""}
    for template in TEMPLATES.rglob("*.*"):
        with template.open("rb") as written:
            for _, _, texts, _ in babel_extract(written, ["_", "ngettext"], [], {}):
                said.add(str(texts[0] if isinstance(texts, tuple) else texts))
    for source in CONSOLE.glob("*.py"):
        with source.open("rb") as written:
            for _, texts, _, _ in extract("python", written, {"gettext": None, "ngettext": (1, 2)}):
                said.add(str(texts[0] if isinstance(texts, tuple) else texts))
    return said


def forms(text: str | tuple[str, ...] | list[str] | None) -> list[str]:
    """Return the plural forms of a text; the text alone where it has none."""
    return [text] if isinstance(text, str) else list(text or ())


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_catalogue_lacks_anything_or_holds_what_nobody_says(language: Language) -> None:
    translated = {forms(message.id)[0]: forms(message.string) for message in catalogue(language) if message.id}
    assert set(translated) == english()
    assert all(all(several) for several in translated.values())
    assert not any(message.fuzzy for message in catalogue(language) if message.id)


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_translation_fills_in_what_english_fills_in(language: Language) -> None:
    for message in catalogue(language):
        if message.id:
            wanted = sorted(PLACEHOLDER.findall(forms(message.id)[0]))
            assert all(sorted(PLACEHOLDER.findall(form)) == wanted for form in forms(message.string)), message.id


def test_every_kind_and_severity_has_words_of_its_own() -> None:
    assert (set(KINDS), set(SEVERITIES)) == (set(AlertKind), set(Severity))
    assert len(set(KINDS.values())) == len(KINDS)


def test_serbian_is_the_same_in_either_script() -> None:
    """One language: a reader of the other script must not be told something else."""
    latin, cyrillic = catalogue(Language.SERBIAN_LATIN), catalogue(Language.SERBIAN_CYRILLIC)
    for message in cyrillic:
        if message.id:
            other = latin.get(message.id)
            assert other is not None
            for written, expected in zip(forms(message.string), forms(other.string), strict=True):
                kept = re.split(f"({PLACEHOLDER.pattern})", written.lower())
                turned = "".join(
                    part if PLACEHOLDER.fullmatch(part) else "".join(CYRILLIC.get(letter, letter) for letter in part)
                    for part in kept
                )
                assert turned == expected.lower()


@pytest.mark.parametrize(
    ("language", "written"),
    [
        (Language.ENGLISH, "1 May 2026, 22:30 UTC"),
        (Language.SLOVENE, "1. maj 2026, 22:30 UTC"),
        (Language.SERBIAN_LATIN, "1. maj 2026., 22:30 UTC"),
        (Language.SERBIAN_CYRILLIC, "1. мај 2026., 22:30 UTC"),
    ],
)
def test_a_time_is_in_utc_and_says_so(language: Language, written: str) -> None:
    """Whatever zone it comes in: the day may be another one there."""
    assert moment(datetime(2026, 5, 2, 0, 30, tzinfo=timezone(timedelta(hours=2))), language) == written
    assert moment(datetime(2026, 5, 1, 22, 30, tzinfo=UTC), language) == written


@settings(deadline=None)
@given(notice=notices)
def test_every_notice_can_be_told_in_every_language(notice: Notice) -> None:
    """The same link, ids and numbers, whatever the words."""
    for language in Language:
        told = word(notice, language, "https://brdo.example/")
        assert "\n" not in told.subject
        for text in (told.text, told.html):
            assert f"https://brdo.example/v1/deliveries/{notice.data.link.rpartition('/')[2]}" in text
            assert notice.data.alert in text
            assert "%(" not in text


def test_what_html_could_take_for_markup_is_no_markup() -> None:
    told = word(a_notice(), Language.ENGLISH, 'https://brdo.example/"><script>')
    assert "<script>" not in told.html
    assert "<script>" in told.text
