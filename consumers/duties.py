"""Who answers for alerts: the rotas of the contact points, the escalation policy, the fallback and operations.

They stand in one YAML file (`BRDO_DUTIES`; `duties.yaml` shows the form). Without one nobody can be called: what
nobody answers ends at operations at once, as a metric and an error in the log. No revision waits for another then.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from consumers.contact_points import Code
from consumers.policy import Policy, Waits
from consumers.rota import Officer, Rota
from schemas.configuration import Problem, Table, read_yaml

EXAMPLE: Final = Path(__file__).with_name("duties.yaml")


class Duties(Table):
    """Who is called, in which order, and who is told where nobody answers."""

    operations: Officer | None = None
    fallback: tuple[Code, ...] = ()
    policy: Policy = Policy()
    rotas: dict[Code, Rota] = Field(default_factory=dict)

    def called_by_mail(self) -> bool:
        """Whether anybody can only be called where there is a mail server."""
        officers = [one for rota in self.rotas.values() for one in rota.officers.values()]
        return any(one is not None and one.email is not None for one in (self.operations, *officers))

    def in_exercises(self) -> "Duties":
        """Return whom of the fallback and of operations an exercise tells: those who agreed."""
        agreed = tuple(code for code in self.fallback if code in self.rotas and self.rotas[code].exercises)
        operations = self.operations if self.operations is not None and self.operations.exercises else None
        return self.model_copy(update={"fallback": agreed, "operations": operations})


class _File(Duties):
    """What stands in a file cannot end in silence."""

    operations: Officer
    fallback: Annotated[tuple[Code, ...], Field(min_length=1)]


NO_DUTIES: Final = Duties(policy=Policy(revisions_wait_seconds=Waits(high=0, medium=0, low=0)))


def load_duties(path: Path, contact_points: Collection[str]) -> Duties:
    """Return the duties; raises `ConfigurationError` naming file, line, field and reason."""

    def problems(file: _File) -> Iterator[Problem]:
        if file.operations.email is None:
            yield Problem(("operations", "email"), "is needed: what nobody answers ends there")
        for number, code in enumerate(file.fallback):
            if code not in contact_points:
                yield Problem(("fallback", number), f"{code} is no contact point")
        for code, rota in file.rotas.items():
            if code not in contact_points:
                yield Problem(("rotas", code), f"{code} is no contact point")
            yield from rota.problems("rotas", code)

    return read_yaml(path, _File, problems)
