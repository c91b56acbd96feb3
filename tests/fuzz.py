"""Fuzzing of everything that reads what comes from outside: `python tests/fuzz.py 1000000`.

Inputs are examples that were mutated: bits, bytes and tokens, values of the wrong kind anywhere in the
document, two examples spliced. For each: no exception but a refusal, no hang, nothing accepted that the
exported JSON Schema refuses, and nothing lost: one record for what was accepted, the bytes in a dead
letter for what was not. A body of the way in and a table are cut up without a byte or row missing.
"""

import copy
import json
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import jsonschema_rs
from refusals import CLOCK, EXAMPLES, examples
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from producers.gateway.answers import GatewayError
from producers.gateway.body import Form, split_events
from producers.importing.mapping import RowError, load_map
from producers.importing.rows import Rows
from schemas import mrz, names, plates
from schemas.codec import decode, decode_accepted, encode
from schemas.errors import Refusal
from schemas.json_schema import published
from schemas.special_categories import blanked
from streams.batches.records import InputRecord
from streams.dead_letters import read_dead_letter
from streams.intake import take_in
from streams.rules import load_rules

HANG_SECONDS = 5
BLOCK = 5_000
DEEPEST = 20
TOKENS = (
    b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"NaN", b"-0", b"1e400", b"\\ud800", b"\\u0000",
    b"\x00", b"\xff", b"\xef\xbb\xbf", "Ћ".encode(), "\u202e".encode(), b'"life_at_risk": true', b'"religion": "x"',
    b'"type": "verdict"', b"9" * 5000, b"[" * 250, b" " * 50, b"<<", b"2026-02-30T25:61:61Z", b"H3", b"SI-OBR",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 10**30, 1.5, float("nan"), "", " ", "x" * 5000, "Ω", "\u0000", "\ud800", [], {}, [[]], {"a": {}},
    "SI", "XK", "H2", "vehicles/0", "2026-05-01T08:10:00+02:00", "9999-12-31T23:59:59-14:00", "0001-01-01",
    "1987-02-30",
    ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"], "БГ 123-ЋЂ",
)  # fmt: skip
GOOD = [path.read_bytes() for path in sorted((EXAMPLES / "accepted").glob("*.json")) if path.stem != "notice"]
CORPUS = GOOD + [line for example in examples() if example.reason != "too_large" for line in example.lines]
WHITE = b" \t\r\n\x0b\x0c"
BLANK = WHITE + b"\xef\xbb\xbf" + b'";\x1c\x1d\x1e\x1f'
TABLES = Path(__file__).parents[1] / "producers" / "examples"
TABLE = (TABLES / "incidents.csv").read_bytes()
ROW_MAP = load_map(TABLES / "incidents-map.yaml")
MRZ = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")


class FuzzError(AssertionError):
    """A claim does not hold for an input, which the text repeats."""


def mutated(chance: random.Random) -> bytes:
    """Return an example with a few things changed."""
    value = chance.choice(GOOD if chance.random() < 0.7 else CORPUS)
    if chance.random() < 0.5:
        value = _other_values(value, chance)
    for _ in range(chance.choice((0, 0, 0, 1, 2, 5))):
        value = _other_bytes(value, chance)
    return value


