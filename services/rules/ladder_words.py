"""R28 of the domain in words, for those who answer for it: nobody acknowledged.

It judges no facts and is no rule file: it is the ladder's data, run by the escalator (services.alerts.ladder). A board that
looks for it among the rules finds it there, with the clocks that it may set.
"""

from collections.abc import Iterator
from typing import Final

from services.rules.parameters import LADDER, LADDER_PARAMETERS, LADDER_RUNGS

ID: Final = LADDER
NAME: Final = "nobody-acknowledged"
TITLE: Final = f"{ID} nobody acknowledged"
MISSED: Final = "the one manager who knew went off duty with it in his book, and nobody stood in for him"
SUBJECT: Final = "an alert at U1 or U2, agency by agency that it tells"
URGENCY: Final = "as the alert"
PROOF: Final = (
    "an alert at U1 that nobody takes on rings the next desk (`second_rung` in `deploy/cases/birmingham.yaml`)"
)
"""What shows it, where a rule file would name one of its stories."""

_AT_MOST: Final = ", ".join(f"{one.most} at {LADDER_RUNGS[one.name].name}" for one in LADDER_PARAMETERS)


def ladder() -> Iterator[str]:
    """Its part of the page, as Markdown lines."""
    yield f"## {TITLE}\n"
    yield (
        f"**Why.** Birmingham BDHR/2013-14/02, 8.28, 11.3, 11.22: {MISSED}; in the weeks that mattered nobody above the officer "
        "looked. What was told and taken on by nobody was told to nobody.\n"
    )
    yield f"**About** {SUBJECT}. No rule file: it is run by the escalator, with the desks of the directory.\n"
    yield "**It rings**\n"
    yield f"* no human at a desk of that agency has acknowledged the version it was told: the next rung, after {_AT_MOST}"
    yield "* acknowledged without an action: that holds for two rungs' time, then it goes on"
    yield "\n**How urgent**\n"
    yield "* as the alert. A rise of its urgency starts the ladder anew; another update does not; a U3 or U4 waits in a queue\n"
    yield "**It tells**\n"
    yield "* the agency's own desks, at least three times, each rung as the directory says for that hour"
    yield (
        "* last a desk of another agency on the alert, which sees no more of it than its own agency may; when that has had its "
        "time too, the operator on call, who rings people by telephone\n"
    )
    yield "**It never says** more than the alert may say to the agency that is rung\n"
    yield "**What ends it**\n"
    yield "* answered: a named human of that agency acknowledges, naming the version, with what is being done"
    yield "* no longer so: the alert ends, or the agency loses the role in which it was told\n"
    yield "**A local board may set for its area**\n"
    yield from (f"* {one.name}, {one.least} to {one.most}: {one.says}" for one in LADDER_PARAMETERS)
    yield f"\n**Shown by**: {PROOF}.\n"
