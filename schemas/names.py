"""Names of persons in forms that agree across the scripts and spellings of the region.

`fold` writes a name in Latin capitals: what it makes equal is one spelling in several scripts.
`skeleton` goes further and makes the spellings agree that transliterations, machine readable
zones and neighbouring languages use for one name. It merges some names that differ (Nada and Nađa,
because a machine readable zone writes Đ as D), so that its agreement is worth less than fold's.

G and H are kept apart, although some tables write Cyrillic Г as H: merging them would merge names.
"""
# ruff: noqa: RUF001, RUF002 - the Cyrillic and Greek letters below are meant as such

import re
import unicodedata

# Small letters whose Latin form is not what is left when their diacritics go. Serbian and
# Macedonian follow their official Latin (Ћ is Ć, Ќ is Kj), the letters that only Bulgarian has
# follow its Transliteration Act, the Russian and Ukrainian ones ICAO Doc 9303-3 section 6, the
# Greek ones ELOT 743. Č, Ć and Ч meet as C, because a spelling without hooks is the commonest.
_LETTERS = (
    dict(zip("абвгдежзијклмнопрстћуфхцчш", "ABVGDEZZIJKLMNOPRSTCUFHCCS", strict=True))
    | {"ђ": "DJ", "љ": "LJ", "њ": "NJ", "џ": "DZ", "ѓ": "GJ", "ќ": "KJ", "ѕ": "DZ"}
    | {"й": "Y", "щ": "SHT", "ъ": "A", "ь": "", "ю": "YU", "я": "YA"}
    | {"ы": "Y", "э": "E", "і": "I", "є": "IE", "ґ": "G", "ў": "U"}
    | dict(zip("αβγδεζηικλμνξοπρστυφω", "AVGDEZIIKLMNXOPRSTYFO", strict=True))
    | {"θ": "TH", "χ": "CH", "ψ": "PS"}
    # ð is what wrong code pages make of đ; ǵ and ḱ are Macedonian ѓ and ќ
    | {"đ": "DJ", "ð": "DJ", "ǵ": "GJ", "ḱ": "KJ"}
    | {"ı": "I", "ł": "L", "ø": "O", "æ": "AE", "œ": "OE", "þ": "TH", "ħ": "H", "ə": "E"}
)

# Pairs of letters that are read together, on small letters, before the letters one by one.
_TOGETHER = (
    (re.compile("ьо"), "yo"),
    # accents are not read, but a diaeresis keeps the two vowels of a Greek pair apart
    (re.compile("([α-ω]\u0308?)[\u0300\u0301\u0313\u0314\u0342]+"), r"\1"),
    (re.compile("(?<=[αεη])υ(?=[αβγδεζηιλμνορυω])"), "v"),
    (re.compile("(?<=[αεη])υ(?!\u0308)"), "f"),
    (re.compile("ου(?!\u0308)"), "ou"),
    (re.compile("γ(?=[γξχ])"), "n"),
    (re.compile(r"\bμπ"), "b"),
)

# What the skeleton replaces wherever it stands, in this order; none of X, Y, Q and W is left.
_SPELLINGS = (
    (re.compile("(?<=[NU])XX"), ""),  # machine readable zones may write Ü as UXX and Ñ as NXX
    (re.compile(r"([A-Z])\1+"), r"\1"),
    (re.compile("SHCH"), "SC"),  # Šć and Шч, before SCH is read as the German Š
    (re.compile("XH"), "DZ"),
    (re.compile("X"), "KS"),
    (re.compile("Q"), "C"),
    (re.compile("W"), "V"),
    (re.compile("GY"), "D"),  # Hungarian: Nagy is Nađ
    (re.compile("(?<=[AEIOU])Y|Y(?=[AEIOU])"), "J"),
    (re.compile("Y"), "I"),
    (re.compile("IJ+(?= |$)"), "I"),
    # Ä Ö Ü with an E or without; the end of Mihael and Rafael is no Ä, and Mihal is another name
    (re.compile("(?<=A)E(?!L(?: |$))|(?<=[OU])E"), ""),
)

# What the skeleton then reduces letter by letter: sounds that several letters write.
_CONSONANTS = (
    dict.fromkeys(("DZ", "DJ", "DH", "GJ"), "D")
    | dict.fromkeys(("CH", "CS", "CZ", "KJ", "TS"), "C")
    | dict.fromkeys(("SH", "SZ", "SCH"), "S")
    | dict.fromkeys(("ZH", "ZS"), "Z")
    | {"TH": "T", "LJ": "L", "NJ": "N", "KH": "H"}
    | {f"IJ{vowel}": f"I{vowel}" for vowel in "AEIOU"}  # Marija, Mariya and Maria
)


def fold(name: str) -> str:
    """Return `name` in Latin capitals without diacritics, its words parted by single blanks.

    ``"Ђорђе О’Нил-Čović"`` becomes ``"DJORDJE O NIL COVIC"``. Known are the Cyrillic, Greek and
    Latin letters of the region; letters of other scripts stay as they are, decomposed (NFKD) and in
    capitals, so that equal names still agree. Anything that is no letter, digit or mark parts words.
    """
    folded = [""]
    for character in _read_together(_small(name)):
        pieces = character if character in _LETTERS else unicodedata.normalize("NFKD", character)
        for piece in pieces:
            folded.append(_piece(piece, folded[-1]))
    return " ".join("".join(folded).split())


def tokens(name: str) -> tuple[str, ...]:
    """Return the words of `fold(name)` in their order."""
    return tuple(fold(name).split())


def skeleton(name: str) -> str:
    """Return what the spellings of one name have in common: ``"Nexhat"`` and ``"Неџат"`` are ``"NEDAT"``.

    This is the form in which a name from a machine readable zone (ICAO Doc 9303-3 section 6: Đ is
    D, Ä is AE, Č is C) agrees with the name as it is written. Words keep their number and order.
    """
    spelled = fold(name)
    for pattern, replacement in _SPELLINGS:
        spelled = pattern.sub(replacement, spelled)
    # Letter by letter, reducing the end of what was kept: nothing reducible is left, in linear time.
    kept: list[str] = []
    for letter in spelled:
        kept.append(letter)
        while _reduce(kept):
            pass
    return "".join(kept)


def _reduce(kept: list[str]) -> bool:
    if kept[-2:-1] == kept[-1:] and kept[-1].isascii():
        kept.pop()
        return True
    for length in (3, 2):
        reduced = _CONSONANTS.get("".join(kept[-length:]))
        if reduced is not None:
            kept[-length:] = reduced
            return True
    return False


def _small(name: str) -> str:
    name = unicodedata.normalize("NFKC", name).casefold()
    # invisible in a name: format characters, and the Arabic stroke that only stretches a word
    return "".join(letter for letter in name if letter != "\u0640" and unicodedata.category(letter) != "Cf")


def _read_together(small: str) -> str:
    apart = unicodedata.normalize("NFD", small)
    for pattern, replacement in _TOGETHER:
        apart = pattern.sub(replacement, apart)
    return unicodedata.normalize("NFKC", apart)


def _piece(piece: str, before: str) -> str:
    if piece in _LETTERS:
        return _LETTERS[piece]
    match unicodedata.category(piece)[0]:
        case "M":  # a diacritic goes from a letter that has become Latin, and stays on others
            return "" if before.isascii() else piece
        case "L" | "N" if not "\u02b0" <= piece <= "\u02ff":  # that block's letters are apostrophes and accents
            capital = piece.upper()
            return capital if capital.casefold() == piece else piece
        case _:
            return " "
