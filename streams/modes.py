"""What becomes of the alerts of a kind."""

from enum import StrEnum


class Mode(StrEnum):
    """Told, kept without telling anybody, or not raised."""

    LIVE = "live"
    SHADOW = "shadow"
    OFF = "off"
