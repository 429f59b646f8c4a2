"""Our answers at other thresholds than the one in force. The clustering reads it from several modules."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from deploy.evaluation.figures import Answer
from deploy.evaluation.memory import InMemory
from deploy.evaluation.memory import answer as as_it_is
from services.identity import agglomerate, cluster, compare, components

READERS: Final = (agglomerate, cluster, compare, components)
MOVED: Final = ("LINK", "JOIN", "NEAR")
"""From which weight two are one, from which in groups, and from which somebody else may be whom a record belongs to."""
BIT: Final = 1_000
"""Thresholds are in thousandths of a bit."""


def answers(memory: InMemory, thresholds: Sequence[float]) -> Iterator[tuple[float, Answer]]:
    """What we say where records are linked from so many bits on."""
    for bits in thresholds:
        with linking_from(int(bits * BIT)):
            yield bits, answer(memory, int(bits * BIT))


@contextmanager
def linking_from(weight: int) -> Iterator[None]:
    """Link from this weight on while the block runs; what is asked of groups moves with it."""
    by = weight - compare.LINK
    before = [(module, name, vars(module)[name]) for module in READERS for name in MOVED if name in vars(module)]
    try:
        for module, name, value in before:
            vars(module)[name] = value + by
        yield
    finally:
        for module, name, value in before:
            vars(module)[name] = value


def answer(memory: InMemory, threshold: int) -> Answer:
    """What we say at a threshold: the verdicts as they would have been, settled anew."""
    shifted = replace(memory, verdicts={pair: _shifted(said, threshold) for pair, said in memory.verdicts.items()})
    return as_it_is(shifted, shifted.settled())


def _shifted(said: compare.Verdict, threshold: int) -> compare.Verdict:
    links = said.weight >= threshold and not said.blocked
    return replace(said, kind="link" if links else "review")
