"""The interface of contact points as it runs, on a real PostgreSQL, and who asks it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from itertools import product

import httpx
from delivery_rig import Database, everybody
from serving import serving

from consumers.api.access import Caller, Known, Tokens, token_hash
from consumers.api.app import Guarded, Interface, api
from consumers.api.live import Live
from consumers.configuration import Configuration
from consumers.contact_points import ContactPoint
from consumers.database import engine
from consumers.roles import Role
from infra.telling import editions_of_bulletin
from streams.rules import DEFAULT_RULES, load_rules


def token(code: str, role: Role = Role.SUPERVISOR) -> str:
    return f"token-of-{code}-{role}"


def tokens_of(*points: ContactPoint) -> Tokens:
    """Return an account of each role for each contact point; its supervisor is a.novak."""
    names = {Role.SUPERVISOR: "a.novak"}
    return Tokens(
        {
            token_hash(token(one.code, role)): Known(Caller(one.code, names.get(role, str(role)), role))
            for one in points
            for role in Role
        }
    )


def as_another(code: str) -> dict[str, str]:
    """Return the headers by which the duty officer of a contact point asks."""
    return {"Authorization": f"Bearer {token(code, Role.DUTY_OFFICER)}"}


@contextmanager
def serving_api(
    database: Database,
    *points: ContactPoint,
    clock: Sequence[datetime] = (),
    configuration: Configuration | Callable[[], Configuration] | None = None,
) -> Iterator[str]:
    """Serve the interface for these contact points and yield its address; what `clock` holds is what time it is."""
    usual = Configuration(everybody("SI"), {one.code: one for one in points})
    if configuration is None or isinstance(configuration, Configuration):
        said = configuration or usual
        held = said if said.tokens.by_hash else replace(said, tokens=tokens_of(*points))
        configuration = lambda: held  # noqa: E731 - one of two ways to say it
    in_force = configuration
    own = engine(database.url)
    live = Live(own, database.url)
    editions = partial(editions_of_bulletin, load_rules(DEFAULT_RULES))
    interface = Interface(own, in_force, live, editions, lambda: clock[0] if clock else datetime.now(UTC))
    try:
        with serving(Guarded(api(interface)), live.listen, live.close) as address:
            yield address
    finally:
        own.dispose()


@contextmanager
def all_asking(
    database: Database,
    points: Iterable[ContactPoint],
    clock: Sequence[datetime] = (),
    configuration: Configuration | None = None,
    roles: Sequence[Role] = (Role.SUPERVISOR,),
) -> Iterator[dict[str, httpx.Client]]:
    """Serve the interface and ask as each of these contact points; with several roles as `SI auditor`."""
    points = list(points)
    with serving_api(database, *points, clock=clock, configuration=configuration) as address:
        clients = {}
        try:
            for one, role in product(points, roles):
                headers = {"Authorization": f"Bearer {token(one.code, role)}"}
                name = one.code if len(roles) == 1 else f"{one.code} {role}"
                clients[name] = httpx.Client(base_url=address, headers=headers, trust_env=False, timeout=10)
            yield clients
        finally:
            for client in clients.values():
                client.close()
