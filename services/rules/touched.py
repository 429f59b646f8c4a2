"""Which rules, and which of their ways to fire, the events of a case can touch at all: by their types alone."""

from collections.abc import Iterable
from dataclasses import replace

from services.rules.compile import CompiledRule
from services.rules.view import KEPT_MAX, Types


class Touched:
    """Answers for one release of rules. What was answered is kept."""

    def __init__(self, rules: Iterable[CompiledRule]) -> None:
        self._rules = sorted(rules, key=lambda rule: rule.file.stratum)
        asked = {rule.watches for rule in self._rules}
        self._asked = asked.union(*(leg.needs for rule in self._rules for leg in rule.legs))
        self._of_type: dict[str, frozenset[Types]] = {}
        self._kept: dict[frozenset[str], tuple[CompiledRule, ...]] = {}

    def by(self, types: Iterable[str]) -> tuple[CompiledRule, ...]:
        """Return the rules that could fire where events of these types are, each with the ways in which it could.

        Those of the first stratum come first.
        """
        present = frozenset(types)
        kept = self._kept.get(present)
        if kept is None:
            there = frozenset[Types]().union(*map(self._there, present))
            kept = tuple(rule for each in self._rules for rule in _touched(each, there))
            if len(self._kept) < KEPT_MAX:
                self._kept[present] = kept
        return kept

    def _there(self, name: str) -> frozenset[Types]:
        found = self._of_type.get(name)
        if found is None:
            found = self._of_type[name] = frozenset(types for types in self._asked if name in types)
        return found


def _touched(rule: CompiledRule, there: frozenset[Types]) -> Iterable[CompiledRule]:
    if rule.watches not in there:
        return
    legs = tuple(leg for leg in rule.legs if all(need in there for need in leg.needs))
    if legs:
        yield rule if len(legs) == len(rule.legs) else replace(rule, legs=legs)
