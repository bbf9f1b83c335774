"""YAML as dbt reads it (libyaml, version 1.1), every mapping and list knowing the lines it came from."""

from pathlib import Path
from typing import Any

import yaml


class Mapping(dict[str, Any]):
    """`line` is where it begins, `lines` where each key stands; both count from 1."""

    line: int
    lines: dict[str, int]


class Sequence(list[Any]):
    """`lines` are those of the items, from 1."""

    lines: list[int]


def load(path: Path) -> Any:
    """The document in a file.

    Raises:
        yaml.MarkedYAMLError: it is not readable, or a mapping has a key twice.
    """
    with path.open("rb") as file:
        return yaml.load(file, _Loader)  # noqa: S506 - a safe loader


class _Loader(yaml.CSafeLoader):  # type: ignore[misc] # PyYAML has no types
    pass


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Mapping:
    found = Mapping()
    found.line, found.lines = node.start_mark.line + 1, {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in found:
            raise yaml.constructor.ConstructorError(
                "while constructing a mapping", node.start_mark, f"found duplicate key {key}", key_node.start_mark
            )
        found[key] = loader.construct_object(value_node, deep=True)
        found.lines[key] = key_node.start_mark.line + 1
    return found


def _sequence(loader: _Loader, node: yaml.SequenceNode) -> Sequence:
    found = Sequence(loader.construct_sequence(node, deep=True))
    found.lines = [item.start_mark.line + 1 for item in node.value]
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:seq", _sequence)
