"""What a webhook carries: a pointer, never a person.

A call is a CloudEvent with a list of alerts, usually one, sent with the three headers of Standard Webhooks over the
same bytes. Whoever is called asks the gateway for the alert, which answers by what that agency may see.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from schemas.alerts import State, Told, Urgency, Version
from schemas.closed import Closed, many, written
from schemas.handling import AgencyId, Code

CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
ID_HEADER: Final = "webhook-id"
"""Same for each try of one call, another for a new version: receivers drop what they have had."""
TIMESTAMP_HEADER: Final = "webhook-timestamp"
"""Seconds since 1970 of this try, in real time. Receivers refuse what is older than five minutes."""
SIGNATURE_HEADER: Final = "webhook-signature"
"""Space-separated `v1,<base64>` over id.timestamp.body; several while a rotation overlaps."""

MAX_ALERTS: Final = 100
"""Alerts in one call."""


class RingCall(Closed):
    """This call rings a desk: somebody must acknowledge."""

    rung: Annotated[int, Field(ge=1, le=20)]
    desk: Code
    acknowledge_by: datetime | None = None
    """When the next rung is rung; none on the last."""


class AlertCall(Closed):
    """One alert in a call. It is named by the agency of the call (on whose ladder it is), alert, endpoint, version, rung and desk:
    the same six again are a repeat. A desk may be called for its own agency, and as the last rung of another's; where who else was told
    is withheld, its own agency is named there too.
    """

    alert: UUID
    endpoint: UUID
    version: Version
    urgency: Urgency
    state: State
    told: Told
    ring: RingCall | None = None
    """Left out: told for information, nobody is rung."""
    link: Annotated[str, written(r"^https?://[^\s?#]+$", "Write a link without a query.", most=500)]
    """Where to read it, with the agency's own token. Holds the reference and nothing else."""


class Calls(Closed):
    """The data of a call."""

    agency: AgencyId
    alerts: Annotated[tuple[AlertCall, ...], many(MAX_ALERTS, least=1)]


class WebhookBody(Closed):
    """The whole body: CloudEvents 1.0, structured."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "specversion": "1.0",
                    "id": "f0a3d6f0-5b55-4a0a-8a5c-0d6a8e5d3f01.3",
                    "source": "urn:tocsin:bus",
                    "type": "tocsin.alert.told.v1",
                    "time": "2024-03-04T10:00:00Z",
                    "datacontenttype": "application/json",
                    "data": {
                        "agency": "police-west-midlands",
                        "alerts": [
                            {
                                "alert": "0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11",
                                "endpoint": "5b0c3b2e-7a55-4a52-8c0e-0b7d7a1f9c10",
                                "version": 3,
                                "urgency": "U1",
                                "state": "standing",
                                "told": "risen",
                                "ring": {
                                    "rung": 1,
                                    "desk": "duty-inspector",
                                    "acknowledge_by": "2024-03-04T10:15:00Z",
                                },
                                "link": "https://tocsin.example/v1/alerts/0b5f7c52-3f0a-4c1e-9d6a-6a3c1c0f2b11",
                            }
                        ],
                    },
                }
            ]
        }
    )

    specversion: Literal["1.0"]
    id: Annotated[str, Field(min_length=1, max_length=100)]
    """As the webhook-id header."""
    source: Literal["urn:tocsin:bus"]
    type: Literal["tocsin.alert.told.v1"]
    time: datetime
    """Domain time at which it was told."""
    datacontenttype: Literal["application/json"]
    data: Calls
