"""The engine's rules as data: `rules.yaml`, checked when it is read."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from schemas.events import IncidentKind
from streams.errors import RulesError

DEFAULT_RULES: Final = Path(__file__).with_name("rules.yaml")

Contribution = Annotated[float, Field(ge=0, le=1)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeverityRules(_Table):
    """Lower bounds of the score for each severity."""

    high: Contribution
    medium: Contribution


class IntakeRules(_Table):
    """How far an event's time may lie from the clock of live intake."""

    longest_ahead_hours: Annotated[float, Field(gt=0)]
    longest_back_days: Annotated[float, Field(gt=0)]


class OccurrenceRules(_Table):
    """When incidents of one subject are one occurrence."""

    same_place_hours: Annotated[float, Field(gt=0)]

    @property
    def same_place(self) -> timedelta:
        """The longest time between two incidents of one occurrence."""
        return timedelta(hours=self.same_place_hours)


class _Windowed(_Table):
    window_days: Annotated[float, Field(gt=0)]

    @property
    def window(self) -> timedelta:
        """The longest time between two pieces of evidence of one alert."""
        return timedelta(days=self.window_days)


class LifeAtRiskContributions(_Table):
    """What each ground for danger to life adds."""

    flagged: Contribution
    search_and_rescue: Contribution
    injured: Contribution
    unverified_form: Contribution


class LifeAtRiskRules(_Windowed):
    """Rules of `life_at_risk`."""

    contributions: LifeAtRiskContributions


class RepeatVehicleContributions(_Table):
    """What each fact about a repeating vehicle adds."""

    occurrences: Contribution
    each_further: Contribution
    each_further_limit: Contribution
    smuggling: Contribution
    several_places: Contribution


class RepeatVehicleRules(_Windowed):
    """Rules of `repeat_vehicle`."""

    contributions: RepeatVehicleContributions
    smuggling_kinds: frozenset[IncidentKind]


class Rules(_Table):
    """All rules of one version."""

    version: Annotated[str, Field(min_length=1, max_length=40)]
    severity: SeverityRules
    intake: IntakeRules
    occurrence: OccurrenceRules
    life_at_risk: LifeAtRiskRules
    repeat_vehicle: RepeatVehicleRules


def load_rules(path: Path = DEFAULT_RULES) -> Rules:
    """Read the rules; raises `RulesError` naming the file, the field and the reason."""
    try:
        return Rules.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise RulesError(f"{path}: not YAML: {error}") from None
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in detail["loc"])
        raise RulesError(f"{path}: {field or 'the file'}: {detail['msg']}") from None
