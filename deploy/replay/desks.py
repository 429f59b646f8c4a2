"""The people at the desks, as the case's script has them: who acknowledges when, and who stays silent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from deploy.cases.load import Case
from deploy.cases.words import Urgency
from deploy.replay.compare import anchored, expected_in
from deploy.replay.outcome import AnchorPart
from deploy.replay.receiver import Call

OVER: Final = frozenset({"ended", "handed-over"})


@dataclass(frozen=True, slots=True)
class Acknowledging:
    """Somebody at a desk will acknowledge."""

    at: datetime
    agency: str
    """Id, not short name."""
    alert: UUID
    version: int
    desk: str

    def body(self) -> dict[str, Any]:
        """Return what they send. With an action, so that it does not expire."""
        return {"version": self.version, "desk": self.desk, "actor": f"{self.desk}-1", "action": "considered"}


@dataclass(slots=True)
class Script:
    """What the desks will do, worked out from the calls that ring them."""

    case: Case
    label: str
    _waiting: dict[tuple[str, UUID], Acknowledging] = field(default_factory=dict)
    """By agency and alert: a new ring takes the place of an older one."""

    def rung(self, agency: str, told: dict[str, Any], at: datetime, rule: str, anchor: tuple[AnchorPart, ...]) -> None:
        """Note one alert of a call."""
        key = (agency, UUID(told["alert"]))
        if told["told"] in OVER:
            self._waiting.pop(key, None)
        ring = told.get("ring")
        if ring is None or self.case.duty_desk is None:
            return
        if ring["rung"] == 1 and self.silent(agency, rule, anchor, at):
            return
        after = self.case.duty_desk.second_rung_after
        if ring["rung"] == 1:
            after = self.case.duty_desk.acknowledge_after[_urgency(told["urgency"])]
        self._waiting[key] = Acknowledging(at + after, agency, key[1], told["version"], ring["desk"])

    def silent(self, agency: str, rule: str, anchor: tuple[AnchorPart, ...], at: datetime) -> bool:
        """Say whether nobody at this agency's first rung answers for this alert."""
        duty = self.case.duty_desk
        if duty is None:
            return False
        entries = [entry for entry in duty.silent if self.case.agencies[entry.agency] == agency]
        refs = {ref for entry in entries if entry.until is None or at < entry.until for ref in entry.alerts}
        return any(
            wanted.ref in refs and wanted.rule == rule and anchored(wanted.anchor, anchor, loosely=True)
            for wanted in expected_in(self.case, self.label)
        )

    def next_at(self) -> datetime | None:
        """Return when the next of them acknowledges."""
        return min((one.at for one in self._waiting.values()), default=None)

    def due(self, clock: datetime) -> list[Acknowledging]:
        """Return, and forget, those who acknowledge at or before the clock."""
        found = sorted((one for one in self._waiting.values() if one.at <= clock), key=lambda one: (one.at, one.agency))
        for one in found:
            del self._waiting[one.agency, one.alert]
        return found


def _urgency(text: str) -> Urgency:
    match text:
        case "U1" | "U2" | "U3" | "U4":
            return text
        case _:
            raise ValueError("an urgency is U1 to U4")


def alerts_in(calls: Iterable[Call]) -> Iterable[tuple[Call, dict[str, Any]]]:
    """Return every alert in these calls."""
    for call in calls:
        for told in call.body["data"]["alerts"]:
            yield call, told
