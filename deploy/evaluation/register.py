"""A register counted, from its records alone, without labels: which full names its people bear, and whether families live in it.

Given and family name are as frequent as the tables say, and the tables know hardly any Okafor: a register in which ten
people are called Obinna Okafor shows it. Half a date of birth is then too little to tell them apart.

Brothers, twins and fathers of one name are what the model in the files guards against, as frequent as they are in the
country. A list without families (FEBRL, a cohort of single people) pays for all of them: whoever agrees in most things
there is one person whose record was spoilt. Whether it is such a list shows in those who share a home.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from itertools import combinations
from math import log2
from typing import Final

from services.identity.compare import observe
from services.identity.counts.count import Born, TooFew, counted, counts_of, note
from services.identity.keys import keys
from services.identity.scoring import model
from services.identity.scoring.model import MILLI, Model, Row, Seen, milli_log2
from services.identity.scoring.rivals import against_each
from services.identity.standardise import FULL_DATE, Standard

FEW_FAMILIES: Final = 3
"""log2 of how many times rarer than in the model's population households must be: elsewhere its own rates are the better guess."""
CROWD: Final = 60
"""Records of one home, beyond which it is none: an institution."""
SHARING: Final = 500
"""Pairs that share a home, below which nothing is said of who lives with whom."""
WORTH: Final = 40.0
"""As many pairs are the model's own rates worth."""
ROUNDS: Final = 40
REFITS: Final = 12
"""Of expectation and maximisation: by then nothing changes in the second figure."""
KEPT: Final = frozenset({"full_name", "sex", "sex_named", "via", "alone", "numbers", "own_number"})
"""Comparisons that are seen where they agree, or that made-up lists never spoil: left as they are in the model."""

_HOUSEHOLD, _SHARED = 1, 4
"""Places of rivals among RIVALS."""
Patterns = Mapping[tuple[Seen, ...], int]


def assume(standards: Sequence[Standard]) -> None:
    """Score from now on for this register: for so many people, and for the families it shows."""
    model.assume_people(len(standards))
    files = model.current()
    with suppress(TooFew):
        model.adopt(by_its_names(standards))
    by = model.current()
    home = _patterns(standards, _at_home(standards), by)
    if sum(home.values()) < SHARING:
        return
    families, shared = _fewer(home, by)
    if families >= FEW_FAMILIES:
        stranger, *rivals, crowd = by.priors
        fewer = by._replace(
            priors=(stranger, *(rival + MILLI * families for rival in rivals), crowd + MILLI * max(0, shared))
        )
        model.adopt(_named(_fitted(_patterns(standards, _met(standards), fewer), fewer), files))


def by_its_names(standards: Sequence[Standard]) -> Model:
    """The model that scores by a count of these, as the bus does that has counted its own.

    No store keeps this count, so the model names none: a store resolves by nothing but a count it has in force.

    Raises:
        TooFew: they are too few to be counted.
    """
    born: Born = {}
    for standard in standards:
        note(standard, born)
    return counted(counts_of(len(standards), born))._replace(counts=None)


def _at_home(standards: Sequence[Standard]) -> set[tuple[int, int]]:
    """Pairs that share a home, both with a full date of birth."""
    homes: defaultdict[str, list[int]] = defaultdict(list)
    for number, standard in enumerate(standards):
        if len(standard.born) == FULL_DATE and not standard.born_doubt:
            for dwelling in standard.dwellings:
                homes[dwelling].append(number)
    return {pair for own in homes.values() if len(own) <= CROWD for pair in combinations(own, 2)}


def _met(standards: Sequence[Standard]) -> set[tuple[int, int]]:
    """Pairs that would be compared."""
    stored: defaultdict[str, list[int]] = defaultdict(list)
    pairs: set[tuple[int, int]] = set()
    for number, standard in enumerate(standards):
        its = keys(standard)
        pairs.update((other, number) for key in its.searched for other in stored[key])
        for key in its.stored:
            stored[key].append(number)
    return pairs


def _patterns(standards: Sequence[Standard], pairs: Iterable[tuple[int, int]], by: Model) -> Patterns:
    return Counter(tuple(observe(standards[a], standards[b], by)) for a, b in pairs)


def _fewer(home: Patterns, by: Model) -> tuple[int, int]:
    """How many times rarer, in bits, members of a household are than in the model, and people who share an address.

    Of twins and namesakes a list without labels says nothing; they live in households, and are rarer with them.
    """
    ratios = [(count, [2 ** (-bits / MILLI) for bits in against_each(by, seen)]) for seen, count in home.items()]
    usual = {place: 2 ** (-by.priors[place] / MILLI) for place in (_HOUSEHOLD, _SHARED)}
    family = shared = 1.0
    for _ in range(ROUNDS):
        same = members = neighbours = 0.0
        for count, (stranger, household, twin, namesake, crowd) in ratios:
            whole = 1 + stranger + family * (household + twin + namesake) + shared * crowd
            same += count / whole
            members += count * family * household / whole
            neighbours += count * shared * crowd / whole
        family = (members / usual[_HOUSEHOLD] + WORTH) / (same + WORTH)
        shared = (neighbours / usual[_SHARED] + WORTH) / (same + WORTH)
    return round(-log2(family)), round(-log2(shared))


def _fitted(met: Patterns, by: Model) -> Model:
    """How often one person's records agree in which way, as these records show."""
    before = by.rows
    for _ in range(REFITS):
        counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        for seen, count in met.items():
            same = count / (1 + sum(2 ** (-bits / MILLI) for bits in against_each(by, seen)))
            for comparison, level, _ in seen:
                counts[comparison, level] += same
        by = by._replace(rows=_rows(before, counts))
    return by


def _rows(before: Mapping[tuple[str, str], Row], counts: Mapping[tuple[str, str], float]) -> dict[tuple[str, str], Row]:
    totals: defaultdict[str, float] = defaultdict(float)
    for (comparison, _), count in counts.items():
        totals[comparison] += count
    found = dict(before)
    for (comparison, level), row in before.items():
        if comparison not in KEPT and totals[comparison] > WORTH:
            share = counts.get((comparison, level), 0.0) + WORTH * 2 ** (row.same / MILLI)
            found[comparison, level] = row._replace(same=milli_log2(min(1.0, share / (totals[comparison] + WORTH))))
    return found


def _named(by: Model, files: Model) -> Model:
    """With a version that says what it was fitted to: the same records give the same."""
    content = repr((by.priors, sorted(by.rows.items()), sorted(by.borne.items()))).encode()
    return by._replace(version=f"{files.version}/register-{hashlib.blake2b(content, digest_size=4).hexdigest()}")
