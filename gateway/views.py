"""What views are judged by (directory, agreements, what rules say of themselves), held and renewed when a load changed it."""

from collections.abc import Mapping

from gateway.problems import InvalidRequest
from services.db.connection import Connection
from services.disclosure.material import RuleInfo
from services.disclosure.store import Context, Held, current
from services.errors import Fault


class ViewContext:
    """One for the process."""

    def __init__(self, rules: Mapping[str, RuleInfo]) -> None:
        self._rules = rules
        self._held: Held | None = None

    async def current(self, connection: Connection) -> Context:
        """The context as it stands in this transaction."""
        self._held = await current(connection, self._rules, self._held)
        return self._held.context


def check_desk(context: Context, agency: str, desk: str) -> None:
    """Make sure that an agency has this desk: what stands at none is seen, and called, by nobody.

    Raises:
        InvalidRequest: the directory has no such desk of it; says which it has.
    """
    known = context.directory.agency(agency)
    if known is None or desk not in known.desks:
        names = ", ".join(sorted(known.desks)) if known else "none"
        fault = Fault("/desk", "unknown-desk", f"Use a desk of the directory: {names}.")
        raise InvalidRequest("The directory has no such desk.", faults=[fault])
