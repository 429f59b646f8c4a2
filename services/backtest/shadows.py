"""The report on shadow rules: what they would have raised, of which urgency, at which desks."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from services.audit import store as audit
from services.audit.record import Action, Entry
from services.backtest import store
from services.backtest.desks import Count, Desk, Load, count, loads
from services.backtest.looking import directories_known, looking
from services.backtest.shadow import raised
from services.backtest.stories import in_window
from services.db.connection import Pool, hot_transaction
from services.rules.findings import Urgency

PAGE: Final = 1_000
"""Alerts read at once."""


@dataclass(slots=True)
class Shadows:
    """What one or more shadow rules would have raised."""

    since: datetime | None
    until: datetime
    first: datetime | None = None
    raised: dict[str, Counter[Urgency]] = field(default_factory=dict)
    """By rule: how often something would have begun to stand."""
    counted: dict[str, Count] = field(default_factory=dict)

    def loads(self, rule: str) -> Mapping[Desk, Load]:
        """Return what a rule would have put on each desk, reckoned from when the first of all these rules had something."""
        return loads(self.counted.get(rule, Counter()), self.since or self.first or self.until, self.until)


async def shadows(
    pool: Pool,
    rules: Collection[str],
    *,
    actor: str,
    purpose: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Shadows:
    """Report what these rules, judged live as shadows, would have told, and note who asked."""
    async with looking(pool) as conn:
        end = await store.extent(conn)
    report = Shadows(since, min(until or end.now, end.now))
    details = {"rules": sorted(rules), "since": since, "until": report.until}
    entry = Entry(actor, Action.CONSULTATION, purpose, "review of the rules", "shadow rules", details)
    async with hot_transaction(pool) as conn:
        await audit.record(conn, [entry], at=end.now)
    directory, after = await directories_known(pool, end), 0
    while True:
        async with looking(pool) as conn:
            page = await store.of_rules(conn, rules, after, PAGE)
        if not page:
            return report
        after = max(page)
        for story in page.values():
            kept = in_window({story.key: story}, since, report.until)
            for begun in raised(kept.values()):
                report.raised.setdefault(story.key.rule, Counter())[begun.urgency] += 1
                report.first = min(report.first or begun.at, begun.at)
            report.counted.setdefault(story.key.rule, Counter()).update(count(kept.values(), directory))
