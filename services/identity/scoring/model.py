"""The model: how likely each way of agreeing is of one person and of each rival, and how common names are.

Two frozen files beside this one, made by the estimation command of the identity bench. A score is reproducible from the
records and the version, which names both, and a count of the bus's own names where one is in force (services.identity.counts).
"""

import math
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import orjson

MILLI: Final = 1_000
"""Weights are whole thousandths of a bit: they add up exactly, in any order."""

RIVALS: Final = ("stranger", "household", "twin", "namesake", "shared")
"""Who else the other record may be: anybody; one of the same household; a twin or a sibling of almost the same name and
date; a relative of the same name; somebody unrelated at the same address or telephone."""


class Row(NamedTuple):
    """One level of a comparison: log2 of how likely it is, in thousandths of a bit."""

    same: int
    rivals: tuple[int | None, ...]
    """In the order of RIVALS; None: as likely as the value is common."""


class Seen(NamedTuple):
    """How two records agree in one comparison."""

    comparison: str
    level: str
    chance: int = 0
    """log2 of how likely a stranger agrees in this value, in thousandths of a bit, where the row asks for it."""


Kind = tuple[bool, bool]
"""Of a full name: whether the tables know the given name, and the family name."""


class Model(NamedTuple):
    """All that a score depends on besides the records."""

    version: str
    rows: dict[tuple[str, str], Row]
    priors: tuple[int, ...]
    """log2 odds of "same person" against each rival before anything is seen, in thousandths of a bit."""
    given: dict[str, int]
    family: dict[str, int]
    """Name -> log2 of its share of the population, in thousandths of a bit."""
    initials: dict[str, int]
    unknown_given: int
    unknown_family: int
    borne: Mapping[tuple[str, str], int] = MappingProxyType({})
    """Given and family name that several are known to bear -> by how much more often they go together than each by itself says, in
    thousandths of a bit, above 0."""
    unlisted: Mapping[Kind, int] | None = None
    """The same of all other names, because few bear them, by which of the two the tables know; None, as in the files: names are not counted."""
    counts: str | None = None
    """Version of the count of the bus's own names, if by one."""

    @property
    def people(self) -> int:
        """log2 of the people assumed, in thousandths of a bit."""
        return -self.priors[0]


def milli_log2(probability: float) -> int:
    """log2 in whole thousandths."""
    return round(MILLI * math.log2(probability))


def rows_of(tables: dict[str, Any]) -> dict[tuple[str, str], Row]:
    """The levels of all comparisons, from the model file's content."""
    return {
        (comparison, level): Row(milli_log2(likely["same"]), tuple(_rival(likely[rival]) for rival in RIVALS))
        for comparison, levels in tables["comparisons"].items()
        for level, likely in levels.items()
    }


def priors_of(tables: dict[str, Any]) -> tuple[int, ...]:
    """What is known before anything is seen, from the model file's content."""
    return tuple(milli_log2(tables["odds"][rival]) for rival in RIVALS)


def _model(tables: dict[str, Any], names: dict[str, Any]) -> Model:
    return Model(
        version=f"{tables['version']}+{names['version']}/{round(-math.log2(tables['odds']['stranger']))}",
        rows=rows_of(tables),
        priors=priors_of(tables),
        given=names["given"],
        family=names["family"],
        initials=names["initials"],
        unknown_given=names["unknown_given"],
        unknown_family=names["unknown_family"],
    )


def _rival(likely: float | str) -> int | None:
    return None if isinstance(likely, str) else milli_log2(likely)


def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = orjson.loads(resources.files(__package__).joinpath(name).read_bytes())
    return content


MODEL: Final = _model(_read("model.json"), _read("names.json"))
"""As it stands in the files: for a bus that holds a million people."""

_FEWEST: Final = 2**12
"""People assumed at least: in a handful of records every agreement would be proof."""
PEOPLE: Final = 1_000_000
"""People that scores assume unless told otherwise: the register of a large region."""
_live: Final = [MODEL]


def kind_of(given: str, family: str, by: Model) -> Kind:
    """Which of two names the tables know."""
    return given in by.given, family in by.family


def current() -> Model:
    """The model that scores, for as many people as the bus holds."""
    return _live[0]


def adopt(by: Model) -> None:
    """Score from now on by another model than the one in the files, until `assume_people` takes those again. Its version says so."""
    _live[0] = by


def assume_people(count: int) -> None:
    """Score from now on for a bus that holds so many people, by the model in the files. For the composition root, at start."""
    _live[0] = sized(count)


def sized(count: int) -> Model:
    """The model in the files for so many people: the more, the likelier a stranger agrees by chance.

    Rounded up to a power of two, so that one more person changes no score.
    """
    size = max(count - 1, _FEWEST - 1).bit_length()
    files = MODEL.version.partition("/")[0]
    return MODEL._replace(version=f"{files}/{size}", priors=(-MILLI * size, *MODEL.priors[1:]))
