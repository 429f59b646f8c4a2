"""The model that scores by a count of the bus's own names: by the one in force, or by another that is named.

A process scores by one model at a time, and nobody of it may be comparing while that changes. At start nobody is. Afterwards
whoever scores by another count than the one in force claims nothing (services.identity.store), until it has loaded that one.
"""

from typing import Final

from services.db.connection import Connection
from services.identity.counts import store
from services.identity.counts.count import counted
from services.identity.scoring.model import MODEL, Model

_last: Final = [MODEL]
"""The model made last: of a million people's names it takes a second, and the gateway explains by it one review after the other."""


class CountUnknown(LookupError):
    """No count of this version is kept."""


async def model_in_force(conn: Connection) -> Model:
    """Return the model of the count in force; the one in the files where none is."""
    return await model_of(conn, await store.in_force(conn))


async def model_of(conn: Connection, version: str | None) -> Model:
    """Return the model that scores by a count, None: by none.

    Raises:
        CountUnknown: it is not kept here.
    """
    if version is None:
        return MODEL
    if version != _last[0].counts:
        counts = await store.load(conn, version)
        if counts is None:
            raise CountUnknown(
                f"No count {version} is kept here: run tocsin identity count, which makes one and names it."
            )
        _last[0] = counted(counts)
    return _last[0]
