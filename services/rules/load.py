"""Reading the catalogue: YAML to models to closures, with file and line of whatever is wrong."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError

from services.rules import parameters, predicates, registry, text, vocabulary
from services.rules.compile import CompiledRule, compile_rule
from services.rules.findings import Finding, Urgency
from services.rules.model import RuleFile, Status
from services.rules.reading import Readings
from services.rules.recipients import OWNER_ALONE
from services.rules.touched import Touched

WORDS: Final = (vocabulary, predicates)
"""Importing them is what makes the words known."""
CATALOGUE: Final = Path(__file__).parent / "catalogue"
RELEASE_CHARS: Final = 16
"""Of the hash that names a release of the rules: enough to tell any two apart."""


SHADOW: Final = "shadow"
JUDGED: Final[tuple[Status, ...]] = ("live", SHADOW)
"""What a shadow rule finds is kept and counted, and told to nobody: who reads it is whoever weighs whether to adopt it."""


class RuleRefused(ValueError):
    """A rule file that cannot be loaded. The message names the file, the line where it is known, and what is wrong."""

    def __init__(self, path: Path, reason: str, line: int | None = None) -> None:
        super().__init__(f"{path.name}{f':{line}' if line else ''}: {reason}")
        self.path = path
        self.line = line


@dataclass(frozen=True, slots=True)
class Rules:
    """A release of the catalogue, compiled."""

    live: tuple[CompiledRule, ...]
    """Those that are judged, shadow rules among them."""
    others: tuple[CompiledRule, ...]
    """Draft, paused and retired rules: loaded, not judged."""
    release: str
    """Names exactly this content; an evaluation that finds another stands down."""
    hops: int
    """How far from its subject any live rule looks."""
    readings: Readings
    """What each of those that are judged reads: what an event can matter to."""
    touched: Touched
    """Which of them a case can touch."""
    shadow: frozenset[str] = frozenset()
    """Of those judged, the ones that tell nobody."""
    read: Mapping[str, RuleFile] = field(default_factory=dict)
    """Of those judged, the ones whose findings others read: of the first stratum, no shadows. None if nobody reads any."""
    settings: parameters.Settings = parameters.NOTHING_SET
    """What was set for areas."""
    _variants: dict[tuple[str, tuple[tuple[str, parameters.Value], ...]], CompiledRule] = field(
        default_factory=dict, repr=False, compare=False
    )
    """Rules with values set for an area, compiled when they first occur."""

    def with_settings(self, settings: parameters.Settings) -> "Rules":
        """Return these rules with what was set for areas."""
        return replace(self, settings=settings, _variants={})

    def as_set(self, rule: CompiledRule, area: str | None, contains: parameters.Contains, at: datetime) -> CompiledRule:
        """Return a rule with the values that hold in an area at a moment: itself, unless something was set."""
        values = parameters.in_area(self.settings.of(rule.id, at), area, contains)
        if not values:
            return rule
        key = (rule.id, tuple(sorted(values.items())))
        if key not in self._variants:
            made = compile_rule(parameters.with_values(rule.file, values))
            self._variants[key] = replace(made, note=parameters.said(rule.file, values))
        return self._variants[key]

    def tells_others(self, finding: Finding) -> bool:
        """Say whether what was found of somebody counts in the cases of those it names.

        It must be urgent: no rule reads less. And what is uncorroborated and for the owner alone never leaves the owner by
        way of another rule (domain A3a). Only rules of the first stratum are read, and only by those of the second, so what
        one person's alerts change in another's case never comes back.
        """
        file = self.read.get(finding.rule)
        if file is None or file.major != finding.major or finding.urgency > Urgency.U2:
            return False
        return finding.corroborated or file.uncorroborated != OWNER_ALONE

    def rule(self, rule_id: str) -> CompiledRule:
        """Return a rule by its id; KeyError if there is none."""
        return {rule.id: rule for rule in (*self.live, *self.others)}[rule_id]


@cache
def load_catalogue() -> Rules:
    """Load every rule file of the catalogue.

    Raises:
        RuleRefused: a file is wrong in any way; nothing is loaded then.
    """
    return release(read(file) for file in sorted(CATALOGUE.glob("*.yaml")))


def release(files: Iterable[RuleFile]) -> Rules:
    """Put rule files together; those that are not judged are kept aside."""
    files = tuple(files)
    compiled = [(file, _compile(file)) for file in files]
    live = tuple(rule for file, rule in compiled if file.status in JUDGED)
    readings = Readings(live)
    # What words read is code: two processes that differ in it must not take their releases for one.
    known = [*(file.model_dump_json(exclude={"tests"}) for file in files), *readings.text()]
    digest = hashlib.sha256("\n".join(known).encode())
    return Rules(
        live=live,
        others=tuple(rule for file, rule in compiled if file.status not in JUDGED),
        release=digest.hexdigest()[:RELEASE_CHARS],
        hops=max((rule.file.hops for rule in live), default=0),
        readings=readings,
        touched=Touched(live),
        shadow=frozenset(rule.id for rule in live if rule.file.status == SHADOW),
        read=_read_by_others([rule.file for rule in live]),
    )


def _read_by_others(files: Sequence[RuleFile]) -> Mapping[str, RuleFile]:
    if all(file.stratum == 1 for file in files):
        return {}
    return {file.id: file for file in files if file.stratum == 1 and file.status != SHADOW}


def read(path: Path) -> RuleFile:
    """Read one rule file and make sure that it compiles.

    Raises:
        RuleRefused: no text, not YAML, a field or word that does not exist, something missing, or a name that differs from
            the file's.
    """
    try:
        source = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise RuleRefused(path, "is not text in UTF-8") from None
    except OSError as error:
        raise RuleRefused(path, error.strerror or "cannot be read") from None
    try:
        lines, content = _Lines.of(source), yaml.load(source, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise RuleRefused(path, error.problem or "not YAML", mark.line + 1 if mark else None) from None
    except yaml.YAMLError:
        raise RuleRefused(path, "not YAML: it holds characters that no YAML holds") from None
    if not isinstance(content, dict):
        raise RuleRefused(path, "is no rule: write `id:`, `name:`, `version:` ... as the README beside the rules says")
    try:
        file = RuleFile.model_validate(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise RuleRefused(path, f"{where}: {first['msg']}", lines.at(first["loc"])) from None
    if path.stem != f"{file.id}-{file.name}":
        raise RuleRefused(path, f"id and name say {file.id}-{file.name}")
    _check(path, file, lines)
    return file


def _words(file: RuleFile, *left_out: str) -> set[str]:
    """Return every word and key of a rule file but its tests and texts."""
    found: set[str] = set()
    todo: list[object] = [file.model_dump(exclude={"tests", "text", "why", *left_out})]
    while todo:
        part = todo.pop()
        if isinstance(part, str):
            found.add(part)
        elif isinstance(part, dict):
            todo += [*part, *part.values()]
        elif isinstance(part, list | tuple):
            todo += part
    return found


def _check(path: Path, file: RuleFile, lines: "_Lines") -> None:
    over = registry.over_findings & _words(file)
    if over and file.lifts is not None:
        # What it lifts is read in others' cases: reading theirs, two people's alerts could change each other for ever.
        raise RuleRefused(path, f"{', '.join(sorted(over))} reads findings: a rule that lifts others may not")
    if over and file.stratum == 1:
        raise RuleRefused(path, f"{', '.join(sorted(over))} reads findings: stratum 2", lines.at(("stratum",)))
    try:
        for template in (file.text.why, *file.text.only.values(), *file.text.unknown, *file.text.would_stop):
            text.check(template, [parameter.name for parameter in file.parameters])
        compile_rule(file)
        parameters.check(file)
    except LookupError as error:
        reason = str(error.args[0])
        raise RuleRefused(path, reason, lines.holding(reason)) from None


def _compile(file: RuleFile) -> CompiledRule:
    return compile_rule(file)


class _Loader(yaml.SafeLoader):
    """YAML whose dates stay text, so that nobody's clock is guessed, and whose keys may not be given twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key, _ in node.value:
            name = self.construct_object(key, deep=True)
            if name in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{name!r} is given twice", key.start_mark)
            seen.add(name)
        return super().construct_mapping(node, deep=deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True, slots=True)
class _Lines:
    """Where things stand in a file, to point at them."""

    root: yaml.Node | None
    source: tuple[str, ...]

    @classmethod
    def of(cls, source: str) -> "_Lines":
        return cls(yaml.compose(source, Loader=_Loader), tuple(source.splitlines()))

    def at(self, where: Sequence[int | str]) -> int | None:
        """Return the line of a path of keys, as deep as it leads."""
        node, line = self.root, None
        for step in where:
            found = _child(node, step)
            if found is None:
                break
            node, line = found[1], found[0]
        return line

    def holding(self, reason: str) -> int | None:
        """Return the first line that holds the word the reason quotes."""
        quoted = reason.split("'")[1] if reason.count("'") > 1 else None
        return next((n for n, line in enumerate(self.source, 1) if quoted and quoted in line), None)


def _child(node: yaml.Node | None, step: int | str) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        value = node.value[step]
        return value.start_mark.line + 1, value
    return None
