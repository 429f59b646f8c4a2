"""Blocking keys measured: which true pairs meet at some key, and how many records a record meets at a million people.

In memory and without a database: the candidates of a sample are counted while everybody's stored keys go by.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.evaluation.labelled import DEVELOPMENT_KEY, Labelled, body_of, read_population
from deploy.evaluation.metrics import members, quantile
from services.identity.keys import Keys, keys
from services.identity.standardise import Standard, standardise
from services.tokens import Tokens
from tests.bench.identity.generator.write import lines
from tests.bench.identity.register import RECORDS_EACH

SEED: Final = 20_260
"""Of the population of the crowd: not the seed of any file that something was fitted on."""
SAMPLE: Final = 3_000
"""Records of the crowd whose candidates are counted: enough for a 99th percentile."""

out = Console(highlight=False, soft_wrap=True)


def candidates(path: Path, people: int) -> None:
    """Measure recall on labelled records and the crowd at so many people, and print both."""
    _print_recall(list(read_population(path)))
    if people:
        _print_crowd(people)


def _standard(record: Labelled, tokens: Tokens) -> Standard:
    return standardise(body_of(record, tokens), record.source)


# Recall


def _print_recall(records: Sequence[Labelled]) -> None:
    tokens = Tokens(DEVELOPMENT_KEY)
    made = {
        r.rid: keys(_standard(r, tokens)) for r in track(records, "Keys", console=Console(stderr=True), transient=True)
    }
    people = [own for own in members({r.rid: r.person for r in records}).values() if len(own) > 1]
    pairs = [pair for own in people for pair in combinations(own, 2)]
    met = [(a, b) for a, b in pairs if _meet(made[a], made[b])]
    with_another = {rid for pair in met for rid in pair}
    table = Table(title=f"{len(records)} records, {len(pairs)} true pairs", show_header=False)
    table.add_row("true pairs that meet", _share(len(met), len(pairs)))
    table.add_row("records that meet another of their person", _share(len(with_another), sum(map(len, people))))
    for kind, (found, all_of) in _by_birth({r.rid: r for r in records}, pairs, set(met)).items():
        table.add_row(f"true pairs, {kind}", _share(found, all_of))
    table.add_row("stored keys a record", f"{sum(len(k.stored) for k in made.values()) / len(made):.1f}")
    table.add_row("searched keys a record", f"{sum(len(k.searched) for k in made.values()) / len(made):.1f}")
    out.print(table)


def _meet(one: Keys, other: Keys) -> bool:
    """Whichever comes second finds the first. Both ways must agree, or who is who hangs on the order of arrival."""
    return not one.searched.isdisjoint(other.stored)


def _by_birth(
    by_rid: Mapping[str, Labelled], pairs: Iterable[tuple[str, str]], met: set[tuple[str, str]]
) -> dict[str, tuple[int, int]]:
    found: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for pair in pairs:
        one, other = (by_rid[rid].date_of_birth for rid in pair)
        kind = (
            "a date of birth missing"
            if not one or not other
            else "same date of birth"
            if one == other
            else "dates of birth differ"
        )
        total[kind] += 1
        found[kind] += pair in met
    return {kind: (found[kind], total[kind]) for kind in sorted(total)}


def _share(part: int, whole: int) -> str:
    return f"{part / (whole or 1):.5f}  ({whole - part} do not)"


# The crowd


@dataclass(slots=True)
class _Searching:
    """One record of the sample: its keys, and whom it has met so far."""

    number: int
    person: str
    undated: bool
    searched: frozenset[str]
    met: set[int] = field(default_factory=set)


def _print_crowd(people: int) -> None:
    sample = _sample(people)
    waiting: defaultdict[str, list[_Searching]] = defaultdict(list)
    for one in sample:
        for key in one.searched:
            waiting[key].append(one)
    sizes: Counter[str] = Counter()
    count = 0
    others: defaultdict[str, set[int]] = defaultdict(set)
    theirs = {one.person for one in sample}
    for count, person, standard in _crowd(people):
        if person in theirs:
            others[person].add(count)
        for key in keys(standard).stored & waiting.keys():
            sizes[key] += 1
            for one in waiting[key]:
                one.met.add(count)
    table = Table(
        "candidates at this size", "mean", "p50", "p90", "p99", "most", title=f"{people} people, {count + 1} records"
    )
    for title, chosen in (
        ("all records", sample),
        ("with a date of birth", [one for one in sample if not one.undated]),
        ("without", [one for one in sample if one.undated]),
    ):
        _row(table, title, [len(one.met - {one.number}) for one in chosen])
    for kind in sorted({_kind(key) for key in waiting}):
        _row(table, f"  by {kind}", [sum(sizes[key] for key in one.searched if _kind(key) == kind) for one in sample])
    out.print(table)
    known = [one for one in sample if len(others[one.person]) > 1]
    found = sum(not one.met.isdisjoint(others[one.person] - {one.number}) for one in known)
    out.print(f"records that meet their person, if another record of it is there: {_share(found, len(known))}")


def _row(table: Table, title: str, counts: Sequence[int]) -> None:
    values = [float(count) for count in counts]
    marks = [quantile(values, mark) for mark in (0.5, 0.9, 0.99, 1.0)]
    table.add_row(title, f"{sum(values) / (len(values) or 1):.1f}", *(f"{mark:.0f}" for mark in marks))


def _kind(key: str) -> str:
    return key.partition("|")[0]


def _crowd(people: int) -> Iterator[tuple[int, str, Standard]]:
    """Number, true person and record."""
    tokens = Tokens(DEVELOPMENT_KEY)
    found = enumerate(lines(SEED, people, RECORDS_EACH))
    total = int(people * RECORDS_EACH)
    for number, line in track(found, "Going by", total=total, console=Console(stderr=True), transient=True):
        record = Labelled.model_validate_json(line)
        yield number, record.person, _standard(record, tokens)


def _sample(people: int) -> list[_Searching]:
    """Spread over all the crowd: its first records would be one neighbourhood."""
    step = max(1, int(people * RECORDS_EACH) // SAMPLE)
    tokens = Tokens(DEVELOPMENT_KEY)
    chosen: list[_Searching] = []
    for number, line in enumerate(lines(SEED, people, RECORDS_EACH)):
        if number % step == 0:
            record = Labelled.model_validate_json(line)
            standard = _standard(record, tokens)
            chosen.append(_Searching(number, record.person, not standard.born, keys(standard).searched))
    return chosen
