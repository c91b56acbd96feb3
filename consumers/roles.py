"""Who may do what at the interface: an account has one role at its contact point, a role has rights, a route needs one.

Roles are told apart by what they need to see (Directive (EU) 2016/680 Art. 29(2)(e)): whoever watches over the looks of
others reads no alert, whoever keeps the system running neither. A route that no row names is for nobody.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Role(StrEnum):
    """What an account is for."""

    DUTY_OFFICER = "duty_officer"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    SYSTEM = "system"
    """A machine's account: it reads for its contact point, and never speaks in a person's name."""
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """What may be done."""

    ACCOUNT = "account"
    LOOK = "look"
    CONFIRM = "confirm"
    ANSWER = "answer"
    ASK = "ask"
    BULLETIN = "bulletin"
    SILENCE = "silence"
    DECIDE = "decide"
    AUDIT = "audit"


_MACHINE: Final = frozenset({Right.ACCOUNT, Right.LOOK, Right.CONFIRM})
_OFFICER: Final = _MACHINE | {Right.ANSWER, Right.ASK, Right.BULLETIN, Right.SILENCE}

RIGHTS: Final[Mapping[Role, frozenset[Right]]] = MappingProxyType(
    {
        Role.DUTY_OFFICER: _OFFICER,
        Role.SUPERVISOR: _OFFICER | {Right.DECIDE},
        Role.AUDITOR: frozenset({Right.ACCOUNT, Right.AUDIT}),
        Role.SYSTEM: _MACHINE,
        Role.ADMINISTRATOR: frozenset({Right.ACCOUNT}),
    }
)

ROUTES: Final[Mapping[tuple[str, str], Right]] = MappingProxyType(
    {
        ("GET", "/v1/account"): Right.ACCOUNT,
        ("GET", "/v1/deliveries"): Right.LOOK,
        ("GET", "/v1/deliveries/live"): Right.LOOK,
        ("GET", "/v1/deliveries/{delivery}"): Right.LOOK,
        ("POST", "/v1/deliveries/{delivery}/confirmation"): Right.CONFIRM,
        ("GET", "/v1/alerts/{alert}"): Right.LOOK,
        ("POST", "/v1/alerts/{alert}/answers"): Right.ANSWER,
        ("GET", "/v1/alerts/{alert}/replies"): Right.LOOK,
        ("POST", "/v1/alerts/{alert}/replies"): Right.BULLETIN,
        ("GET", "/v1/bulletins"): Right.LOOK,
        ("POST", "/v1/bulletins"): Right.BULLETIN,
        ("POST", "/v1/bulletins/preview"): Right.BULLETIN,
        ("POST", "/v1/bulletins/{bulletin}/withdrawal"): Right.BULLETIN,
        ("GET", "/v1/silences"): Right.LOOK,
        ("POST", "/v1/silences"): Right.SILENCE,
        ("POST", "/v1/silences/{silence}/approval"): Right.SILENCE,
        ("POST", "/v1/silences/{silence}/end"): Right.SILENCE,
        ("GET", "/v1/permissions"): Right.LOOK,
        ("POST", "/v1/permissions/requests"): Right.ASK,
        ("POST", "/v1/permissions/decisions"): Right.DECIDE,
        ("GET", "/v1/audit"): Right.AUDIT,
    }
)


def may(role: Role, method: str, path: str) -> bool:
    """Whether a role may call this route; `path` is as the route names it, with its parameters in braces."""
    right = ROUTES.get((method, path))
    return right is not None and right in RIGHTS[role]
