"""The shape of the code: what may import what, how long a module may be, what stands where."""

import ast
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schemas", "producers", "streams", "consumers", "infra")
MAY_IMPORT = {
    "schemas": {"schemas"},
    "producers": {"producers", "schemas"},
    "streams": {"streams", "schemas"},
    "consumers": {"consumers", "schemas"},
    "infra": set(PACKAGES),
}
LONGEST_MODULE_LINES = 300
TOP_LEVEL = {*PACKAGES, "tests", "pyproject.toml", "README.md"}
EXPECTED_BY_TOOLS = {"Makefile", "LICENSE", "CHANGELOG.md", "requirements.lock", "requirements-dev.lock"}
PURE = (
    "streams/engine",
    "streams/matching",
    "streams/typologies",
    "consumers/acknowledgement",
    "consumers/desk",
    "consumers/escalation",
    "consumers/grouping",
    "consumers/matching",
    "consumers/policy",
    "consumers/rota",
    "consumers/rout",
    "consumers/silencing",
    "consumers/times",
)
SHELLS_AMONG_THEM = {"consumers/desk/feed.py"}
SHELL_LIBRARIES = {
    "faust",
    "aiokafka",
    "confluent_kafka",
    "sqlalchemy",
    "psycopg",
    "httpx",
    "aiohttp",
    "asyncio",
    "time",
}
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imports(path: Path) -> set[str]:
    """Return the names of all modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.add(node.module or "")
    return found


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return listed.stdout.splitlines()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_packages_import_only_what_lies_below_them(path: Path) -> None:
    ours = {module.split(".")[0] for module in imports(path)} & {*PACKAGES, "tests"}
    assert ours <= MAY_IMPORT[path.relative_to(ROOT).parts[0]]


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if name_of(path).startswith(PURE) and name_of(path) not in SHELLS_AMONG_THEM],
    ids=name_of,
)
def test_what_decides_touches_no_clock_network_or_database(path: Path) -> None:
    assert not {module.split(".")[0] for module in imports(path)} & SHELL_LIBRARIES
    assert ".now(" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", [*MODULES, *(ROOT / "tests").rglob("*.py")], ids=name_of)
def test_no_module_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE_LINES


def test_only_wiring_and_the_command_line_see_the_settings() -> None:
    """Everything else is given plain values, so that it can be understood and tested without an environment."""
    readers = {name_of(path) for path in MODULES if "infra.settings" in imports(path)}
    assert readers == {"infra/wiring.py", "infra/cli.py", "infra/commands/terminal.py"}
    environment = {name_of(path) for path in MODULES if "os.environ" in path.read_text(encoding="utf-8")}
    assert environment == {"infra/wiring.py", "infra/cli.py", "infra/workers.py", "infra/logs.py"}


def test_the_top_level_is_as_agreed() -> None:
    top = {path.split("/")[0] for path in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP_LEVEL | EXPECTED_BY_TOOLS


@pytest.mark.parametrize("path", [*(ROOT / "tests" / "oracle").glob("*.py")], ids=name_of)
def test_the_oracle_shares_nothing_with_what_it_judges(path: Path) -> None:
    used = {module.split(".")[0] for module in imports(path)}
    assert not used & {*PACKAGES, "factory", "line"}


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.relative_to(ROOT).parts[0] in {"streams", "consumers"}], ids=name_of
)
def test_what_correlates_and_delivers_knows_nothing_of_the_simulator(path: Path) -> None:
    """Else figures from simulation would say how well the truth was read, not how well it was found."""
    text = path.read_text(encoding="utf-8").lower()
    assert "simulat" not in text
    assert '"truth"' not in text


@pytest.mark.parametrize(
    "path", [path for path in MODULES if name_of(path).startswith("producers/simulator")], ids=name_of
)
def test_the_simulator_stands_alone(path: Path) -> None:
    """It shares nothing with what is judged by it but the messages' forms, and asks no clock and no network."""
    used = imports(path)
    ours = {module for module in used if module.split(".")[0] in {*PACKAGES, "tests"}}
    assert all(module.startswith(("schemas", "producers.simulator")) or module == "producers.errors" for module in ours)
    assert not {module.split(".")[0] for module in used} & SHELL_LIBRARIES
    assert ".now(" not in path.read_text(encoding="utf-8")


def test_no_lock_names_a_package_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index-url" not in text
        assert text.count("--hash=sha256:") > text.count("==")


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.relative_to(ROOT).parts[0] in {"streams", "producers", "consumers"}],
    ids=name_of,
)
def test_every_kafka_client_of_a_process_logs_through_its_logger(path: Path) -> None:
    """Else librdkafka writes to standard error, between the lines of JSON."""
    made = {
        node.func.id
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    } & {"Consumer", "Producer", "AdminClient"}
    text = path.read_text(encoding="utf-8")
    assert not made or 'getLogger("librdkafka")' in text or "**LOGGED" in text


def importers(module: str, name: str) -> set[str]:
    """Return the modules of the product that import this name from this module."""
    found = set()
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == module and name in {one.name for one in node.names}:
                found.add(name_of(path))
    return found


def test_there_is_one_way_to_what_an_alert_says() -> None:
    """Need to know is decided where a delivery is made and where its record is read; nothing else reads it."""
    assert importers("consumers.tables", "alert_revisions") == {
        "consumers/storing.py",
        "consumers/records.py",
        "consumers/retention.py",  # which erases it
    }
    assert importers("consumers.audience", "visible") == {
        "consumers/storing.py",
        "consumers/records.py",
        "infra/summary.py",  # which says what the demonstration should have delivered
    }
    assert importers("consumers.storing", "edition_of") == {"consumers/records.py"}
    assert importers("consumers.storing", "newest_editions") == {
        "consumers/sharing.py",  # whether an originator has H2 information in it, and what its permission opens
        "infra/telling.py",  # who is told, by the routes; on record
    }
    assert not any("import tables" in path.read_text(encoding="utf-8") for path in MODULES)
