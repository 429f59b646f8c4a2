"""How common names are in the United Kingdom: the frozen table that scores are reproduced with.

Half of it is a base for the whole country (`names_en_gb.json`, with its source), half the training population, whose mix of
origins the base does not know: it holds the 500 commonest family names and hardly one of a Somali, a Pole or a Sikh.
"""

import string
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from deploy.evaluation.labelled import Labelled, read_population
from services.identity.scoring.model import milli_log2
from services.identity.standard.letters import letters

HERE: Final = Path(__file__).parent
LISTED_SHARE: Final = 0.8
"""Of people bear one of the listed given names: the rest have rarer ones. A guess, on the low side of what registers show."""
EVEN_START: Final = 8
"""Frequency falls as 1 / (rank + this): so the commonest given name has 2.8 % of its sex, as in the cohorts of 1950-1990."""
UNKNOWN_GIVEN: Final = -13_000
"""log2 of the share of people with a given name that no table holds, in thousandths of a bit: one in 8,000."""
UNKNOWN_FAMILY: Final = -15_500
"""As above, of a family name: one in 46,000. Rarer ones do not count for more: nobody has verified how rare they are."""
RAREST_INITIAL: Final = 0.003
"""Share of people whose name begins with a letter that hardly any does."""


def frequencies(path: Path, version: str) -> dict[str, Any]:
    """The table, from a population file."""
    base = orjson.loads((HERE / "names_en_gb.json").read_bytes())
    records = list(read_population(path))
    given = _halves(_by_rank(base["given_by_rank"]), _shares((r, r.given_name) for r in records))
    family = _halves(
        {letters(name): percent / 100 for name, percent in base["family_percent"].items()},
        _shares((r, r.family_name) for r in records),
    )
    return {
        "version": version,
        "unknown_given": UNKNOWN_GIVEN,
        "unknown_family": UNKNOWN_FAMILY,
        "initials": _initials(given),
        "given": {name: max(UNKNOWN_GIVEN, milli_log2(share)) for name, share in sorted(given.items())},
        "family": {name: max(UNKNOWN_FAMILY, milli_log2(share)) for name, share in sorted(family.items())},
    }


def _by_rank(names: Mapping[str, list[str]]) -> Mapping[str, float]:
    shares: defaultdict[str, float] = defaultdict(float)
    for ranked in names.values():
        weights = [1 / (rank + EVEN_START) for rank in range(1, len(ranked) + 1)]
        for name, weight in zip(ranked, weights, strict=True):
            shares[letters(name)] += LISTED_SHARE / len(names) * weight / sum(weights)
    return shares


def _shares(named: Iterable[tuple[Labelled, str | None]]) -> dict[str, float]:
    """Share of people with each name that at least two people have: what one alone has may be a slip."""
    people: dict[str, set[str]] = defaultdict(set)
    for record, name in named:
        if len(written := letters(name)) > 1:
            people[written].add(record.person)
    count = sum(map(len, people.values()))
    return {name: len(having) / count for name, having in people.items() if len(having) > 1}


def _halves(base: Mapping[str, float], seen: Mapping[str, float]) -> dict[str, float]:
    return {name: (base.get(name, 0.0) + seen.get(name, 0.0)) / 2 for name in base.keys() | seen.keys()}


def _initials(given: Mapping[str, float]) -> dict[str, int]:
    shares: defaultdict[str, float] = defaultdict(float)
    for name, share in given.items():
        shares[name[0]] += share
    whole = sum(shares.values())
    return {letter: milli_log2(max(shares[letter] / whole, RAREST_INITIAL)) for letter in string.ascii_uppercase}
