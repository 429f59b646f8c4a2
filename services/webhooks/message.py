"""What one delivery says, if anything: the decision, and the body made of a view. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import orjson

from services.alerts.ladder import desk_of
from services.disclosure.content import conceals, hidden_in_it
from services.disclosure.material import Alert, Call, OnTopic, Viewer
from services.disclosure.view import view_for
from services.webhooks.store import Claimed

SOURCE: Final = "urn:tocsin:bus"
TYPE: Final = "tocsin.alert.told.v1"


@dataclass(frozen=True, slots=True)
class Message:
    """A body ready to be sent."""

    claimed: Claimed
    id: str
    """Same for each try, another for another version or rung."""
    body: bytes


def rings(claimed: Claimed) -> bool:
    """Say whether this delivery rings a desk that nobody has answered for and that was not rung before."""
    return claimed.ring is not None and claimed.ring.open and claimed.stands and not claimed.ring.told


def has_news(claimed: Claimed) -> bool:
    """Say whether the endpoint is to be told anything now.

    A desk of another agency is rung for this one and told nothing else: of what this agency sees, and when that changes,
    it may know nothing. Its own agency's deliveries tell it the rest.
    """
    if claimed.joined or claimed.version == 0 or claimed.endpoint.removed:
        return False
    if not claimed.stands and claimed.told_version is None:
        return False  # never told of the alert, so it is not told of its ending
    own = claimed.endpoint.agency == claimed.agency
    return rings(claimed) or (own and (claimed.told_version or 0) < claimed.version)


def message(claimed: Claimed, viewer: Viewer, alert: Alert, public_url: str) -> Message | None:
    """Make the message through the one door out; None if the viewer may see nothing of the alert."""
    # Whichever delivery brings an update without a ring, to its receiver it is the same one: a courier may die between
    # two of them, and the repeat must show that it is one.
    message_id = f"{claimed.public_id if rings(claimed) else claimed.parent_public_id}.{claimed.version}"
    if claimed.endpoint.kind == "topic":
        seen = view_for(viewer, OnTopic(alert), alert.rule.purpose)
        return None if seen is None else Message(claimed, message_id, orjson.dumps(seen))
    called = view_for(viewer, _call(claimed, alert, public_url), alert.rule.purpose)
    if called is None:
        return None
    # Who was told may say where somebody lives: a desk of another agency is then called as its own.
    kept = conceals(alert.finding, alert.material) or hidden_in_it(alert.finding, alert.material)
    agency = claimed.endpoint.agency if kept else viewer.agency
    body: dict[str, Any] = {
        "specversion": "1.0",
        "id": message_id,
        "source": SOURCE,
        "type": TYPE,
        "time": _moment(alert.changed_at),
        "datacontenttype": "application/json",
        "data": {"agency": agency, "alerts": [called]},
    }
    return Message(claimed, message_id, orjson.dumps(body))


def _call(claimed: Claimed, alert: Alert, public_url: str) -> Call:
    link = f"{public_url.rstrip('/')}/v1/alerts/{alert.reference}"
    endpoint = str(claimed.endpoint.public_id)
    if claimed.ring is None or not rings(claimed):
        return Call(alert, endpoint, link)
    return Call(
        alert,
        endpoint,
        link,
        rung=claimed.ring.rung,
        desk=_desk(claimed, claimed.ring.desks),
        acknowledge_by=claimed.ring.acknowledge_by,
    )


def _desk(claimed: Claimed, paths: tuple[str, ...]) -> str:
    """The desk this endpoint stands for: its own, else the first of the rung that lies with its agency."""
    if claimed.endpoint.desk is not None:
        return claimed.endpoint.desk
    desks = [desk_of(claimed.agency, path) for path in paths]
    return next((desk for owner, desk in desks if owner == claimed.endpoint.agency), desks[0][1])


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
