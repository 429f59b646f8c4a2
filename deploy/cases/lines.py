"""YAML with line numbers, read the way people write it.

Plain YAML 1.1 would read `8.10` as 8.1, `09:30` as 570 and `on` as true. Here only null, true, false and whole
numbers without leading zeros are not text.
"""

import re
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

Path = tuple[str | int, ...]
"""Keys and list positions from the top of the file."""

MAX_FILE_CHARS = 2_000_000
"""Characters of a case file. Birmingham has 90,000."""


class CaseRefused(ValueError):
    """A case file that is wrong; every problem has its line and reason."""

    def __init__(self, file: str, problems: list[tuple[int, str]]) -> None:
        self.file = file
        self.problems = sorted(set(problems))
        super().__init__("\n".join(f"{file}:{line}: {reason}" for line, reason in self.problems))


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed file and the line on which each of its parts begins."""

    file: str
    data: Any
    lines: Mapping[Path, int]

    def place(self, path: Path) -> Path:
        """Return the part of `path` that is written in the file.

        What the file does not have (a missing key, a validator's own label) is passed over.
        """
        here: Path = ()
        for part in path:
            if (*here, part) in self.lines:
                here = (*here, part)
        return here

    def _row(self, place: Path) -> str:
        """The name its writer gave the row that a path leads into, for a path counts from 0; "" where it leads elsewhere."""
        if len(place) < 2 or place[0] not in {"history", "rows"}:  # noqa: PLR2004 - which list, which of it
            return ""
        row = self.data[place[0]][place[1]]
        return f" (row {row['row']})" if isinstance(row, dict) and "row" in row else ""

    def refuse(self, problems: Iterable[tuple[Path, str]]) -> CaseRefused:
        """Return the refusal of this file for these reasons, each with its line."""
        found = []
        for path, reason in problems:
            place = self.place(path)
            where = ".".join(str(part) for part in place) + self._row(place)
            found.append((self.lines.get(place, 1), f"{where}: {reason}" if where else reason))
        return CaseRefused(self.file, found)


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers = {}  # noqa: RUF012 - PyYAML's own name; ours start empty

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Refuse a key given twice: YAML would silently keep the last."""
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen and key.tag != _MERGE:
                raise yaml.constructor.ConstructorError(None, None, f"`{key.value}` is given twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_MERGE = "tag:yaml.org,2002:merge"
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"(~|null|)\Z"), ["~", "n", ""])
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"(true|false)\Z"), ["t", "f"])
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"-?(0|[1-9][0-9]*)\Z"), list("-0123456789"))
_Loader.add_implicit_resolver(_MERGE, re.compile(r"<<\Z"), ["<"])


def read(text: str, file: str) -> Document:
    """Parse the text of a file.

    Raises:
        CaseRefused: too long, or not YAML.
    """
    if len(text) > MAX_FILE_CHARS:
        raise CaseRefused(file, [(1, f"longer than {MAX_FILE_CHARS} characters")])
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            raise CaseRefused(file, [(1, "the file is empty")])
        lines = _lines(node)
        if not isinstance(node, yaml.MappingNode):
            raise CaseRefused(
                file, [(1, "is no case: write `case:`, `title:`, `begins:` ... as the README beside the cases says")]
            )
        data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise CaseRefused(file, [((mark.line if mark else 0) + 1, error.problem or "is not YAML")]) from None
    except yaml.YAMLError as error:
        raise CaseRefused(file, [(1, f"is not YAML: {type(error).__name__}")]) from None
    finally:
        loader.dispose()
    return Document(file, data, lines)


def _lines(root: yaml.Node) -> dict[Path, int]:
    lines: dict[Path, int] = {}
    _walk(root, (), lines, frozenset())
    return lines


def _walk(node: yaml.Node, path: Path, lines: dict[Path, int], above: frozenset[int]) -> None:
    if id(node) in above:
        raise yaml.constructor.ConstructorError(None, None, "an anchor that holds itself", node.start_mark)
    lines.setdefault(path, node.start_mark.line + 1)
    above |= {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for n, item in enumerate(node.value):
            _walk(item, (*path, n), lines, above)
    elif isinstance(node, yaml.MappingNode):
        own = [pair for pair in node.value if pair[0].tag != _MERGE]
        for key, value in own:
            _walk(value, (*path, _key(key)), lines, above)
        for key, value in node.value:
            if key.tag == _MERGE:  # what is merged in comes after, so that the own lines stand
                _walk_merged(value, path, lines, above)


def _walk_merged(node: yaml.Node, path: Path, lines: dict[Path, int], above: frozenset[int]) -> None:
    sources = node.value if isinstance(node, yaml.SequenceNode) else [node]
    for source in sources:
        _walk(source, path, lines, above)


def _key(node: yaml.Node) -> str:
    return str(node.value)
