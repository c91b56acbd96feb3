"""What a comparison says: each agreement and disagreement in words, with its weight in bits, and the verdict."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

POSSIBLE_BITS: Final = 8.0
"""From here on it is shown as possible where nothing links: one in 256 by chance."""


class Verdict(StrEnum):
    """What follows for whoever reads it."""

    MATCH = "match"
    POSSIBLE = "possible"
    NO_MATCH = "no_match"


@dataclass(frozen=True, slots=True)
class Finding:
    """One agreement (bits above zero) or disagreement (below), in words."""

    text: str
    bits: float
    unnamed: str = ""
    """The same without a name, a date or a number, where it may be told of somebody."""

    def __str__(self) -> str:
        """Return for example ``same make, audi (+2)``."""
        return f"{self.text} ({round(self.bits, 1):+g})"


@dataclass(frozen=True, slots=True)
class Comparison:
    """All findings on two readings; whether they link by the contract, and by which of its rules or why not."""

    findings: tuple[Finding, ...]
    links: bool
    conclusion: str

    @property
    def bits(self) -> float:
        """The sum: log2 of how much likelier the readings are of one than of two."""
        return sum(finding.bits for finding in self.findings)

    @property
    def score(self) -> float:
        """The bits as a number from 0 to 1; 0.5 where a possible match begins."""
        return round(1 / (1 + 2 ** (POSSIBLE_BITS - self.bits)), 4)

    @property
    def verdict(self) -> Verdict:
        """The contract decides what is a match; of the rest the bits tell what is possible."""
        if self.links:
            return Verdict.MATCH
        return Verdict.POSSIBLE if self.bits >= POSSIBLE_BITS else Verdict.NO_MATCH

    @property
    def agreement(self) -> str:
        """Every finding with its weight."""
        return "; ".join(map(str, self.findings))

    @property
    def explanation(self) -> str:
        """Every finding with its weight, and the conclusion, in one line to read aloud."""
        return f"{self.agreement}. {self.verdict.replace('_', ' ').capitalize()}: {self.conclusion}."
