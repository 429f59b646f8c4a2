"""Pairs of records, each pair by itself: what would the pipeline say of two such people, and why?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from deploy.evaluation.cases import PairCase, PairsFile, VerdictName
from deploy.evaluation.memory import MILLI_BITS, InMemory, bits
from services.identity import compare
from services.identity.standardise import Standard


@dataclass(frozen=True, slots=True)
class Judged:
    """What was said of a pair."""

    verdict: VerdictName
    weight: float
    """log2 odds."""
    why: tuple[str, ...]


def judge(case: PairCase) -> Judged:
    """Let both arrive where nobody else is, and say what becomes of them."""
    memory = InMemory()
    a, b = memory.arrive("a", case.a), memory.arrive("b", case.b)
    standards = memory.held[a].standard, memory.held[b].standard
    said = compare.compare(*standards)
    lines = why(*standards)
    if a == b:
        return Judged("link", bits(said), ("one agency, equal in everything: one record", *lines))
    settled = memory.settled()
    if settled.person_of[a] == settled.person_of[b]:
        return Judged("link", bits(said), lines)
    if settled.reviews:
        return Judged("review", bits(said), lines)
    if said.kind != "none":
        lines = ("nothing by which one is found when the other arrives", *lines)
    return Judged("no_link", bits(said), lines)


def why(a: Standard, b: Standard) -> tuple[str, ...]:
    """Plain lines that add up to the weight, and what forbids a link."""
    said = compare.compare(a, b)
    return (
        *(f"{line.says}: {line.weight / MILLI_BITS:+.1f}" for line in compare.explain(a, b)),
        *(f"no automatic link: {reason}" for reason in said.blocked),
    )


def evaluate_pairs(file: PairsFile) -> dict[str, Any]:
    """Judge all pairs; the outcome in the words of FORMATS."""
    judged = {case.id: judge(case) for case in file.cases}
    return {
        "cases": len(file.cases),
        "exact": sum(judged[case.id].verdict == case.expected for case in file.cases),
        "hard_failures": [case.id for case in file.cases if judged[case.id].verdict in case.never],
        "verdicts": {name: _said(one) for name, one in judged.items()},
    }


def _said(one: Judged) -> Mapping[str, Any]:
    return {"verdict": one.verdict, "weight": one.weight, "why": list(one.why)}
