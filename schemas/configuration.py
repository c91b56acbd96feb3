"""Configuration in YAML files: read into a checked model, with errors that a person can act on."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from schemas.errors import ConfigurationError

_TEXT: Final = "tag:yaml.org,2002:str"
_CLOCK: Final = re.compile("^[0-9]{1,2}:[0-9]{2}$")
_PLAIN: Final = frozenset(f"tag:yaml.org,2002:{name}" for name in ("null", "int", "float"))

ModelT = TypeVar("ModelT", bound=BaseModel)


class Table(BaseModel):
    """Base of what stands in a configuration file."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Problem(NamedTuple):
    """What is wrong in a file whose every part has its form: where, as keys and positions from the top, and why."""

    where: tuple[int | str, ...]
    text: str


def _nothing(_: object) -> tuple[Problem, ...]:
    return ()


class _Loader(yaml.SafeLoader):
    """Reads `NO` as Norway and not as false, a date as it is written, 22:00 as a time and not as 1320.

    Of YAML 1.1's words only true and false are more than text.
    """


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _PLAIN]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(true|false)$"), list("tf"))
for _digit in "0123456789":
    _Loader.yaml_implicit_resolvers[_digit].insert(0, (_TEXT, _CLOCK))


def read_yaml(path: Path, model: type[ModelT], problems: Callable[[ModelT], Iterable[Problem]] = _nothing) -> ModelT:
    """Return the file's content; raises `ConfigurationError` naming the file, the line, the field and the reason.

    `problems` finds what no part shows by itself; the first is raised.
    """
    try:
        loader = _Loader(path.read_text(encoding="utf-8-sig"))
        try:
            node = loader.get_single_node()
            _check_keys(path, node)
            said = None if node is None else loader.construct_document(node)
        finally:
            loader.dispose()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:  # its own text would show what stands there, which may be a secret
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ConfigurationError(f"{path}: line {line}: not YAML: {error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not YAML in UTF-8: {type(error).__name__}") from None
    try:
        read = model.model_validate(said)
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        raise _wrong(path, node, Problem(detail["loc"], _said(detail["msg"]))) from None
    for problem in problems(read):
        raise _wrong(path, node, problem)
    return read


def _wrong(path: Path, node: Any, problem: Problem) -> ConfigurationError:
    field = ".".join(str(part) for part in problem.where if part != "[key]")
    return ConfigurationError(f"{path}: line {_line(node, problem.where)}: {field or 'the file'}: {problem.text}")


def _check_keys(path: Path, node: Any) -> None:
    """Make every key text as it is written; raises `ConfigurationError` where one stands twice."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check_keys(path, item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set()
    for key, value in node.value:
        line = key.start_mark.line + 1
        if not isinstance(key, yaml.ScalarNode) or key.tag == "tag:yaml.org,2002:merge":
            raise ConfigurationError(f"{path}: line {line}: a key must be plain text")
        if key.value in seen:
            raise ConfigurationError(f"{path}: line {line}: {key.value} stands here twice")
        seen.add(key.value)
        key.tag = _TEXT
        _check_keys(path, value)


def _line(node: Any, where: tuple[int | str, ...]) -> int:
    """Return the line of what stands there, or of the last thing on the way that is there."""
    line = 1 if node is None else int(node.start_mark.line) + 1
    for part in where:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == str(part)]
            if not found:
                continue
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line


def _said(message: str) -> str:
    return message.removeprefix("Value error, ").removeprefix("Input ").removeprefix("String ")
