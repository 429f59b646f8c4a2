"""What is said of identity on the topic of identity changes: ids only, so that copies elsewhere can follow."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict

from schemas.closed import Closed, many


class IdentityChange(Closed):
    """Records that were thought to be several people are one, or the other way round."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "change": "merged",
                    "person": "3b0f4bde-62a5-4b7e-8f7c-55a0d1f3f001",
                    "others": ["9d8a1f6c-6f0e-4b8f-9b8e-2f1f3a0c7002"],
                    "at": "2024-03-04T10:00:00Z",
                }
            ]
        }
    )

    change: Literal["merged", "split"]
    person: UUID
    """The id that stays."""
    others: Annotated[tuple[UUID, ...], many(1_000, least=1)]
    """Merged: ids that now name `person`. Split: people it has given back."""
    at: datetime
