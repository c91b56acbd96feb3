"""Reading a YAML file into a checked model, with errors that a person can act on."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from consumers.errors import ConfigurationError


class Table(BaseModel):
    """Base of what stands in configuration files."""

    model_config = ConfigDict(extra="forbid", frozen=True)


TableT = TypeVar("TableT", bound=Table)


def read_yaml(path: Path, model: type[TableT]) -> TableT:
    """Return the file's content; raises `ConfigurationError` naming the file, the field and the reason."""
    try:
        text = path.read_text(encoding="utf-8")
        _refuse_repeated_keys(path, yaml.compose(text, yaml.SafeLoader))
        return model.model_validate(yaml.safe_load(text))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: not YAML: {error}") from None
    except ValidationError as error:
        detail = error.errors(include_url=False, include_input=False)[0]
        field = ".".join(str(part) for part in detail["loc"])
        raise ConfigurationError(f"{path}: {field or 'the file'}: {detail['msg']}") from None


def _refuse_repeated_keys(path: Path, node: yaml.Node | None) -> None:
    """Raise `ConfigurationError` where a key stands twice: YAML would take the last in silence."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(path, item)
    if not isinstance(node, yaml.MappingNode):
        return
    seen = set()
    for key, value in node.value:
        if key.value in seen:
            raise ConfigurationError(f"{path}: line {key.start_mark.line + 1}: {key.value} stands here twice")
        seen.add(key.value)
        _refuse_repeated_keys(path, value)
