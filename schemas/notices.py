"""What Tocsin says to a sender about its own events, unasked."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from schemas.closed import Closed, written


class ConflictNotice(Closed):
    """An event of yours was not taken in: another stands under its `source` and `id`, with other content.

    Send it again under an id of its own if both happened, or as a correction if the first was wrong. Nothing of its content
    is said here, not even its `id`, in which some senders write whom it is about: the receipt names it, and `link` lists it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "conflict": 17,
                    "receipt": "h1xS0m7vM2lYb0p3rQk9vVsidG9jc2luLmV2ZW50cy5wb2xpY2UiLDIsNDcxMV0",
                    "received_at": "2024-03-04T10:00:00Z",
                    "taken_at": "2024-03-04T10:00:01Z",
                    "link": "https://tocsin.example/v1/conflicts",
                }
            ]
        }
    )

    conflict: Annotated[int, Field(ge=1)]
    """Number of the conflict, the same where a crash has it said twice. Numbers rise; other agencies have those between."""
    receipt: Annotated[str, Field(min_length=1, max_length=400)]
    """The receipt with which the event that was not taken in was answered."""
    received_at: datetime
    """When the gateway received it."""
    taken_at: datetime
    """When it was found to say something else than the one that stands."""
    link: Annotated[str, written(r"^https?://[^\s?#]+$", "Write a link without a query.", most=500)]
    """Where the agency's conflicts are listed, with `source` and `id`, for its own token."""
