"""Whom the search dismisses unread is nothing to anybody: the bound never says so of two who would be linked or looked at."""

import random
from collections import defaultdict
from dataclasses import replace
from itertools import combinations, pairwise
from typing import Final

import pytest

from deploy.evaluation.labelled import DEVELOPMENT_KEY, Labelled, body_of
from services.identity.compare import compare, is_nothing
from services.identity.keys import keys
from services.identity.standardise import Home, Identifier, Phone, Standard, standardise
from services.tokens import Tokens
from tests.bench.identity.generator.write import lines
from tests.unit.identity.test_keys import anybody
from tests.unit.identity.test_policies import CASES

PEOPLE: Final = 400
HOMES: Final = (
    Home("D1", "P1", "S1", "O1", door="1"), Home("D2", "P1", "S1", "O1"), Home("", "P2", "", ""),
    Home("D3", "P3", "S2", "O1", many=True), Home("D4", "", "S3", ""),
)  # fmt: skip
PHONES: Final = (Phone("T1", "mobile"), Phone("T2", "fixed"), Phone("T3"))
NUMBERS: Final = (
    Identifier("nhs", "9990000018"), Identifier("nhs", "9990000026"), Identifier("pnc", "12/1A"), Identifier("own@x", "1"),
)  # fmt: skip


def dismissed_wrongly(a: Standard, b: Standard) -> bool:
    assert is_nothing(a, b) == is_nothing(b, a), (a, b)
    return is_nothing(a, b) and compare(a, b).kind != "none"


def anything(rng: random.Random) -> Standard:
    """Somebody of whom anything at all may be known, alike or not."""
    found = anybody(rng)
    return replace(
        found,
        born=rng.choice((found.born, (1981, 6, 14), (1962, 6, 14), (1981,), ())),
        born_doubt=rng.choice(("", "", "", "default")),
        sex=rng.choice((None, "f", "m", "x")),
        homes=tuple(rng.sample(HOMES, rng.randrange(3))),
        phones=tuple(rng.sample(PHONES, rng.randrange(3))),
        identifiers=tuple(rng.sample(NUMBERS, rng.choice((0, 0, 1, 2)))),
        misread=tuple(
            rng.sample((Identifier("nhs", "9990000028"), Identifier("nhs", "9990000017")), rng.choice((0, 0, 1)))
        ),
    )


@pytest.mark.parametrize("seed", range(4))
def test_nobody_who_comes_near_is_dismissed(seed: int) -> None:
    rng = random.Random(seed)
    found = [anything(rng) for _ in range(120)]
    pairs = list(combinations(found, 2))
    assert [pair for pair in pairs if dismissed_wrongly(*pair)] == []
    assert sum(is_nothing(a, b) for a, b in pairs) > len(pairs) / 10


def test_nobody_of_a_population_is_dismissed_who_comes_near_at_a_key() -> None:
    tokens = Tokens(DEVELOPMENT_KEY)
    records = [Labelled.model_validate_json(line) for line in lines(8, PEOPLE, 2.5)]
    standards = [standardise(body_of(record, tokens), record.source) for record in records]
    stored: defaultdict[str, list[int]] = defaultdict(list)
    for n, standard in enumerate(standards):
        for key in keys(standard).stored:
            stored[key].append(n)
    met = {(n, m) for n, one in enumerate(standards) for key in keys(one).searched for m in stored[key] if m < n}
    assert [(n, m) for n, m in met if dismissed_wrongly(standards[n], standards[m])] == []


def test_nobody_of_the_policies_is_dismissed_who_comes_near() -> None:
    tokens = Tokens(DEVELOPMENT_KEY)
    standards = [
        tuple(standardise(body_of(record, tokens), record.source) for record in (case.a, case.b)) for case in CASES
    ]
    assert [case.id for case, (a, b) in zip(CASES, standards, strict=True) if dismissed_wrongly(a, b)] == []
    others = [standard for pair in standards for standard in pair]
    assert [pair for pair in pairwise(others) if dismissed_wrongly(*pair)] == []
