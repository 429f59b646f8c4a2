"""All figures of one evaluation, in the words of FORMATS: from what was held, linked, reviewed and compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from deploy.evaluation import metrics
from deploy.evaluation.metrics import Fit

PER: Final = 1_000
"""Review load is for so many records."""

RidPair = tuple[str, str]
_NOBODY: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a resolver said of a population, by record id. Ours or another's."""

    held: Mapping[str, str | int]
    """Record -> person."""
    linked: Sequence[RidPair]
    """Pairs it would link by comparison alone."""
    reviews: Sequence[RidPair]
    """Items for a person to look at: one record of each side. One item for two people."""
    scored: Sequence[tuple[str, str, float]]
    """All pairs it compared, with log2 odds."""


def figures(
    truth: Mapping[str, str],
    answer: Answer,
    groups: Mapping[str, Iterable[str]],
    others: Mapping[str, str] = _NOBODY,
) -> dict[str, Any]:
    """Work them out. Fractions are 0..1.

    The answer may be about more records than `truth`: those that were there before, whose people are `others`.
    """
    linked = [(a, b) for a, b in answer.linked if a in truth and b in truth]
    edge, closure = metrics.edges(truth, linked), metrics.closure(truth, answer.held)
    bcubed = metrics.bcubed(truth, answer.held)
    scored = [(bits, truth[a] == truth[b]) for a, b, bits in answer.scored if a in truth and b in truth]
    calibration = metrics.calibration(scored)
    return {
        "records": len(truth),
        "people": len(set(truth.values())),
        "edge": fit(edge),
        "closure": fit(closure),
        "bcubed": {**fit(bcubed), "f1": bcubed.f1},
        "exact_people": metrics.exact_people(truth, answer.held),
        "polluted_people": metrics.polluted_people(truth, answer.held),
        "review": review(truth, answer, others),
        "calibration": {"ece": calibration.ece, "log_loss_bits": calibration.log_loss_bits},
        "groups": {name: fit(found) for name, found in metrics.by_group(truth, answer.held, groups).items()},
    }


def review(truth: Mapping[str, str], answer: Answer, others: Mapping[str, str] = _NOBODY) -> dict[str, float]:
    """The work that is left to people, and what they would find.

    An item is yielding if its two records truly are one person. Recall with review is that of the closure once all
    yielding items have been answered "same". Items between records that were there before are not counted.
    """
    items = [(a, b) for a, b in answer.reviews if a in truth or b in truth]
    person = {**others, **truth}
    yielding = [(a, b) for a, b in items if person[a] == person[b]]
    after = metrics.united(answer.held, yielding)
    return {
        "items_per_1000": PER * len(items) / (len(truth) or 1),
        "yield": len(yielding) / len(items) if items else 1.0,
        "recall_with_review": metrics.closure(truth, after).recall,
    }


def fit(found: Fit | metrics.Shares) -> dict[str, float]:
    """As JSON."""
    return {"precision": found.precision, "recall": found.recall}
