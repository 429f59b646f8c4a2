"""Whether everybody held was compared by the release installed here, or waits for `tocsin identity rejudge`.

A release with another model, standard or set of blocking keys judges by it whoever arrives, and leaves the others as they were:
two halves of one danger stay apart, and nothing else would say so.
"""

from typing import NamedTuple

from services.db.connection import Connection
from services.identity.compare import model_name
from services.identity.keys import KEYS_VERSION
from services.identity.rejudge import store
from services.identity.standardise import STANDARD_VERSION
from services.operators import store as operators


class MadeBy(NamedTuple):
    """Two releases of "who is who", in words."""

    held: str
    """By which everybody held was last compared."""
    here: str

    @property
    def outdated(self) -> bool:
        """Whether they are to be judged anew."""
        return self.held != self.here


def made_here() -> str:
    """What a comparison by this release depends on: model with its thresholds, standard, and keys."""
    return f"model {model_name()}, standard {STANDARD_VERSION}, keys {KEYS_VERSION}"


async def look(conn: Connection) -> MadeBy:
    """Page an operator while everybody held is as another release left them; an empty installation is as this one says."""
    seen = MadeBy(await store.made_by(conn, made_here()), made_here())
    if seen.outdated:
        await operators.page(conn, "identity-outdated", [seen.here], [seen.held])
    else:
        await operators.close_pages(conn, "identity-outdated", [seen.here])
    return seen
