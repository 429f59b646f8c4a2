"""The two files of cases: pairs with the verdict wanted, and sequences of arrivals with the people wanted."""

import json
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from deploy.evaluation.labelled import FileRefused, Record, first_problem, open_maybe_packed, unread

VerdictName = Literal["link", "review", "no_link"]
PAIRS: Final = "identity-holdout/1"
SEQUENCES: Final = "identity-sequences/1"
YAML: Final = (".yaml", ".yml")


class _Open(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True)


def _refuse_twice(ids: Iterable[str]) -> None:
    twice = sorted(name for name, count in Counter(ids).items() if count > 1)
    if twice:
        raise ValueError(f"{', '.join(twice)} stands for several: give each an id of its own")


class PairCase(_Open):
    """Two records and what should be said of them."""

    id: str
    category: str = ""
    a: Record
    b: Record
    expected: VerdictName
    never: tuple[VerdictName, ...] = ()
    """Verdicts that would do harm."""
    reason: str = ""


class PairsFile(_Open):
    """Pairs, each judged by itself."""

    schema_: Literal["identity-holdout/1"] = Field(alias="schema")
    cases: tuple[PairCase, ...]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        _refuse_twice(case.id for case in self.cases)
        return self


class Op(_Open):
    """Something that happens: exactly one of an arrival, a decision, a retraction, an amendment."""

    rec: str | None = None
    """A record arrives. Once more is the same event delivered again."""
    decide: tuple[str, str] | None = None
    verdict: Literal["same", "different"] | None = None
    privileged: bool = False
    """Whoever decides has the role for sealed identities."""
    retract: str | None = None
    amend: str | None = None
    set: Mapping[str, Any] | None = None

    @model_validator(mode="after")
    def _is_one_thing(self) -> Self:
        if sum(part is not None for part in (self.rec, self.decide, self.retract, self.amend)) != 1:
            raise ValueError("an op has exactly one of rec, decide, retract, amend")
        if (self.decide is None) != (self.verdict is None):
            raise ValueError("decide goes with a verdict, and only decide does")
        if (self.amend is None) != (self.set is None):
            raise ValueError("amend goes with set, and only amend does")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The records it is about."""
        return self.decide or tuple(name for name in (self.rec, self.retract, self.amend) if name is not None)


class Scenario(_Open):
    """Ops that must come to the same end in every order."""

    id: str
    title: str = ""
    ops: tuple[Op, ...] = Field(min_length=1)
    orders: Literal["all"] | tuple[tuple[int, ...], ...]
    final: tuple[tuple[str, ...], ...]
    review: tuple[tuple[str, str], ...] = ()

    @model_validator(mode="after")
    def _is_about_what_arrives(self) -> Self:
        arrive = {op.rec for op in self.ops if op.rec is not None}
        about = {name for op in self.ops for name in op.names}
        about |= {name for person in (*self.final, *self.review) for name in person}
        if missing := sorted(about - arrive):
            raise ValueError(f"no op lets {', '.join(missing)} arrive")
        if not self.orders:
            raise ValueError(
                "orders holds no order: nothing would be played. Write all, or one list of numbers an order"
            )
        if self.orders != "all" and any(sorted(order) != list(range(len(self.ops))) for order in self.orders):
            raise ValueError(f"each order holds the numbers 0 to {len(self.ops) - 1}, each once")
        return self


class SequencesFile(_Open):
    """Records by name, and what happens to them."""

    schema_: Literal["identity-sequences/1"] = Field(alias="schema")
    records: Mapping[str, Record]
    scenarios: tuple[Scenario, ...]

    @model_validator(mode="after")
    def _knows_the_records(self) -> Self:
        _refuse_twice(scenario.id for scenario in self.scenarios)
        for scenario in self.scenarios:
            if missing := sorted({name for op in scenario.ops for name in op.names} - self.records.keys()):
                raise ValueError(f"scenario {scenario.id}: records holds no {', '.join(missing)}")
            for op in scenario.ops:
                self._amends(scenario.id, op)
        return self

    def _amends(self, scenario: str, op: Op) -> None:
        """Refuse an amendment that would leave no record: found while playing, it would break off after minutes."""
        if op.amend is None:
            return
        try:
            amended(self.records[op.amend], op.set or {})
        except ValidationError as error:
            problem, _ = first_problem(error)
            raise ValueError(f"scenario {scenario}, amend {op.amend}: {problem}") from None

    @property
    def unread(self) -> set[str]:
        """Fields of the records, as they arrive and as they are amended, that nobody reads."""
        changes = [change for scenario in self.scenarios for op in scenario.ops if (change := op.set)]
        found = {name for record in self.records.values() for name in unread(record)}
        return found | {name for change in changes for name in change if name not in Record.model_fields}


File = TypeVar("File", PairsFile, SequencesFile)


def read_cases(path: Path, kind: type[File]) -> File:
    """Read a file of cases: JSON, or YAML (.yaml, .yml) with the same keys.

    Raises:
        FileRefused: not readable, not JSON or YAML, or a case that is not one.
    """
    try:
        with open_maybe_packed(path) as file:
            written: str | bytes = file.read().removeprefix(BOM_UTF8)
        if path.suffix in YAML:
            # YAML reads a bare 1990-06-02 as a date.
            written = json.dumps(yaml.safe_load(written), default=str)
        return kind.model_validate_json(written)
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f"line {where.line + 1}" if where else ""
        raise FileRefused(path, line, "not YAML", "Write it as FORMATS describes, in YAML or JSON.") from None
    except ValidationError as error:
        problem, fix = first_problem(error)
        if problem.startswith("not JSON"):
            detail = error.errors(include_input=False)[0]["msg"].removeprefix("Invalid JSON: ")
            raise FileRefused(path, "", f"{problem}: {detail}", "Write one JSON object.") from None
        raise FileRefused(path, "", problem, fix) from None
    except (OSError, EOFError) as error:
        raise FileRefused(path, "", getattr(error, "strerror", None) or "cannot be read", "Give a JSON file.") from None


def amended(record: Record, changes: Mapping[str, Any]) -> Record:
    """The record with these fields instead of its own.

    Raises:
        ValidationError: it would be no record.
    """
    return Record.model_validate(record.model_dump() | dict(changes))
