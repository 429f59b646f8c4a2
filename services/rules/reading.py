"""What a rule can be shown, found from its own code: every set of types that anything it is made of asks a view for.

The only way to ask for facts by type is `View.facts(types)`, and the sets are constants of modules or parts of compiled
closures. So walking a rule's functions, and whatever those use, finds them all, and nobody has to declare (and then
forget) what a word reads. More may be found than is ever asked for, never less. Facts reached otherwise (claims, mentions,
what points at something) say more than that something happened: take-in marks people for such events whatever is read.
"""

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from types import CodeType, FunctionType, MethodType, ModuleType
from typing import Any, Final

from services.rules import lifts, recipients, text
from services.rules.compile import CompiledRule
from services.rules.standing import Standing, first_record
from services.rules.view import Only, Seen, Types, such
from services.rules.words import areas

HOME: Final = "services.rules"
"""Code beyond it never sees a view."""
OF_ALL: Final = (
    Standing, first_record, recipients.looks_again, lifts.windows, lifts.lifted, lifts.own, text.why, text.fill
)  # fmt: skip
"""What every finding is made with, whatever its rule."""


@dataclass(frozen=True, slots=True)
class Matters:
    """What one event can change, of a person already known, of whom it says only that something of its type happened."""

    begins: bool
    """It may begin something, or make it more: judge."""
    ends: frozenset[str]
    """Rules for which it can only end what others began, or put that off. Where none of their alerts is, it can wait for
    the time at which they look again anyway."""
    around: bool
    """Rules that look beyond their own subject may see it of others: judge those whose case it is in as well."""

    @property
    def nothing(self) -> bool:
        """No rule can see any difference."""
        return not self.begins and not self.ends


def _set(rule: CompiledRule) -> list[Callable[..., object]]:
    """Where the subject lives decides what is set for a rule with parameters."""
    return [areas.home_area] if rule.file.parameters else []


class Readings:
    """What each of some rules reads."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        of_all = found(OF_ALL)
        self._read = [
            (rule, frozenset({*of_all, *found([rule.legs, rule.urgency, rule.resolve, rule.details, *_set(rule)])}))
            for rule in rules
        ]
        self._known: dict[tuple[str, tuple[bool, ...]], Matters] = {}

    def matters(self, event: Seen) -> Matters:
        """Say what one event more can change."""
        key = (event.type, _outside(event))
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._matters(event)
        return known

    def text(self) -> list[str]:
        """Write down what is read: two releases that differ in it are two."""
        return sorted(
            f"{rule.id} {sorted(types.whole)} {sorted(types.any_sector)} {types.only} {types.answers} {types.own}"
            for rule, read in self._read
            for types in read
        )

    def _matters(self, event: Seen) -> Matters:
        shown = [(rule, [types for types in read if types.shows(event)]) for rule, read in self._read]
        return Matters(
            begins=any(not types.answers for _, read in shown for types in read),
            ends=frozenset(rule.id for rule, read in shown if read and all(types.answers for types in read)),
            around=any(rule.file.hops > 0 and not all(types.own for types in read) for rule, read in shown),
        )


def found(roots: Iterable[object]) -> set[Types]:
    """Return every set of types reachable from these objects and functions."""
    types: set[Types] = set()
    seen: dict[int, object] = {}  # holds what it has seen, so that no id comes twice
    todo = list(roots)
    while todo:
        part = todo.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if isinstance(part, Types):
            types.add(part)
        else:
            todo += _inside(part)
    return types


def _inside(part: object) -> Iterable[object]:
    for kind, inside in _KINDS:
        if isinstance(part, kind):
            return inside(part)
    if hasattr(part, "__wrapped__"):  # functools.cache and its like
        return (part.__wrapped__,)
    if is_dataclass(part):
        return (type(part), *(getattr(part, each.name) for each in fields(part)))
    return ()


def _of_function(function: FunctionType) -> Iterator[object]:
    yield from (function.__defaults__ or ())
    yield from (function.__kwdefaults__ or {}).values()
    for cell in function.__closure__ or ():
        yield cell.cell_contents
    if _at_home(function):
        yield from _named(function.__code__, function.__module__)


@functools.cache
def _named(code: CodeType, module: str) -> tuple[object, ...]:
    """Whatever code of a module names: of other modules, only what it can mean there."""
    names, space = set(_names(code)), vars(sys.modules[module])
    named: list[object] = []
    for value in (space[name] for name in names & space.keys()):
        if isinstance(value, ModuleType):
            named += [vars(value)[part] for part in names & vars(value).keys() if _at_home(value)]
        else:
            named.append(value)
    return tuple(named)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from _names(const)


def _at_home(part: Any) -> bool:  # noqa: ANN401 - functions, classes and modules have a name each in their own way
    return str(getattr(part, "__module__", None) or part.__name__).startswith(HOME)


def _outside(event: Seen) -> tuple[bool, ...]:
    return tuple(such(event, only) for only in Only)


_KINDS: Final[tuple[tuple[Any, Callable[[Any], Iterable[object]]], ...]] = (
    ((list, tuple, set, frozenset), lambda many: many),
    (Mapping, lambda mapping: mapping.values()),
    (FunctionType, _of_function),
    (MethodType, lambda method: (method.__func__, method.__self__)),
    (functools.partial, lambda part: (part.func, part.args, part.keywords)),
    (property, lambda own: (own.fget,)),
    (functools.cached_property, lambda own: (own.func,)),
    ((staticmethod, classmethod), lambda own: (own.__func__,)),
    (type, lambda own: vars(own).values() if _at_home(own) else ()),
)
"""What is looked into, and how."""
