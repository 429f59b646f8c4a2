"""The outcome as JSON, for machines."""

from collections.abc import Sequence
from typing import Any

from deploy.cases.load import Case
from deploy.replay.compare import minute
from deploy.replay.outcome import Moment, Observed, Outcome


def document(case: Case, outcome: Outcome, differences: Sequence[str], *, seconds: float) -> dict[str, Any]:
    """Return the whole outcome; times are local, as in the case file."""
    return {
        "case": case.case,
        "variant": outcome.label,
        "seconds": round(seconds, 1),
        "differences": list(differences),
        "alerts": [_alert(alert) for alert in outcome.alerts],
        "rings": [
            {
                "alert": str(ring.alert),
                "agency": ring.agency,
                "rung": ring.rung,
                "desks": list(ring.desks),
                "urgency": ring.urgency,
                "at": minute(ring.at),
                "closed_at": minute(ring.closed_at) if ring.closed_at else None,
                "closed_why": ring.closed_why,
            }
            for ring in outcome.rings
        ],
        "final": final(outcome),
    }


def final(outcome: Outcome) -> list[list[str]]:
    """Return the set of findings that stand or were answered at the end, in an order that does not depend on theirs.

    People are named by all refs of all their records, because which record an anchor hangs on depends on what came first.
    """
    found = [
        [
            alert.rule,
            " + ".join(sorted("/".join(sorted(part.person_names or part.names)) for part in alert.anchor)),
            alert.moments[-1].condition,
        ]
        for alert in outcome.alerts
        if not alert.shadow
        and alert.moments[-1].joined_to is None
        and alert.moments[-1].condition in {"standing", "answered"}
    ]
    return sorted(found)


def _alert(alert: Observed) -> dict[str, Any]:
    raised, ended = alert.raised, alert.ended
    return {
        "alert": str(alert.alert),
        "rule": alert.rule,
        "shadow": alert.shadow,
        "anchor": [sorted(part.names) for part in alert.anchor],
        "rang": minute(raised.at) if raised else None,
        "ended": minute(ended.at) if ended else None,
        "never": list(alert.never),
        "moments": [_moment(moment) for moment in alert.moments],
    }


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "at": minute(moment.at),
        "kinds": sorted(moment.kinds),
        "condition": moment.condition,
        "urgency": moment.urgency,
        "to": dict(moment.to),
        "until": minute(moment.until) if moment.until else None,
        "joined_to": str(moment.joined_to) if moment.joined_to else None,
        "quiet": moment.quiet,
    }
