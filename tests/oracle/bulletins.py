"""What contact points tell each other: one alert each, unless it was taken back."""

from collections.abc import Iterable, Iterator

from oracle.alerts import Found, OpenAlert, identify, readers
from oracle.reports import Event
from oracle.retractions import taken_back


def bulletins(events: Iterable[Event], everything: dict[str, Event]) -> Iterator[Found]:
    """Yield the alerts on real bulletins and on those of exercises."""
    for exercise in (False, True):
        side = [event for event in events if event.get("exercise", False) is exercise]
        gone = taken_back(side, everything)
        for event in side:
            if event["type"] == "bulletin" and event["id"] not in gone:
                alert = OpenAlert(identify("bulletin", event, ""), "bulletin", (event["id"],))
                codes = {event.get("handling", "H1")}
                yield Found(alert, readers(event.get("countries", ()), {event["originator"]}, codes))
