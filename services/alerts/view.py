"""What of an alert a recipient may see, as one hash: the pure stand-in for services.disclosure.view.

The evaluator passes a hash of the real view. The trial, which has no agreements to mask by, uses this one: all of the
finding from class D2 up, and at D1 only that it is there, how urgent, and how it ended.
"""

import hashlib
from collections.abc import Callable

import orjson

from services.alerts.state import AlertState
from services.rules.findings import Disclosure, Recipient

ViewHash = Callable[[AlertState, Recipient], bytes]


def whole_view(alert: AlertState, recipient: Recipient) -> bytes:
    """Hash what the recipient sees of the alert by its class, without masks."""
    finding = alert.finding
    seen = {
        "condition": alert.condition,
        "urgency": finding.urgency,
        "since": finding.episode_since,
        "until": finding.until,
        "shown": recipient.shown,
    }
    if recipient.shown >= Disclosure.D2:
        seen |= {
            "why": finding.why,
            "unknown": finding.unknown,
            "would_stop": finding.would_stop,
            "corroborated": finding.corroborated,
            "possible": finding.possible,
            "evidence": [list(ref) for ref in finding.evidence],
            "details": dict(finding.details),
        }
    return hash_of(seen)


def hash_of(view: object) -> bytes:
    """Hash a JSON-like view, whatever the order of its keys. 16 bytes: to see a change, not to withstand an attack."""
    return hashlib.blake2b(orjson.dumps(view, option=orjson.OPT_SORT_KEYS), digest_size=16).digest()
