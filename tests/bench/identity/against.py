"""Ours beside Splink, on the same records in the same run."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from deploy.embedded.progress import Report
from deploy.evaluation import metrics, register
from deploy.evaluation.figures import Answer, figures
from deploy.evaluation.groups import groups_of
from deploy.evaluation.labelled import Labelled
from deploy.evaluation.memory import InMemory, standards
from deploy.evaluation.metrics import Fit
from services.clock import monotonic
from services.identity.compare import LINK
from tests.bench.identity import baseline, febrl
from tests.bench.identity.thresholds import BIT, answers

OURS: Final = (2.0, 4.0, 6.0, 8.0, 10.0, 12.0)
"""log2 odds at which our answers are read, beside the threshold in force."""
ENOUGH: Final = 300
"""True pairs a group must have before it says anything about how far groups lie apart."""
FEBRL_FROM: Final = (0.0, 4.0, 8.0)

out: Final = Console(highlight=False, width=160)


@dataclass(frozen=True, slots=True)
class Row:
    """One system at one threshold."""

    system: str
    bits: float
    found: Mapping[str, Any]
    groups: Mapping[str, Fit]
    """Counts behind the groups of `found`."""
    in_force: bool = False

    @property
    def bcubed(self) -> float:
        """The figure by which a threshold is called the best."""
        return float(self.found["bcubed"]["f1"])


def population(name: str, records: Sequence[Labelled], report: Report) -> None:
    """Print both systems at several thresholds, the ratios between them, and both by group."""
    ours, theirs = our_rows(records, report), splink_rows(records, report)
    out.print(table(f"{name}: {len(records):,} records", [*ours, *theirs]))
    deployed = next(row for row in ours if row.in_force)
    best = max(theirs, key=lambda row: row.bcubed)
    out.print(ratios(deployed, best, nearest(theirs, deployed)))
    out.print(by_group(deployed, best))


def our_rows(records: Sequence[Labelled], report: Report) -> list[Row]:
    """Ours."""
    truth, groups = {record.rid: record.person for record in records}, groups_of(records)
    report("Ours")
    began = monotonic()
    register.assume(standards((record.rid, record) for record in records))
    memory = InMemory()
    for record in records:
        memory.arrive(record.rid, record)
    seconds = monotonic() - began
    in_force = LINK / BIT
    wanted = sorted({*OURS, in_force})
    return [
        _row("ours", bits, truth, said, groups, seconds, bits == in_force) for bits, said in answers(memory, wanted)
    ]


def splink_rows(
    records: Sequence[Labelled], report: Report, thresholds: Sequence[float] = baseline.THRESHOLDS
) -> list[Row]:
    """Splink's."""
    truth, groups = {record.rid: record.person for record in records}, groups_of(records)
    report("Splink")
    began = monotonic()
    pairs = baseline.scored(records)
    seconds = monotonic() - began
    return [_row("Splink", bits, truth, baseline.answer(truth, pairs, bits), groups, seconds) for bits in thresholds]


def _row(
    system: str,
    bits: float,
    truth: Mapping[str, str],
    said: Answer,
    groups: Mapping[str, Iterable[str]],
    seconds: float,
    in_force: bool = False,
) -> Row:
    found = figures(truth, said, groups) | {"seconds": seconds}
    return Row(system, bits, found, metrics.by_group(truth, said.held, groups), in_force)


def table(title: str, rows: Sequence[Row]) -> Table:
    """Figures side by side; precision / recall."""
    shown = Table(title=title, caption="bits: log2 odds from which it links; P / R: precision / recall; * in force")
    for column in ("", "bits", "edge P / R", "cluster P / R", "B³", "exact", "polluted", "ECE", "log-loss"):
        shown.add_column(column, justify="left" if column == "" else "right")
    for column in ("review per 1,000", "yield", "recall with review", "s"):
        shown.add_column(column, justify="right")
    system = ""
    for row in rows:
        if system and row.system != system:
            shown.add_section()
        system, found = row.system, row.found
        review, calibration = found["review"], found["calibration"]
        shown.add_row(
            system,
            f"{row.bits:g}{'*' if row.in_force else ''}",
            _fit(found["edge"]),
            _fit(found["closure"]),
            f"{row.bcubed:.4f}",
            f"{found['exact_people']:.4f}",
            f"{found['polluted_people']:.2%}",
            f"{calibration['ece']:.4f}",
            f"{calibration['log_loss_bits']:.3f}",
            f"{review['items_per_1000']:.0f}",
            f"{review['yield']:.2f}",
            f"{review['recall_with_review']:.4f}",
            f"{found['seconds']:.0f}",
            style="bold" if row.in_force else "",
        )
    return shown


