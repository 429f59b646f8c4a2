"""Directory files: YAML in, a form out, or an error that names the line and the reason."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from services.directory import form, model

MAX_BYTES: Final = 5_000_000
"""Of a directory file: every agency of the country with ten desks each takes less."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a file; `line` counts from 1."""

    line: int
    path: str
    reason: str


class FileRefused(ValueError):
    """The file cannot be loaded. `faults` holds everything found wrong in one pass."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        lines = [f"{name}:{fault.line}: {fault.path + ': ' if fault.path else ''}{fault.reason}" for fault in faults]
        super().__init__("\n".join(lines))
        self.faults = tuple(faults)


def read(path: Path) -> form.DirectoryForm:
    """Read a directory file and check that everything it names is there.

    Raises:
        FileRefused: with line and reason of every fault.
        OSError: there is no such file, or it cannot be read.
    """
    if path.stat().st_size > MAX_BYTES:
        raise FileRefused(path.name, [Fault(1, "", f"larger than {MAX_BYTES} bytes")])
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise FileRefused(path.name, [Fault(1, "", "is not text in UTF-8")]) from None
    return parse(text, path.name)


def parse(text: str, name: str = "directory") -> form.DirectoryForm:
    """As `read`, of a text already in hand."""
    try:
        tree = yaml.compose(text, Loader=yaml.SafeLoader)
        mapping = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileRefused(name, [Fault(line, "", error.problem or "not YAML")]) from None
    except (yaml.YAMLError, ValueError) as error:
        raise FileRefused(name, [Fault(1, "", f"not YAML: {type(error).__name__}")]) from None
    if not isinstance(mapping, dict):
        raise FileRefused(name, [Fault(1, "", "a directory is a mapping: areas, agencies, coverage, agreements")])
    if doubled := _doubled(tree):
        raise FileRefused(name, doubled)
    return _checked(mapping, tree, name)


def _checked(mapping: Mapping[str, Any], tree: yaml.Node | None, name: str) -> form.DirectoryForm:
    try:
        parsed = form.parse(mapping)
        model.from_form(parsed)
    except ValidationError as error:
        faults = [
            Fault(line_of(tree, found["loc"]), ".".join(map(str, found["loc"])), found["msg"])
            for found in error.errors(include_input=False, include_url=False)
        ]
        raise FileRefused(name, faults) from None
    except model.DirectoryError as error:
        fault = Fault(line_of(tree, error.path), ".".join(map(str, error.path)), error.reason)
        raise FileRefused(name, [fault]) from None
    return parsed


def line_of(tree: yaml.Node | None, path: Sequence[str | int]) -> int:
    """Return the line of the innermost node on the path that stands in the file; the path may hold more than it does."""
    line = 1
    node = tree
    for step in path:
        found = _step(node, step)
        if found is None:
            continue  # a union's branch, or a merged mapping: not a place in the file
        line, node = found
    return line


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item.start_mark.line + 1, item
    return None


def _doubled(tree: yaml.Node | None) -> list[Fault]:
    """A key given twice: YAML would silently keep the last."""
    faults: list[Fault] = []
    todo = [tree] if tree is not None else []
    seen: set[int] = set()
    while todo:
        node = todo.pop()
        if id(node) in seen:
            continue  # an alias
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in node.value:
                if key.value in keys:
                    faults.append(Fault(key.start_mark.line + 1, str(key.value), "given twice"))
                keys.add(key.value)
                todo.append(value)
        elif isinstance(node, yaml.SequenceNode):
            todo += node.value
    return sorted(faults, key=lambda fault: fault.line)
