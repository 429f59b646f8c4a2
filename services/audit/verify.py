"""Does the chain hold? Pure: rows and checkpoints in, what is wrong with them out.

What it shows: a row altered, taken out, put in or moved anywhere before the last checkpoint that somebody kept. What it
cannot show: that rows were never written, or that rows behind the last kept checkpoint were rewritten by somebody who
holds the master key. That is why checkpoints belong in other hands.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.audit.chain import Checkpoint, Head, holds
from services.audit.record import START, Action, Row, commit, link

PROBLEMS_MAX: Final = 100
"""Reported; one broken row can break every checkpoint behind it, and the first problems say where to look."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that does not hold."""

    position: int
    kind: str
    """`removed`, `altered`, `details-altered`, `erased-unaccounted`, `checkpoint-forged`, `checkpoint-broken`, `cut-off`."""
    says: str


@dataclass(slots=True)
class Report:
    """What was checked and found, filled page by page."""

    head: Head = field(default_factory=lambda: Head(0, START))
    rows: int = 0
    checkpoints: int = 0
    erased: set[int] = field(default_factory=set)
    accounted: set[int] = field(default_factory=set)
    """Erased positions that an erasure row tells of."""
    problems: list[Problem] = field(default_factory=list)

    @property
    def valid(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def trusted(checkpoints: Iterable[Checkpoint], public: Ed25519PublicKey, report: Report) -> dict[int, bytes]:
    """Return the hash each genuine checkpoint states for its position; a forged one is a problem."""
    expected: dict[int, bytes] = {}
    for checkpoint in checkpoints:
        report.checkpoints += 1
        if not holds(checkpoint, public):
            _note(report, checkpoint.position, "checkpoint-forged", "its signature does not hold")
        elif expected.setdefault(checkpoint.position, checkpoint.hash) != checkpoint.hash:
            _note(report, checkpoint.position, "checkpoint-broken", "two genuine checkpoints state different hashes")
    return expected


def follow(report: Report, rows: Iterable[Row], expected: Mapping[int, bytes]) -> None:
    """Go on with the next rows, in order of position."""
    for row in rows:
        report.rows += 1
        if row.position != report.head.position + 1:
            _note(report, row.position, "removed", f"the row before it stands at {report.head.position}")
        found = link(report.head.hash, row)
        if found != row.hash:
            _note(report, row.position, "altered", "its hash does not follow from the row before it and its content")
        if row.details is None or row.salt is None:
            report.erased.add(row.position)
        elif commit(row.salt, row.details) != row.commitment:
            _note(report, row.position, "details-altered", "its details are not those committed to")
        if row.action == Action.ERASURE and row.thing.startswith("audit:"):
            report.accounted.add(int(row.thing.removeprefix("audit:")))
        if (stated := expected.get(row.position)) is not None and stated != row.hash:
            _note(report, row.position, "checkpoint-broken", "a signed checkpoint states another hash here")
        # On from the hash as stored, so that one broken row is reported once and not as everything behind it.
        report.head = Head(row.position, row.hash)


def finish(report: Report, expected: Mapping[int, bytes]) -> None:
    """Say what only shows at the end: rows that a checkpoint proves and that are gone, erasures nobody accounts for."""
    for position in sorted(expected):
        if position > report.head.position:
            _note(
                report,
                position,
                "cut-off",
                f"a signed checkpoint stands here, but the chain ends at {report.head.position}",
            )
    for position in sorted(report.erased - report.accounted):
        _note(report, position, "erased-unaccounted", "its details are gone and no erasure was recorded")


def _note(report: Report, position: int, kind: str, says: str) -> None:
    if len(report.problems) < PROBLEMS_MAX:
        report.problems.append(Problem(position, kind, says))
