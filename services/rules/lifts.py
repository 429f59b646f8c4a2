"""The second stratum's hold on the first: windows in which alerts on two people are lifted, and what then stands alone.

A lifting rule (R24) looks at facts like any other. While its window lasts, every finding anchored on the same two
people is one level more urgent; it raises an alert of its own only from when none of those stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.rules.compile import CompiledRule
from services.rules.episodes import episodes
from services.rules.findings import Finding, Urgency
from services.rules.model import Lifts
from services.rules.situation import Judged
from services.rules.standing import Standing
from services.rules.view import View

PAIR = frozenset({"subject", "other"})


@dataclass(frozen=True, slots=True)
class Window:
    """A time in which what stands on the subject and one other person is lifted."""

    other: int
    start: datetime
    end: datetime | None
    lifts: Lifts

    def holds(self, at: datetime) -> bool:
        """Say whether it lifts at a moment."""
        return self.start <= at and (self.end is None or at < self.end)


def windows(rules: Iterable[CompiledRule], view: View, judged: datetime) -> tuple[list[Window], list[datetime]]:
    """Return the windows of all lifting rules in a case, and when time alone will open or close one."""
    found: list[Window] = []
    wakes: list[datetime] = []
    for rule in rules:
        for part in (part for leg in rule.legs if rule.file.lifts for part in leg.parts(view)):
            ringing, again = episodes(part, judged.__ge__, view.now.clock.__ge__)
            wakes += again
            if rule.file.lifts is not None and part.situation.other is not None:
                found += [
                    Window(part.situation.other, episode.rings_at, episode.end, rule.file.lifts)
                    for episode in ringing
                    if episode.live
                ]
    return found, wakes


def lifted(
    found: Sequence[Window], rule: CompiledRule, standing: Standing, other: int | None, urgency: Urgency
) -> Urgency:
    """Return how urgent a finding is with the windows on its two people: lifted once, however many there are."""
    if rule.file.stratum != 1 or not set(rule.file.anchor) >= PAIR:
        return urgency
    for window in found:
        if window.other == other and rule.id not in window.lifts.except_ and window.holds(standing.at):
            higher = Urgency(max(urgency - window.lifts.levels, Urgency.U1))
            if not standing.corroborated:
                higher = max(higher, Urgency[window.lifts.uncorroborated_at_most])
            return min(urgency, higher)
    return urgency


def own(finding: Finding, other: int | None, lifts: Lifts, judged: Sequence[Judged]) -> Finding | None:
    """Return a lifting rule's own finding from when nothing else stands on the two; None if something always does."""
    others = [each for each in judged if each.situation.other == other and each.rule not in lifts.except_]
    spans = [span for each in others for span in each.spans if _on_pair(each)]
    since = finding.episode_since
    while True:
        over = [end for start, end in spans if start <= since and (end is None or since < end)]
        if any(end is None for end in over):
            return None
        if not over:
            break
        since = max(end for end in over if end is not None)
    if finding.until is not None and since >= finding.until:
        return None
    return replace(finding, since=max(finding.since, since), episode_since=since)


def _on_pair(each: Judged) -> bool:
    return each.situation.event is None