def nearest(theirs: Sequence[Row], ours: Row) -> Row:
    """Splink where its cluster precision comes nearest to ours."""
    return min(theirs, key=lambda row: abs(row.found["closure"]["precision"] - ours.found["closure"]["precision"]))


def ratios(ours: Row, best: Row, alike: Row) -> Table:
    """How many times our errors Splink makes: where it is best, and where it is about as precise as we are."""
    shown = Table("Splink's errors for one of ours", f"at its best B³ ({best.bits:g} bits)", _at_our(alike))
    for name, error in _ERRORS.items():
        shown.add_row(name, *(_times(error(row.found), error(ours.found)) for row in (best, alike)))
    return shown


def _at_our(alike: Row) -> str:
    return f"nearest to our precision ({alike.bits:g} bits)"


_ERRORS: Final[Mapping[str, Callable[[Mapping[str, Any]], float]]] = {
    "pairs wrongly put together (share of those put together)": lambda found: 1 - found["closure"]["precision"],
    "pairs missed": lambda found: 1 - found["closure"]["recall"],
    "B³ lost": lambda found: 1 - found["bcubed"]["f1"],
    "people not exactly right": lambda found: 1 - found["exact_people"],
    "people who are truly several": lambda found: found["polluted_people"],
    "pairs missed after review": lambda found: 1 - found["review"]["recall_with_review"],
    "items for review": lambda found: found["review"]["items_per_1000"],
    "calibration error": lambda found: found["calibration"]["ece"],
    "log-loss": lambda found: found["calibration"]["log_loss_bits"],
}


def _times(theirs: float, ours: float) -> str:
    return f"{theirs / ours:.2f}x" if ours else "we make none" if theirs else "none of either"


def by_group(ours: Row, theirs: Row) -> Table:
    """Both by group, precision / recall of clusters; and between the groups of each kind, how far they lie apart."""
    heads = f"ours ({ours.bits:g} bits)", f"Splink ({theirs.bits:g} bits)"
    shown = Table("group", *heads, "true pairs", title="clusters by group, P / R")
    for name, found in ours.found["groups"].items():
        shown.add_row(name, _fit(found), _fit(theirs.found["groups"][name]), f"{ours.groups[name].true:,}")
    shown.add_section()
    for kind in sorted({name.partition(":")[0] for name in ours.groups}):
        shown.add_row(f"{kind}: apart by", *(_apart(row.groups, kind) for row in (ours, theirs)), f">= {ENOUGH:,} each")
    return shown


def _apart(groups: Mapping[str, Fit], kind: str) -> str:
    """Points of recall between the best and the worst group of a kind, and points of precision."""
    enough = [fit for name, fit in groups.items() if name.startswith(f"{kind}:") and fit.true >= ENOUGH]
    if len(enough) < 2:
        return "too few"
    return " / ".join(
        f"{100 * (max(values) - min(values)):.1f}"
        for values in ([fit.precision for fit in enough], [fit.recall for fit in enough])
    )


def _fit(found: Mapping[str, float]) -> str:
    return f"{found['precision']:.4f} / {found['recall']:.4f}"


def floor(report: Report) -> None:
    """Print FEBRL 3 and 4 for both systems, with and without the social security number."""
    for number in (3, 4):
        for with_number in (True, False):
            records = febrl.febrl(number, with_number=with_number)
            rows = [row for row in our_rows(records, report) if row.in_force]
            rows += splink_rows(records, report, FEBRL_FROM)
            out.print(table(f"FEBRL {number}, {'with' if with_number else 'without'} its number", rows))
