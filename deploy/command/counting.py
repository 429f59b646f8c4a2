"""`tocsin identity count`: how often people of this bus bear which name, for the next rejudging to score by."""

import asyncio
from typing import TYPE_CHECKING

from deploy.command.console import fail, out, steps

if TYPE_CHECKING:
    from services.identity.counts.count import Counts


def count() -> None:
    """Count the names of everybody held, and keep the count under its version. It changes nobody.

    Scores follow it once a report by it is approved: tocsin identity rejudge --report --counts VERSION, then --apply. No name
    stands in it that fewer than three people bear. The same records give the same version.
    """
    from services.identity.counts.count import TooFew

    try:
        counts = asyncio.run(_count())
    except TooFew as few:
        fail(f"Not counted: {few} Until then scores assume a million people, and names as frequent as the tables say.")
    out.print(f"{counts.records:,} records counted; {len(counts.names):,} full names that three people and more bear.")
    out.print(f"Next: tocsin identity rejudge --report --counts {counts.version}")


async def _count() -> "Counts":
    from deploy.command import here
    from services.identity.counts import take

    async with here.pool(task="count") as pool:
        with steps() as report:
            report("Counting")
            return await take.count(pool, lambda records: report("Counting", done=records))
