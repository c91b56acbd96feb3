"""Without tokens the gateway is for this machine; with them each request is of one station."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
from factory import an_incident, as_line
from gateway_rig import an_access

from infra.errors import NotListeningError
from infra.http_server import listen
from producers.gateway.access import Access, NotLoopbackError, load_access, require_loopback, speaks_for_another
from producers.gateway.answers import GatewayError, Outcome
from schemas.errors import ConfigurationError, RefusalReason


def a_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def write(path: Path, text: str) -> Path:
    file = path / "tokens.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def outcome(access: Access, authorization: str | None, host: str | None = "127.0.0.1") -> tuple[Outcome, bool]:
    with pytest.raises(GatewayError) as caught:
        access.station_of(authorization, host)
    return caught.value.outcome, "WWW-Authenticate" in caught.value.headers


def test_a_file_gives_each_station_its_tokens_old_and_new(tmp_path: Path) -> None:
    access = load_access(write(tmp_path, f"SI-OBR: {a_hash('one')}\nHR-BRE:\n- {a_hash('old')}\n- {a_hash('new')}\n"))
    found = [access.station_of(f"Bearer {token}", "anywhere.example") for token in ("one", "old", "new")]
    assert found == ["SI-OBR", "HR-BRE", "HR-BRE"]
    assert a_hash("one") not in repr(access)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("SI-OBR: {one}\nSI-OBR: {two}\n", "line 2: SI-OBR stands here twice"),
        ("SI-OBR: {one}\nSI-XYZ: {two}\n", "line 2: SI-XYZ: is not a station of the registry"),
        ("SI-OBR: {one}\nHR-BRE: [{two}, secret]\n", "line 2: HR-BRE.1: should match"),
        ("SI-OBR: {one}\nHR-BRE: {one}\n", "HR-BRE: has the same token as SI-OBR"),
        ("SI-OBR: []\n", "line 1: SI-OBR: "),
        ("SI-OBR: 12\n", "line 1: SI-OBR.0: "),
        ("SI-OBR: [secret\n", "line 2: not YAML"),
        ("{{}}\n", "names no station"),
        ("", "line 1: the file: "),
        ("- a\n", "line 1: the file: "),
    ],
)
def test_a_wrong_file_is_named_with_line_and_station_and_never_with_what_it_says(
    tmp_path: Path, text: str, said: str
) -> None:
    file = write(tmp_path, text.format(one=a_hash("one"), two=a_hash("two")))
    with pytest.raises(ConfigurationError) as caught:
        load_access(file)
    assert str(caught.value).startswith(f"{file}: {said}")
    assert "secret" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.yaml: cannot be read: No such file"):
        load_access(tmp_path / "none.yaml")


@pytest.mark.parametrize("said", [None, "", "Basic b25lOm9uZQ==", "Bearer", "Bearer ", "one", "Bearer two words"])
def test_a_request_without_a_bearer_token_is_asked_for_one(said: str | None) -> None:
    assert outcome(an_access(SI_OBR="one"), said) == (Outcome.NO_TOKEN, True)


@pytest.mark.parametrize("token", ["two", "on", "onee", "ONE", "\xff", a_hash("one")])
def test_a_token_that_is_not_known_is_refused(token: str) -> None:
    assert outcome(an_access(SI_OBR="one"), f"Bearer {token}") == (Outcome.NO_TOKEN, True)


def test_without_tokens_a_request_must_name_this_machine() -> None:
    """A web page can point a name of its own to loopback, and a browser would then send for it."""
    access = load_access(None)
    for host in ("127.0.0.1:8080", "localhost:8080", "[::1]:8080", "LOCALHOST"):
        assert access.station_of(None, host) is None
    for other in ("evil.example:8080", "localhost.evil.example", "", None):
        assert outcome(access, None, other) == (Outcome.OTHER_HOST, False)


@pytest.mark.parametrize("host", ["0.0.0.0", "", "::", "192.0.2.1", "gateway.example"])  # noqa: S104 - refused
def test_without_tokens_it_listens_on_loopback_alone(host: str) -> None:
    with pytest.raises(NotLoopbackError, match="only with a tokens file"):
        require_loopback(host, Access())
    require_loopback(host, an_access(SI_OBR="one"))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_tokens(host: str) -> None:
    require_loopback(host, Access())


def test_a_taken_port_is_named() -> None:
    with listen("127.0.0.1", 0) as first, pytest.raises(NotListeningError, match="cannot listen on"):
        listen("127.0.0.1", first.getsockname()[1])


def a_verdict(contact_point: str) -> dict[str, Any]:
    return {"type": "verdict", "schema_version": "1.0", "id": "v", "contact_point": contact_point}


@pytest.mark.parametrize(
    ("line", "another"),
    [
        (as_line(an_incident(station="SI-OBR", originator="EUROPOL")), False),
        (as_line(an_incident(station="HR-BRE")), True),
        (b'{"station": "SI-OBR", "station": "HR-BRE"}', True),
        (b'{"station": "HR-BRE", "station": "SI-OBR"}', True),
        (b'{"st\\u0061tion": "HR-BRE"}', True),
        (b'{"station": 7}', False),
        (b"{}", False),
        (b"\xff", False),
        (as_line(a_verdict("SI")), False),
        (as_line(a_verdict("HR")), True),
        (b'{"type": "retraction", "originator": "FRONTEX"}', True),
    ],
)
def test_an_event_speaks_for_the_station_or_its_country_or_for_another(line: bytes, another: bool) -> None:  # noqa: FBT001
    assert speaks_for_another(line, "SI-OBR", RefusalReason.BROKEN_JSON) is another


@pytest.mark.parametrize(
    "line",
    [
        b'{"Station": "HR-BRE", "lifeAtRisk": "yes"}',
        b'{"station": "HR-BRE", "life_at_risk": true',
        b'[{"station": "HR-BRE", "life_at_risk": true}]',
    ],
)
def test_a_danger_that_intake_would_raise_at_another_station_counts_too(line: bytes) -> None:
    assert speaks_for_another(line, "SI-OBR", RefusalReason.BROKEN_JSON)
    assert not speaks_for_another(line, "HR-BRE", RefusalReason.BROKEN_JSON)
