"""The whole way in memory, in seconds: for the loops of whoever works on matching."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from deploy.evaluation import metrics, register
from deploy.evaluation.figures import Answer, figures
from deploy.evaluation.groups import groups_of
from deploy.evaluation.labelled import Labelled, read_population
from deploy.evaluation.memory import InMemory, answer, standards
from services.clock import monotonic

out = Console(highlight=False, soft_wrap=True)


def quick(path: Path, *, limit: int | None, errors: int) -> None:
    """Evaluate and print: figures, where misses and false links come from, and examples of both."""
    began = monotonic()
    records = list(islice(read_population(path), limit))
    register.assume(standards((record.rid, record) for record in records))
    memory = InMemory()
    for record in track(records, "Comparing", console=Console(stderr=True), transient=True):
        memory.arrive(record.rid, record)
    compared = monotonic()
    said = answer(memory, memory.settled())
    settled = monotonic()
    truth = {record.rid: record.person for record in records}
    found = figures(truth, said, groups_of(records))
    _print(found, memory, _met(truth, memory), (compared - began, settled - compared, monotonic() - settled))
    by_rid = {record.rid: record for record in records}
    _print_causes(truth, said, by_rid)
    if errors:
        _print_errors(truth, said, memory, by_rid, errors)


def _met(truth: Mapping[str, str], memory: InMemory) -> float:
    """Share of the true pairs that were compared, or were one record from the start."""
    numbers = [(memory.number_of[a], memory.number_of[b]) for a, b in _pairs(truth)]
    return sum(a == b or (min(a, b), max(a, b)) in memory.compared for a, b in numbers) / (len(numbers) or 1)


def _print(found: Mapping[str, object], memory: InMemory, met: float, seconds: tuple[float, float, float]) -> None:
    table = Table(show_header=False)
    for name, value in found.items():
        if name != "groups":
            shown = value if isinstance(value, dict) else {"": value}
            table.add_row(
                name, "  ".join(f"{k} {v:.4f}" if isinstance(v, float) else f"{k}{v}" for k, v in shown.items())
            )
    table.add_row(
        "search and compare",
        f"p50 {metrics.quantile(memory.milliseconds, 0.5):.2f} ms  p99 {metrics.quantile(memory.milliseconds, 0.99):.2f} ms"
        f"  pairs compared {len(memory.compared)}",
    )
    table.add_row(
        "candidates",
        f"p50 {metrics.quantile(memory.candidates, 0.5):.0f}  p99 {metrics.quantile(memory.candidates, 0.99):.0f}"
        f"  most {max(memory.candidates)}  recall {met:.5f}",
    )
    table.add_row("seconds", "compare {:.1f}  settle {:.1f}  figures {:.1f}".format(*seconds))
    out.print(table)
    groups = Table("group", "precision", "recall")
    for name, fit in found["groups"].items():  # type: ignore[attr-defined]  # as JSON has it
        groups.add_row(name, f"{fit['precision']:.4f}", f"{fit['recall']:.4f}")
    out.print(groups)


def _print_causes(truth: Mapping[str, str], said: Answer, by_rid: Mapping[str, Labelled]) -> None:
    """Misses and false links of the closure, by how the two records were spoilt."""
    missed, false = _wrong_pairs(truth, said)
    table = Table("spoilt by", "missed pairs", "false pairs")
    counts = [Counter(cause for pair in pairs for cause in _causes(pair, by_rid)) for pairs in (missed, false)]
    for cause in sorted(counts[0].keys() | counts[1].keys(), key=lambda c: -counts[0][c] - counts[1][c]):
        table.add_row(cause, str(counts[0][cause]), str(counts[1][cause]))
    table.add_row("all", str(len(missed)), str(len(false)), style="bold")
    out.print(table)


def _wrong_pairs(truth: Mapping[str, str], said: Answer) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    missed = [pair for pair in _pairs(truth) if said.held[pair[0]] != said.held[pair[1]]]
    false = [pair for pair in _pairs(said.held) if truth[pair[0]] != truth[pair[1]]]
    return missed, false


def _pairs(assigned: Mapping[str, str | int]) -> Sequence[tuple[str, str]]:
    return [(a, b) for own in metrics.members(assigned).values() for n, b in enumerate(own) for a in own[:n]]


def _causes(pair: tuple[str, str], by_rid: Mapping[str, Labelled]) -> set[str]:
    records = [by_rid[rid] for rid in pair]
    found = {op for record in records for op in record.ops or ()} | {f"({r.quirk})" for r in records if r.quirk}
    return found or {"nothing"}


def _print_errors(
    truth: Mapping[str, str], said: Answer, memory: InMemory, by_rid: Mapping[str, Labelled], count: int
) -> None:
    for title, pairs in zip(("MISSED", "FALSE"), _wrong_pairs(truth, said), strict=True):
        step = max(1, len(pairs) // count)
        for a, b in pairs[::step][:count]:
            one, other = sorted((memory.number_of[a], memory.number_of[b]))
            verdict = memory.compared.get((one, other))
            out.print(f"[bold]{title}[/bold] {', '.join(sorted(_causes((a, b), by_rid)))}: {verdict or 'never met'}")
            for rid in (a, b):
                out.print(f"  {line(by_rid[rid])}", markup=False)


def line(record: Labelled) -> str:
    """A record in one line."""
    names = " ".join(part for part in (record.given_name, record.middle_name, record.family_name) if part)
    aliases = "; ".join(a if isinstance(a, str) else f"{a.given_name} {a.family_name}" for a in record.aliases or ())
    homes = "; ".join(f"{address.line1} {address.postcode}" for address in record.addresses or ())
    rest = (names, aliases and f"alias {aliases}", record.date_of_birth, record.sex, homes, *(record.phones or ()))
    numbers = ", ".join(f"{system} {value}" for system, value in (record.identifiers or {}).items())
    return " | ".join(part for part in (record.rid, record.source, *rest, numbers) if part)
