"""Thresholds and clocks that a local board may set for its area, within the bounds its rule declares. Pure.

A rule file names them under `parameters`: where in the file the value stands, and how low and how high it may be set. What
is set holds for subjects who live in the area, or in one inside it; the narrowest area that sets it decides. A rule is
compiled once for each combination of values that occurs. R28 is the ladder's data and no file: its two clocks are declared
here, and hold for the agencies of the area.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import BaseModel

from services.rules.findings import Urgency
from services.rules.model import Parameter, RuleFile
from services.rules.words.times import Length

Value = Length | int

LADDER: Final = "R28"
LADDER_RUNGS: Final[Mapping[str, Urgency]] = {"u1-rung": Urgency.U1, "u2-rung": Urgency.U2}
LADDER_PARAMETERS: Final = (
    Parameter(
        name="u1-rung",
        at="",
        least=Length(5, "minute"),
        most=Length(15, "minute"),
        says="how long each rung of a ladder has at U1 before the next is rung",
    ),
    Parameter(
        name="u2-rung",
        at="",
        least=Length(15, "minute"),
        most=Length(60, "minute"),
        says="how long each rung of a ladder has at U2 before the next is rung",
    ),
)
"""May only be made shorter: 15 and 60 minutes are what agencies were told they have at most (domain A3, R28)."""


class ParameterRefused(ValueError):
    """A value that may not be set. The message says why, and what may be."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One value set for one area."""

    number: int
    """Of two for one moment, the later one holds."""
    rule: str
    name: str
    area: str
    value: Value | None
    """None: the rule's own again."""
    since: datetime
    """In force from then on."""
    known: datetime
    """When it was set: a back-test of earlier moments does not see it."""
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that was ever set, in order."""

    all: tuple[Setting, ...] = ()

    def of(self, rule: str, at: datetime, known: datetime | None = None) -> dict[tuple[str, str], Value]:
        """Return what is in force for a rule at a moment, by (name, area); as known then, unless `known` says otherwise."""
        found: dict[tuple[str, str], tuple[datetime, int, Value | None]] = {}
        for one in self.all:
            if one.rule == rule and one.since <= at and one.known <= (known or at):
                place = (one.name, one.area)
                found[place] = max(
                    found.get(place, (one.since, -1, None)), (one.since, one.number, one.value), key=_order
                )
        return {place: value for place, (_, _, value) in found.items() if value is not None}

    def instead(self, tried: Iterable[Setting]) -> "Settings":
        """Return these with what is tried in place of what was set for the same areas."""
        tried = tuple(tried)
        places = {(one.rule, one.name, one.area) for one in tried}
        return Settings((*(one for one in self.all if (one.rule, one.name, one.area) not in places), *tried))

    def rules(self) -> frozenset[str]:
        """Return the rules for which anything was ever set."""
        return frozenset(one.rule for one in self.all)


NOTHING_SET: Final = Settings()


def _order(one: tuple[datetime, int, Value | None]) -> tuple[datetime, int]:
    return one[:2]


Contains = Callable[[str, str], bool]
"""Whether the first area is the second or contains it."""


def in_area(values: Mapping[tuple[str, str], Value], area: str | None, contains: Contains) -> dict[str, Value]:
    """Return what holds in an area, by name: where several areas around it set a value, the narrowest decides."""
    if area is None:
        return {}
    found: dict[str, tuple[str, Value]] = {}
    for (name, where), value in sorted(values.items(), key=lambda one: one[0]):
        if contains(where, area) and (name not in found or contains(found[name][0], where)):
            found[name] = (where, value)
    return {name: value for name, (_, value) in found.items()}


def declared(file: RuleFile | None, rule: str) -> Mapping[str, Parameter]:
    """Return the parameters of a rule by name; `file` is None for a rule that is no file."""
    parameters: Iterable[Parameter] = file.parameters if file is not None else ()
    if rule == LADDER:
        parameters = LADDER_PARAMETERS
    return {parameter.name: parameter for parameter in parameters}


def read(parameters: Mapping[str, Parameter], rule: str, name: str, written: str) -> Value:
    """Read a value that somebody wants to set.

    Raises:
        ParameterRefused: there is no such parameter, or the value lies outside its bounds.
    """
    parameter = parameters.get(name)
    if parameter is None:
        known = ", ".join(sorted(parameters)) or "none that may be set"
        raise ParameterRefused(f"{rule} has no parameter {name}; it has {known}")
    try:
        value = Length.parse(written) if isinstance(parameter.least, Length) else int(written)
    except ValueError as error:
        raise ParameterRefused(f"{rule} {name}: {error}") from None
    if not _between(parameter.least, value, parameter.most):
        raise ParameterRefused(
            f"{rule} {name} may be {parameter.least} to {parameter.most}, not {value}: the rule's owner sets these bounds"
        )
    return value


def _between(least: Value, value: Value, most: Value) -> bool:
    if isinstance(value, Length) and isinstance(least, Length) and isinstance(most, Length):
        return least.about() <= value.about() <= most.about()
    return isinstance(value, int) and isinstance(least, int) and isinstance(most, int) and least <= value <= most


def default(file: RuleFile, parameter: Parameter) -> Value:
    """Return the rule's own value.

    Raises:
        LookupError: there is no value of that kind where the parameter says.
    """
    found: Any = file
    for step in parameter.at.split("."):
        try:
            found = found[int(step)] if isinstance(found, Sequence) else getattr(found, step)
        except (AttributeError, IndexError, ValueError, TypeError):
            found = None
    if isinstance(found, Length if isinstance(parameter.least, Length) else int):
        value: Value = found
        return value
    raise LookupError(f"parameter {parameter.name!r}: there is no such value at {parameter.at!r}")


def check(file: RuleFile) -> None:
    """Refuse parameters that lead nowhere, or whose bounds the rule's own value does not keep.

    Raises:
        LookupError: one is wrong.
    """
    for parameter in file.parameters:
        if not _between(parameter.least, default(file, parameter), parameter.most):
            raise LookupError(
                f"parameter {parameter.name!r}: the rule's own value lies outside {parameter.least} to {parameter.most}"
            )


def with_values(file: RuleFile, values: Mapping[str, Value]) -> RuleFile:
    """Return the rule with these values in place of its own."""
    for parameter in file.parameters:
        if parameter.name in values:
            file = _placed(file, parameter.at.split("."), values[parameter.name])
    return file


def _placed(part: Any, steps: Sequence[str], value: Value) -> Any:  # noqa: ANN401 - any part of a rule file
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(part, BaseModel):
        return part.model_copy(update={step: _placed(getattr(part, step), rest, value)})
    return [_placed(one, rest, value) if n == int(step) else one for n, one in enumerate(part)]


def said(file: RuleFile, values: Mapping[str, Value]) -> str:
    """Say in an alert what was set otherwise than the rule's own words say; nothing if nothing was."""
    parts = [
        f"{parameter.says} is {values[parameter.name]} instead of {default(file, parameter)}"
        for parameter in file.parameters
        if parameter.name in values and values[parameter.name] != default(file, parameter)
    ]
    return f" Set for the area: {'; '.join(parts)}." if parts else ""


def patience(settings: Settings) -> Callable[[Urgency, datetime], dict[str, timedelta]]:
    """Return what gives, for an urgency and a moment, how long a rung has in each area that has set it."""

    def found(urgency: Urgency, at: datetime) -> dict[str, timedelta]:
        values = settings.of(LADDER, at)
        return {
            area: value.about()
            for (name, area), value in values.items()
            if LADDER_RUNGS.get(name) is urgency and isinstance(value, Length)
        }

    return found
