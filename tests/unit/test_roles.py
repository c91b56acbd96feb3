"""Who may do what at the interface: every route is named, and no role does what is not its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from consumers.api.access import AccessRefusal, load_tokens, token_hash
from consumers.roles import RIGHTS, ROUTES, Right, Role, may
from schemas.errors import ConfigurationError

ANSWER = ("POST", "/v1/alerts/{alert}/answers")
LIST = ("GET", "/v1/deliveries")
RECORD = ("GET", "/v1/deliveries/{delivery}")
DECIDE = ("POST", "/v1/permissions/decisions")
AUDIT = ("GET", "/v1/audit")
BULLETIN = ("POST", "/v1/bulletins")
OLD, NEW, MACHINES = "old-token", "new-token", "machines-token"


def file_of(path: Path, text: str) -> Path:
    file = path / "tokens.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def two_tokens(path: Path) -> Path:
    return file_of(
        path,
        f"""
        SI:
          a.novak:
            role: duty_officer
            tokens:
              - {{sha256: {token_hash(OLD)}, expires: 2026-05-20}}
              - {{sha256: {token_hash(NEW)}}}
          console: {token_hash(MACHINES)}
        """,
    )


@pytest.mark.parametrize(
    ("role", "may_do"),
    [
        (Role.DUTY_OFFICER, {ANSWER, LIST, RECORD, BULLETIN}),
        (Role.SUPERVISOR, {ANSWER, LIST, RECORD, BULLETIN, DECIDE}),
        (Role.AUDITOR, {AUDIT}),
        (Role.SYSTEM, {LIST, RECORD}),
        (Role.ADMINISTRATOR, set()),
    ],
)
def test_each_role_does_its_own_and_no_more(role: Role, may_do: set[tuple[str, str]]) -> None:
    assert {route for route in (ANSWER, LIST, RECORD, DECIDE, AUDIT, BULLETIN) if may(role, *route)} == may_do


def test_who_reads_alerts_does_not_watch_over_the_looks_of_others_nor_the_other_way_round() -> None:
    assert [role for role, rights in RIGHTS.items() if {Right.LOOK, Right.AUDIT} <= rights] == []


def test_a_route_that_no_row_names_is_for_nobody() -> None:
    assert not any(may(role, "DELETE", "/v1/deliveries") for role in Role)


def test_every_right_that_a_route_needs_is_somebodys() -> None:
    assert set(ROUTES.values()) <= frozenset().union(*RIGHTS.values())


def test_a_hash_alone_is_a_machine_that_cannot_answer(tmp_path: Path) -> None:
    """A file of the form before roles: nobody who stands there gains anything, and no machine speaks for a person."""
    known = load_tokens(two_tokens(tmp_path)).find(f"Bearer {MACHINES}")
    assert known is not None
    now = datetime(2026, 5, 20, tzinfo=UTC)
    assert known.caller.role is Role.SYSTEM
    assert known.refused(*LIST, now) is None
    assert known.refused(*ANSWER, now) is AccessRefusal.NOT_ALLOWED


def test_two_tokens_of_an_account_are_good_at_once_and_one_of_them_no_longer_after_its_last_day(
    tmp_path: Path,
) -> None:
    tokens = load_tokens(two_tokens(tmp_path))
    old, new = tokens.find(f"Bearer {OLD}"), tokens.find(f"bearer {NEW} ")
    assert old is not None
    assert new is not None
    assert old.caller == new.caller
    last, over = datetime(2026, 5, 20, 23, 59, 59, tzinfo=UTC), datetime(2026, 5, 21, tzinfo=UTC)
    assert [one.refused(*ANSWER, last) for one in (old, new)] == [None, None]
    assert [one.refused(*ANSWER, over) for one in (old, new)] == [AccessRefusal.EXPIRED, None]


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("SI: {a.novak: {role: king, tokens: [{sha256: %s}]}}", "SI.a.novak.role"),
        ("SI: {a.novak: {role: auditor, tokens: []}}", "SI.a.novak.tokens"),
        ("SI: {a.novak: {role: auditor, tokens: [{sha256: %s}, {sha256: %s}]}}", "a token that is there already"),
        ("SI: {a.novak: %s, b.kos: %s}", "SI.b.kos: has a token that is there already"),
        ("SI: {a.novak: {role: auditor, tokens: [{sha256: %s, expires: soon}]}}", "expires: is no day"),
        ("SI: {a.novak: {role: auditor, tokens: [{sha256: %s, expires: 2026-02-30}]}}", "expires: is no day"),
        ("SI: {a.novak: {tokens: [{sha256: %s}]}}", "SI.a.novak.role"),
        ("SI: {a.novak: secret}", "SI.a.novak.tokens.0.sha256"),
        ("{}", "names no contact point"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_its_place_and_without_its_hashes(
    tmp_path: Path, said: str, why: str
) -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_tokens(file_of(tmp_path, said.replace("%s", token_hash(OLD))))
    assert why in str(refused.value)
    assert token_hash(OLD) not in str(refused.value)