def _other_values(value: bytes, chance: random.Random) -> bytes:
    try:
        document = json.loads(value)
    except ValueError:
        return value
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        places = list(_places(document))
        if places:
            owner, key = chance.choice(places)
            match chance.randrange(4):
                case 0 if isinstance(owner, dict):
                    del owner[key]
                case 1 if isinstance(owner, dict):
                    owner[chance.choice(("extra", "health", "plate", "persons", "life_at_risk"))] = copy.deepcopy(
                        chance.choice(VALUES)
                    )
                case _:
                    owner[key] = _any_value(chance)
    return json.dumps(document, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")


def _any_value(chance: random.Random) -> Any:
    return copy.deepcopy(chance.choice(VALUES))


def _places(part: Any, depth: int = 0) -> Iterator[tuple[Any, Any]]:
    keys = part.keys() if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys if depth < DEEPEST else ():
        yield part, key
        yield from _places(part[key], depth + 1)


def _other_bytes(value: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(value) + 1)
    until = min(len(value), at + chance.choice((1, 1, 2, 20)))
    match chance.randrange(6):
        case 0:
            return value[:at]
        case 1:
            return value[:at] + value[until:]
        case 2:
            return value[:at] + chance.choice(TOKENS) + value[at:]
        case 3:
            return value[:at] + chance.choice(TOKENS) + value[until:]
        case 4:
            return value[:at] + bytes([chance.randrange(256)]) + value[until:]
        case _:
            other = chance.choice(CORPUS)
            return value[:at] + other[chance.randrange(len(other) + 1) :]


class Judge:
    """Holds one input after another against the claims and counts what became of them."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.slowest = 0.0
        self._intake = load_rules().intake
        self._schemas = {name: jsonschema_rs.validator_for(schema) for name, schema in published().items()}

    def judge(self, value: bytes, chance: random.Random) -> None:
        began = time.perf_counter()
        for claim in (
            self._intake_loses_nothing,
            self._identity_is_stable,
            self._a_body_is_cut_whole,
            self._a_table_is_read_whole,
        ):
            signal.alarm(HANG_SECONDS)
            try:
                claim(value, chance)
            except Exception as error:
                raise FuzzError(f"{type(error).__name__}: {error} for {value!r}") from error
            finally:
                signal.alarm(0)
        self.slowest = max(self.slowest, time.perf_counter() - began)

    def _intake_loses_nothing(self, value: bytes, chance: random.Random) -> None:
        topic = chance.choice(("border.incidents", "border.rules"))
        record = InputRecord(topic, 0, 1, b"k", value, {})
        taken = take_in(record, CLOCK, self._intake if chance.random() < 0.9 else None)
        letters = [one for one in taken if one.topic in {"border.dead-letters", "border.refused-sightings"}]
        if letters:
            (letter,) = letters
            assert letter.value == blanked(value), "a refused message is kept whole"
            assert len(taken) <= 2
            said = read_dead_letter(InputRecord(letter.topic, 0, 0, letter.key, letter.value, dict(letter.headers)))
            self.outcomes[f"{said.reason}{' and danger' if len(taken) > 1 else ''}"] += 1
            return
        message = decode(value, from_operations=topic == "border.rules")
        assert len(taken) == (message.type != "station_status")
        self._schemas[message.type].validate(json.loads(value))
        assert decode_accepted(encode(message)) == message
        self.outcomes["accepted"] += 1

    def _identity_is_stable(self, value: bytes, chance: random.Random) -> None:
        text = value[: chance.randrange(1, 60)].decode("utf-8", "replace")
        for form in (names.fold, names.skeleton, plates.normalise):
            assert form(form(text)) == form(text), f"{form.__name__} is not stable"
        plates.fits(chance.choice(("SI", "XK", "AT", "ZZ")), text)
        lines = [line if chance.random() < 0.4 else _other_text(line, chance) for line in MRZ]
        try:
            mrz.read_mrz(lines, today=date(2026, 11, 20))
            self.outcomes["(MRZ read)"] += 1
        except mrz.MrzError:
            self.outcomes["(MRZ refused)"] += 1

    def _a_body_is_cut_whole(self, value: bytes, chance: random.Random) -> None:
        form = chance.choice(list(Form))
        events = [value, *chance.choices(GOOD, k=chance.randrange(3))]
        chance.shuffle(events)
        body = b"\n".join(events) if form is Form.LINES else b" [" + b" ,\n".join(events) + b"]"
        try:
            slices = split_events(body, form)
        except GatewayError:
            self.outcomes["(body refused)"] += 1
            return
        between, at = b"", 0
        for one in slices:
            begin = body.index(one, at)
            between, at = between + body[at:begin], begin + len(one)
        between += body[at:]
        assert not between.strip(WHITE + b",[]\xef\xbb\xbf"), f"the way in leaves out {between!r}"
        self.outcomes["(body cut)"] += 1

    def _a_table_is_read_whole(self, value: bytes, chance: random.Random) -> None:
        if len(value) % 5:  # tables do not come from the message: one in five is enough
            return
        head, _, rows = TABLE.partition(b"\n")
        for _ in range(chance.randrange(4)):
            rows = _other_bytes(rows, chance)
        reading = Rows(BytesIO(head + b"\n" + rows), ROW_MAP)
        header = reading.header()
        covered: set[int] = set()
        end = 0
        for row in reading.rows(len(header)):
            assert row.end > end, "a row ends where the one before did"
            end = row.end
            covered |= set(range(row.line, row.end_line + 1))
            self.outcomes[f"(row {self._read(row.problem, header, row.cells)})"] += 1
        for number, line in enumerate(rows.split(b"\n"), start=2):
            assert number in covered or not line.strip(BLANK), f"line {number} is lost: {line!r}"

    def _read(self, problem: object, header: tuple[str, ...], cells: tuple[str, ...]) -> str:
        if problem is not None:
            return "refused"
        try:
            decode(ROW_MAP.event(dict(zip(header, cells, strict=True))))
        except (RowError, Refusal):
            return "refused"
        return "accepted"


def _other_text(line: str, chance: random.Random) -> str:
    return _other_bytes(line.encode(), chance).decode("utf-8", "replace")


def run_block(seed: int, number: int) -> tuple[Counter[str], float]:
    """Judge so many inputs of this seed; raises `FuzzError` for the first that breaks a claim."""
    signal.signal(signal.SIGALRM, _hangs)
    chance, judge = random.Random(seed), Judge()
    for _ in range(number):
        judge.judge(mutated(chance), chance)
    return judge.outcomes, judge.slowest


def run(number: int, seed: int, on_block: Callable[[int], None]) -> tuple[Counter[str], float]:
    """Judge so many inputs on all cores."""
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    sizes = [min(BLOCK, number - begun) for begun in range(0, number, BLOCK)]
    with ProcessPoolExecutor() as pool:
        futures = {pool.submit(run_block, seed + index, size): size for index, size in enumerate(sizes)}
        for future in as_completed(futures):
            counted, slow = future.result()
            outcomes += counted
            slowest = max(slowest, slow)
            on_block(futures[future])
    return outcomes, slowest


def _hangs(*_: object) -> None:
    raise TimeoutError(f"no answer within {HANG_SECONDS} s")


def main() -> None:
    number = int(sys.argv[1])
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    console = Console()
    began = time.monotonic()
    with Progress(console=console) as progress:
        task = progress.add_task("fuzzing", total=number)
        outcomes, slowest = run(number, seed, lambda done: progress.advance(task, done))
    table = Table("outcome", "inputs")
    for outcome, times in outcomes.most_common():
        table.add_row(outcome, f"{times:,}")
    console.print(table)
    seconds = time.monotonic() - began
    console.print(f"{number:,} inputs from seed {seed} in {seconds:.0f} s, the slowest {slowest * 1000:.0f} ms.")
    console.print("Every claim held.", style="green")


if __name__ == "__main__":
    main()
