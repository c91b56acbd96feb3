"""A whole system for tests: started on real services, fed with events, judged by what the receiver holds."""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import oracle
from factory import a_sighting, a_vehicle, an_incident, at

from infra import wiring
from infra.receipts import Receipt
from infra.settings import Settings, read_settings
from infra.system import System, running

Held = dict[str, set[tuple[str, str, tuple[str, ...]]]]
"""Open alerts (id, kind, evidence) by the contact point that holds them."""


RESTRICTED = {"RS-HOR", "AT-SPI"}
"""Stations whose reports are for their own country alone, but for dangers to life."""


def settings_for(data_dir: Path, cache_dir: Path, **more: str) -> Settings:
    return read_settings(
        {"BRDO_DATA_DIR": str(data_dir), "BRDO_CACHE_DIR": str(cache_dir), "BRDO_HISTORY": "true", **more}
    )


@contextmanager
def a_system(settings: Settings) -> Iterator[System]:
    with running(
        wiring.place(settings),
        wiring.worker_names(settings),
        lambda _done, _total, _label: None,
        wiring.preparation(settings),
    ) as system:
        yield system


def traffic(number: int, seed: int) -> list[dict[str, Any]]:
    """Return incidents and sightings of a few busy vehicles and many others, in no order, some of them twice."""
    chance = random.Random(seed)
    events = []
    for one in range(number):
        plate = f"LJ {chance.randrange(number // 5):03}-T"
        moment = at(chance.uniform(0, 200))
        station = chance.choice(["SI-OBR", "HR-BRE", "SI-GRU", "RS-HOR", "AT-SPI", "BG-KAL", "AL-HOT"])
        if one % 5 == 4:
            events.append(a_sighting(id=f"S-{one}", station=station, occurred_at=moment, vehicle=a_vehicle(plate)))
            continue
        danger = one % 11 == 0
        events.append(
            an_incident(
                id=f"I-{one}",
                station=station,
                occurred_at=moment,
                kind=chance.choice(["irregular_crossing", "migrant_smuggling", "document_fraud"]),
                vehicles=[] if danger else [a_vehicle(plate)],
                life_at_risk=danger,
                handling="H2" if station in RESTRICTED and not danger else "H1",
                exercise=one % 13 == 0,
            )
        )
    events += chance.sample(events, number // 20)
    chance.shuffle(events)
    return events


def must_hold(events: list[dict[str, Any]]) -> Held:
    """Return what the oracle says that each contact point must hold in the end."""
    return {code: set[tuple[str, str, tuple[str, ...]]](alerts) for code, alerts in oracle.held(events).items()}


def may_hold(receipts: list[Receipt], must: Held) -> Held:
    """Return what each contact point may hold beside: a standing alert of which an earlier revision was for it.

    What it was told when the evidence called for it, is told on, so that it learns how the alert changes. `addressed`
    in a receipt's alert is whom the oracle says that revision was for.
    """
    standing = {alert[0]: alert for alerts in must.values() for alert in alerts}
    may: Held = defaultdict(set)
    for receipt in receipts:
        alert = standing.get(receipt.alert["id"])
        if alert is not None and receipt.contact_point in receipt.alert["addressed"]:
            may[receipt.contact_point].add(alert)
    return dict(may)


def holds(receipts: list[Receipt]) -> Held:
    """Return what each contact point holds: of each alert the newest revision it got, where that is open."""
    newest: dict[tuple[str, str], Mapping[str, Any]] = {}
    for receipt in receipts:
        key = receipt.contact_point, receipt.alert["id"]
        if key not in newest or receipt.alert["revision"] > newest[key]["revision"]:
            newest[key] = receipt.alert
    held: Held = defaultdict(set)
    for (code, identity), alert in newest.items():
        if alert["status"] == "open":
            held[code].add((identity, alert["kind"], tuple(alert.get("evidence", ()))))
    return dict(held)


def told_twice(log_path: Path) -> list[str]:
    """Return what was told under two delivery ids, or differently under one."""
    bodies: dict[str, set[str]] = defaultdict(set)
    ids: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for line in log_path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        told = said["payload"]["data"]
        bodies[said["webhook_id"]].add(json.dumps(said["payload"], sort_keys=True))
        ids[said["contact_point"], told["alert"], told["revision"]].add(said["webhook_id"])
    return [key for key, different in bodies.items() if len(different) > 1] + [
        str(key) for key, several in ids.items() if len(several) > 1
    ]
