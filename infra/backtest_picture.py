"""A backtest as a picture: a bar for each kind, of the alerts that stay, change, come and go."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final
from xml.sax.saxutils import escape

from infra.backtest import Backtest, Fate
from schemas.alerts import AlertKind

COLOURS: Final = {Fate.SAME: "#9aa5b1", Fate.CHANGED: "#e0a526", Fate.GAINED: "#2f9e68", Fate.LOST: "#c8443b"}
_LEFT, _WIDTH, _ROW, _TOP = 190, 560, 26, 60


def by_kind(backtest: Backtest) -> dict[AlertKind, Counter[Fate]]:
    """Return the alerts of each fate by kind."""
    found: dict[AlertKind, Counter[Fate]] = {}
    for (kind, _), counted in backtest.counts.items():
        found.setdefault(kind, Counter()).update(counted)
    return found


def svg(backtest: Backtest, title: str) -> str:
    """Return the picture as SVG 1.1."""
    kinds = by_kind(backtest)
    height = _TOP + _ROW * max(1, len(kinds)) + 20
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEFT + _WIDTH + 70}" height="{height}">',
            f"<title>{escape(title)}</title>",
            '<g font-family="sans-serif" font-size="13">',
            '<rect width="100%" height="100%" fill="white"/>',
            f'<text x="10" y="20" font-weight="bold">{escape(title)}</text>',
            *_legend(),
            *_rows(kinds),
            "</g>\n</svg>\n",
        )
    )


def _legend() -> Iterator[str]:
    for number, (fate, colour) in enumerate(COLOURS.items()):
        x = _LEFT + 110 * number
        yield f'<rect x="{x}" y="32" width="12" height="12" fill="{colour}"/><text x="{x + 17}" y="43">{fate}</text>'


def _rows(kinds: Mapping[AlertKind, Counter[Fate]]) -> Iterator[str]:
    longest = max((counted.total() for counted in kinds.values()), default=1)
    for number, (kind, counted) in enumerate(kinds.items()):
        y, x = _TOP + _ROW * number, float(_LEFT)
        yield f'<text x="{_LEFT - 8}" y="{y + 14}" text-anchor="end">{kind}</text>'
        for fate, colour in COLOURS.items():
            width = _WIDTH * counted[fate] / longest
            if width:
                yield f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="18" fill="{colour}">'
                yield f"<title>{kind}: {counted[fate]} {fate}</title></rect>"
            x += width
        yield f'<text x="{x + 6:.1f}" y="{y + 14}">{counted.total()}</text>'
