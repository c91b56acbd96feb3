"""The way in of an exercise: the gateway, as for any station that speaks HTTP."""

import json
from collections.abc import Mapping
from typing import Any

import httpx

from infra.errors import NotReportedError
from schemas import stations

_SECONDS = 60.0


class GatewayClient:
    """Sends events to the gateway; where it wants tokens, with that of the event's station, or of its country."""

    def __init__(self, address: str, tokens: Mapping[str, str]) -> None:
        self._url = f"{address}/v1/events"
        self._tokens = tokens

    def send(self, line: bytes) -> None:
        """Return once Kafka has the event; raises `NotReportedError`."""
        headers = {"Content-Type": "application/json"}
        if self._tokens:
            headers["Authorization"] = f"Bearer {self._token(json.loads(line))}"
        try:
            answer = httpx.post(self._url, content=line, headers=headers, timeout=_SECONDS, trust_env=False)
        except httpx.HTTPError as error:
            raise NotReportedError(f"the gateway does not answer: {type(error).__name__}") from None
        if answer.status_code != httpx.codes.ACCEPTED:
            raise NotReportedError(f"the gateway answers {answer.status_code}: {answer.text[:300]}")

    def _token(self, event: dict[str, Any]) -> str:
        station, originator = event.get("station"), event.get("originator")
        for code, token in self._tokens.items():
            if code == station or (station is None and stations.station(code).country == originator):
                return token
        raise NotReportedError(f"--tokens has no token for {station or originator}")
