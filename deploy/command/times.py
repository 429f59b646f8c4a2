"""Times on the command line: ISO 8601, London's unless they say otherwise."""

from datetime import datetime

from deploy.command.console import fail
from services.calendar import LONDON


def moment(written: str | None) -> datetime | None:
    """Return the moment an option names; None if it was not given. What is no time ends the command with status 2."""
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        fail(f"`{written}` is no time; write it as 2024-03-01 or 2024-03-01T10:00.", code=2)
    return found if found.tzinfo else found.replace(tzinfo=LONDON)


def window(since: str | None, until: str | None) -> tuple[datetime | None, datetime | None]:
    """Return both ends of a window. One that holds no time ends the command with status 2: "nothing found" would be untrue."""
    start, end = moment(since), moment(until)
    if start is not None and end is not None and start >= end:
        fail("--from is not before --to: between them there is no time.", code=2)
    return start, end
