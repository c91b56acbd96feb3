"""Notices, as the tests of what is told want them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from consumers.notice import Notice
from schemas.alerts import AlertKind, Severity

AT = datetime(2026, 11, 15, 19, 25, 3, tzinfo=UTC)


def a_notice(**told: Any) -> Notice:
    """Return a notice of a repeat vehicle for Slovenia; `told` changes what it says, `timestamp` when."""
    timestamp = told.pop("timestamp", AT)
    delivery = told.get("delivery", f"dl-{1:020x}")
    said = {
        "delivery": delivery,
        "sequence": 17,
        "contact_point": "SI",
        "alert": f"al-{2:020x}",
        "revision": 1,
        "status": "open",
        "kind": AlertKind.REPEAT_VEHICLE,
        "severity": Severity.HIGH,
        "exercise": False,
        "life_at_risk": False,
        "view": "full",
        "digest": "sha-256=" + "0" * 43 + "=",
        "link": f"/v1/deliveries/{delivery}",
        **told,
    }
    return Notice.model_validate({"timestamp": timestamp, "data": said}, strict=False)


def _ids(prefix: str) -> st.SearchStrategy[str]:
    return st.integers(0, 16**20 - 1).map(lambda number: f"{prefix}-{number:020x}")


_instants = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis

notices = st.builds(
    a_notice,
    timestamp=_instants,
    delivery=_ids("dl"),
    sequence=st.integers(1, 2**40),
    contact_point=st.sampled_from(["SI", "RS", "XK", "EUROPOL"]),
    alert=_ids("al"),
    revision=st.integers(1, 9999),
    previous=st.none() | st.fixed_dictionaries({"delivery": _ids("dl"), "timestamp": _instants}),
    status=st.sampled_from(["open", "withdrawn"]),
    superseded_by=st.none() | _ids("al"),
    kind=st.sampled_from(AlertKind),
    severity=st.sampled_from(Severity),
    exercise=st.booleans(),
    life_at_risk=st.booleans(),
    view=st.sampled_from(["full", "protection_extract", "recall"]),
)
