"""Data that is not accepted here at all: the special categories of Directive (EU) 2016/680 Art. 10.

A refused event is kept whole, save that the values of such fields are blanked wherever they stand;
the device has its own copy.
"""

import json
import re
from typing import Any, Final

BLANK: Final = "[blanked]"

_NAMES: Final = frozenset(
    {
        "race", "racialorigin", "ethnicity", "ethnicorigin", "ethnicgroup",
        "religion", "religiousbelief", "religiousbeliefs", "philosophicalbelief", "philosophicalbeliefs",
        "politicalopinion", "politicalopinions", "politicalviews",
        "unionmembership", "tradeunion", "tradeunionmembership",
        "health", "healthdata", "medical", "medicalhistory", "disability",
        "sexlife", "sexualorientation",
        "genetic", "geneticdata", "dna",
        "biometric", "biometrics", "biometricdata", "fingerprint", "fingerprints", "faceimage", "facialimage", "iris",
    }
)  # fmt: skip
_NOT_LETTERS: Final = re.compile(r"[^a-z]")
_FIELD: Final = re.compile(
    r'("((?:[^"\\]|\\.){1,60})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^",{}\[\]\s][^,}\]\n]*|[\[{][^\]}]*[\]}]?)'
)


def is_special(field: str) -> bool:
    """Whether a field of this name asks for special-category data, however it is written (`ethnicOrigin`)."""
    return _NOT_LETTERS.sub("", field.lower()) in _NAMES


def blanked(value: bytes) -> bytes:
    """Return the same message with every special-category value blanked; the same bytes where there is none."""
    text = value.decode("utf-8", "surrogateescape")
    try:
        document = json.loads(text, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError):
        return _FIELD.sub(_blank_field, text).encode("utf-8", "surrogateescape")
    if not _blank(document):
        return value
    return json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")


class _Pairs(dict[str, Any]):
    """An object that keeps a field that is written twice, twice: a refused event is kept whole."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs

    def items(self) -> Any:
        """Return every pair as it was written."""
        return self.pairs


def _blank(part: Any) -> bool:
    """Blank in place; return whether there was something to blank."""
    found = False
    if isinstance(part, _Pairs):
        for position, (name, value) in enumerate(part.pairs):
            if is_special(name):
                part.pairs[position] = (name, BLANK)
                found = True
            else:
                found = _blank(value) or found
    elif isinstance(part, list):
        for one in part:
            found = _blank(one) or found
    return found


def _blank_field(match: re.Match[str]) -> str:
    return f'{match[1]}"{BLANK}"' if is_special(match[2]) else match[0]
