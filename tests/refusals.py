"""The examples of refused messages, what intake says of them, and the table made from them."""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import yaml

from streams.batches.records import InputRecord
from streams.correlation import correlate
from streams.dead_letters import DeadLetter, read_dead_letter
from streams.engine.casebook import CaseBook
from streams.intake import take_in
from streams.rules import load_rules

SCHEMAS = Path(__file__).parents[1] / "schemas"
EXAMPLES = SCHEMAS / "examples"
TABLE = SCHEMAS / "REFUSALS.md"
CLOCK = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Example:
    name: str
    file: str
    reason: str
    field: str
    text: str
    mend: str

    @property
    def lines(self) -> list[bytes]:
        path = EXAMPLES / "refused" / self.file
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        return content.splitlines() if path.suffix == ".jsonl" else [content.strip()]


def examples() -> list[Example]:
    said = yaml.safe_load((EXAMPLES / "refusals.yaml").read_text(encoding="utf-8"))
    return [Example(name, **fields) for name, fields in said.items()]


def dead_letters(lines: list[bytes]) -> list[DeadLetter]:
    """Return what intake and case book refuse of these lines, with the live limits on time."""
    rules = load_rules()
    casebook = CaseBook(rules)
    letters = []
    for offset, line in enumerate(lines):
        taken = take_in(InputRecord("border.incidents", 0, offset, None, line, {}), CLOCK, rules.intake)
        read = [InputRecord(one.topic, 0, 0, one.key, one.value, dict(one.headers)) for one in taken]
        applied = correlate(casebook, [record for record in read if record.topic == "border.casebook"], CLOCK)
        read += [InputRecord(one.topic, 0, 0, one.key, one.value, dict(one.headers)) for one in applied.records]
        letters += [read_dead_letter(record) for record in read if record.topic == "border.dead-letters"]
    return letters


def table() -> str:
    rows = [
        "# Why a message is refused",
        "",
        "Made by a test from `examples/refusals.yaml`; each example is a file in `examples/refused/`. A refused",
        "message is kept whole in the dead letters; `brdo dead-letters` lists, shows and retries them.",
        "",
        "| reason | example | field | what is said | to mend it |",
        "|---|---|---|---|---|",
    ]
    for one in sorted(examples(), key=lambda one: (one.reason, one.name)):
        text = one.text.replace("|", "\\|")
        rows.append(f"| `{one.reason}` | `{one.file}` | {one.field and f'`{one.field}`'} | {text} | {one.mend} |")
    rows.append("| `engine_error` | none: a fault of the platform | | the case book could not apply it | Report it. |")
    return "\n".join(rows) + "\n"
