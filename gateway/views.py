"""What views are judged by (directory, agreements, what rules say of themselves), held and renewed when a load changed it."""

from collections.abc import Mapping

from services.db.connection import Connection
from services.disclosure.material import RuleInfo
from services.disclosure.store import Context, Held, current


class ViewContext:
    """One for the process."""

    def __init__(self, rules: Mapping[str, RuleInfo]) -> None:
        self._rules = rules
        self._held: Held | None = None

    async def current(self, connection: Connection) -> Context:
        """The context as it stands in this transaction."""
        self._held = await current(connection, self._rules, self._held)
        return self._held.context
