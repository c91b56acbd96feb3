"""What a change of the register comes to: by all events, and by those that each audience may see."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from schemas.errors import Refusal
from schemas.messages import CaseMessage, Stamped
from streams.engine.drafts import Draft
from streams.engine.interests import Interest, changes, joined
from streams.engine.register import Register
from streams.engine.restricted import Restricted, without
from streams.engine.standing import About
from streams.engine.touched import Scope

EVERYBODY: Final = ""
"""The reader who stands for all who may see no more than anybody."""

Refused = tuple[tuple[Stamped[CaseMessage], Refusal], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A change: what it is about as things stand, how to make it, and how to undo it, made or not.

    `restricted` is the event itself where only its originator may see it: its id, and the originator.
    """

    scope: Callable[[], Scope]
    make: Callable[[], Refused | None] = tuple
    undo: Callable[[], object] = tuple
    restricted: Mapping[str, str] = field(default_factory=dict)
    is_of_interest: bool = True
    """Whether it may alter what the watch looks out for."""

    def is_hidden_from(self, reader: str) -> bool:
        """Whether this reader may not know of it."""
        return any(owner != reader for owner in self.restricted.values())


@dataclass(frozen=True, slots=True)
class Outlook:
    """What should be open after a change, where its subjects appear, what the watch looked and looks out for."""

    scope: Scope
    refused: Refused
    drafts: tuple[Draft, ...]
    places: frozenset[About]
    wanted: tuple[Interest, ...]
    wants: tuple[Interest, ...]


class Outlooks(NamedTuple):
    """The outlook by all events; by reader, where some are hidden, that of each who may see more, and of everybody."""

    whole: Outlook
    parts: Mapping[str, Outlook]

    def to(self, reader: str) -> Outlook:
        """Return a reader's outlook."""
        return self.parts.get(reader) or self.parts.get(EVERYBODY) or self.whole

    @property
    def interests(self) -> tuple[Interest, ...]:
        """What to tell the watch: it looks out for whatever matters to any audience."""
        several = (self.whole, *self.parts.values())
        before = joined(interest for one in several for interest in one.wanted)
        return tuple(changes(before, joined(interest for one in several for interest in one.wants)))

    @property
    def wants(self) -> tuple[Interest, ...]:
        """All that the watch looks out for of what the change is about, as if it knew nothing of it."""
        return tuple(changes((), joined(one for part in (self.whole, *self.parts.values()) for one in part.wants)))

    def of(self, counts: Callable[[Draft], bool]) -> "Outlooks":
        """Return the same with those drafts alone that count."""

        def some(outlook: Outlook) -> Outlook:
            return replace(outlook, drafts=tuple(filter(counts, outlook.drafts)))

        return Outlooks(some(self.whole), {reader: some(part) for reader, part in self.parts.items()})


def make(register: Register, known: Restricted, change: Change) -> Outlooks:
    """Make a change; return what it comes to."""
    whole = _look(register, change)
    restricted = {**known.near(whole.scope), **change.restricted}
    if not restricted:
        return Outlooks(whole, {})
    change.undo()
    parts = {}
    for reader in {EVERYBODY, *restricted.values()}:
        hidden = [event for event, owner in restricted.items() if owner != reader]
        parts[reader] = _in_part(register, change, reader, hidden, whole.scope.events) if hidden else whole
    change.make()
    register.doubt(whole.scope)
    return Outlooks(whole, parts)


def _in_part(register: Register, change: Change, reader: str, hidden: Iterable[str], dangers: Iterable[str]) -> Outlook:
    """Return what a change comes to without the hidden events, and leave the register as it was, whatever fails."""
    with without(register, hidden):
        try:
            return _look(register, change, dangers, made=not change.is_hidden_from(reader))
        finally:
            register.doubt(change.scope())
            change.undo()


def _look(register: Register, change: Change, dangers: Iterable[str] = (), *, made: bool = True) -> Outlook:
    """Make a change, or look at what it is about where it is not `made`; `dangers` are events it is about as well."""
    register.take_turned()  # nobody is told of what was forgotten, or hidden
    scope = change.scope()
    scope.events.update(dangers)
    places, void = set(register.places(scope)), register.void(scope)
    wanted = tuple(register.interests(scope)) if change.is_of_interest else ()
    refused = (change.make() if made else None) or ()
    scope.join(change.scope())
    scope.join(register.resting_on_documents(void ^ register.void(scope)))
    scope.join(register.take_turned())
    places.update(register.places(scope))
    wants = tuple(register.interests(scope)) if change.is_of_interest else ()
    return Outlook(scope, refused, tuple(register.drafts(scope)), frozenset(places), wanted, wants)
