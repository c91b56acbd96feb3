"""Scoring with a blindfold: each typology is asked twice, once without whatever must never be scored.

A typology sees reports, entries and what is told of who they are about. Blind, it sees where, when and what kind,
and not who: no person, no plate, no country of one, no document, no words. What it scores must be the same.
"""

import dataclasses
import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, get_type_hints

import pytest

import streams.typologies
from schemas.danger import Danger, ReadPlate
from schemas.events import Incident, People, Sighting
from schemas.plates import PlateKey
from schemas.subjects import Person, Vehicle
from schemas.watchlist import WatchlistEntry
from streams.engine.about import About, Described
from streams.engine.drafts import Draft

NOBODY: Final = Person()
ANY_PLATE: Final = "X"


def _vehicles(report: Incident) -> tuple[Vehicle, ...]:
    return tuple(Vehicle(plate=ANY_PLATE, involvement=report.involvement_of(one)) for one in report.vehicles)


HIDDEN: Final[dict[type, dict[str, Callable[[Any], Any]]]] = {
    Incident: {
        "persons": lambda _: (),
        "vehicles": _vehicles,
        "people": lambda report: People(injured=report.people.injured),
        "narrative": lambda _: None,
        "device": lambda _: None,
        "location": lambda _: None,
        "originator": lambda _: None,
        "handling_note": lambda _: None,
    },
    Sighting: {
        "persons": lambda _: (),
        "vehicle": lambda report: report.vehicle and Vehicle(plate=ANY_PLATE),
        "lane": lambda _: None,
        "device": lambda _: None,
    },
    WatchlistEntry: {
        "vehicle": lambda entry: entry.vehicle and Vehicle(plate=ANY_PLATE),
        "person": lambda entry: entry.person and NOBODY,
        "originator": lambda _: "SI",
        "handling_note": lambda _: None,
        "reason": lambda _: None,
    },
    Danger: {
        "vehicles": lambda danger: tuple(ReadPlate(position=one.position, plate=ANY_PLATE) for one in danger.vehicles),
        "people": lambda danger: People(injured=danger.people.injured),
        "originator": lambda _: None,
    },
}
"""What a typology must not need for a score, and what it sees instead."""

_EVENT: Final = {"type", "schema_version", "id", "exercise", "handling"}
_WHERE: Final = {"station", "occurred_at", "direction"}
_REPORT: Final = {"kind", "reported_at", "updates", "relay_of", "detected_by", "attempted", "evaluation"}
_LISTED: Final = {"entry", "action", "at", "check", "suggested_response", "valid_from", "valid_until"}
SEEN: Final[dict[type, set[str]]] = {
    Incident: _EVENT | _WHERE | _REPORT | {"life_at_risk"},
    Sighting: (_EVENT | _WHERE) - {"handling"},
    WatchlistEntry: _EVENT | _LISTED,
    Danger: _EVENT | _WHERE | {"reason"},
}
"""What a typology may see: everything else of these messages is hidden."""


def typologies() -> Iterator[tuple[Any, str]]:
    """Return each function that makes drafts, as its module and name."""
    for found in pkgutil.iter_modules(streams.typologies.__path__):
        module = importlib.import_module(f"streams.typologies.{found.name}")
        for name, function in vars(module).items():
            is_its_own = getattr(function, "__module__", "") == module.__name__ and not name.startswith("_")
            if is_its_own and callable(function) and get_type_hints(function).get("return") in _DRAFTS:
                yield module, name


_DRAFTS: Final = (Draft, Iterator[Draft], Draft | None)


class Blindfold:
    """Asks every typology twice while it is on; `judged` counts the drafts by kind, `differing` tells what differed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.judged: Counter[str] = Counter()
        self.differing: list[str] = []
        for module, name in typologies():
            monkeypatch.setattr(module, name, self._twice(getattr(module, name)))

    def _twice(self, find: Callable[..., Any]) -> Callable[..., Any]:
        def both(*arguments: Any, **named: Any) -> Any:
            arguments = tuple(map(_kept, arguments))
            named = {name: _kept(one) for name, one in named.items()}
            view = View()
            seeing = _drafts(find(*arguments, **named))
            blind = _drafts(find(*map(view.of, arguments), **{name: view.of(one) for name, one in named.items()}))
            self.judged.update(draft.kind.value for draft in seeing)
            if list(map(scored, seeing)) != list(map(scored, blind)):
                self.differing.append(f"{find.__module__}: {[*map(scored, seeing)]} is not {[*map(scored, blind)]}")
            return seeing[0] if get_type_hints(find)["return"] is Draft else seeing

        return both


def scored(draft: Draft) -> tuple[Any, ...]:
    """Return what decides the score and the severity of an alert."""
    adding = [(one.rule, one.contribution) for one in draft.reasons if one.contribution]
    return draft.kind.value, adding, draft.life_at_risk, draft.by_name_alone


class View:
    """What a blindfolded typology is given instead; it may ask back about what it was given."""

    def __init__(self) -> None:
        self._behind: dict[int, tuple[Any, Any]] = {}
        self._numbers: dict[Any, int] = {}

    def of(self, thing: Any) -> Any:
        """Return a thing without what must not be scored."""
        seen = thing
        match thing:
            case PlateKey() | str():
                pass
            case About():
                seen = About(thing.kind, "somebody or something", ())
            case Described():
                seen = Described(self.of(thing.about), by_name_alone=thing.by_name_alone)
            case Mapping():
                seen = {key: self.of(one) for key, one in thing.items()}
            case list() | tuple():
                seen = type(thing)(map(self.of, thing))
            case _ if type(thing) in HIDDEN:
                seen = thing.model_copy(update={name: blank(thing) for name, blank in HIDDEN[type(thing)].items()})
            case _ if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
                fields = [one.name for one in dataclasses.fields(thing) if one.init]
                seen = dataclasses.replace(thing, **{name: self.of(getattr(thing, name)) for name in fields})
                self._behind[id(seen)] = seen, thing
            case _ if callable(thing):
                seen = self._answering(thing)
        return seen

    def _answering(self, ask: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def answer(about: Any) -> Any:
            said = ask(self._unveiled(about))
            if isinstance(said, Described):
                return self.of(said)
            return [self._numbers.setdefault(one, len(self._numbers)) for one in said]

        return answer

    def _unveiled(self, seen: Any) -> Any:
        if isinstance(seen, Iterable):
            return [self._unveiled(one) for one in seen]
        if id(seen) in self._behind:
            return self._behind[id(seen)][1]
        return dataclasses.replace(seen, case=self._unveiled(seen.case))


def _kept(argument: Any) -> Any:
    """Return what can be read twice."""
    return list(argument) if isinstance(argument, Iterator) else argument


def _drafts(found: Any) -> list[Draft]:
    return [found] if isinstance(found, Draft) else [*(found or ())]
