"""Setting the stage: a manual clock, processes, the case's directory, a token and endpoints for every agency."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from deploy.cases.load import Case, directory
from deploy.command.installation import Processes
from deploy.command.loading import load_directory
from deploy.embedded.progress import Report
from deploy.policy import with_agreements
from deploy.replay.client import Agencies, agencies
from deploy.replay.desks import Script
from deploy.replay.receiver import Receiver, receiver
from deploy.replay.stage import Stage, Watch
from services.access import Scope, default_sources
from services.db.clock_store import set_manual
from services.db.connection import Pool, hot_transaction, open_pool
from services.issuer.store import Client, put_client
from services.replay import store
from services.replay.logs import open_logs
from services.settings import Settings


class NotEmpty(RuntimeError):
    """The installation holds events already: a replay would be judged together with them."""


@asynccontextmanager
async def staged(case: Case, label: str, settings: Settings, report: Report, watch: Watch) -> AsyncIterator[Stage]:
    """Yield a stage on migrated, empty servers; afterwards all its processes are drained.

    Raises:
        NotEmpty: there are events already.
    """
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings, size=4, task="replay")
        stack.push_async_callback(pool.close)
        await _stop_clock(pool, case)
        processes = Processes(settings)
        stack.push_async_callback(processes.drain)
        secrets = await _cast(pool, settings, case)
        await processes.start(report)
        calls = await stack.enter_async_context(receiver())
        own = await stack.enter_async_context(agencies(processes.url, secrets))
        await _register(case, own, calls)
        yield Stage(
            case=case,
            label=label,
            pool=pool,
            logs=await stack.enter_async_context(open_logs(settings)),
            processes=processes,
            agencies=own,
            receiver=calls,
            watch=watch,
            report=report,
            clock=case.history_received,
            script=Script(case, label),
        )


async def _stop_clock(pool: Pool, case: Case) -> None:
    """Before the gateway starts: it looks once whether the clock is a manual one."""
    async with hot_transaction(pool) as connection:
        if await store.holds_events(connection):
            raise NotEmpty("the database holds events already; a replay needs an empty one")
        await set_manual(connection, case.history_received)


async def _cast(pool: Pool, settings: Settings, case: Case) -> dict[str, str]:
    """Load the directory; give every agency a client. Return the clients' secrets."""
    await load_directory(pool, settings, with_agreements(directory(case)), actor="replay")
    secrets: dict[str, str] = {}
    async with hot_transaction(pool) as connection:
        for agency in case.agencies.values():
            sector = case.directory.agencies[agency].sector
            client = Client(agency, {agency: [f"{sector}.*"]}, default_sources([agency]), [str(s) for s in Scope])
            secrets[agency] = await put_client(connection, client, replace=True)
    return secrets


async def _register(case: Case, own: Agencies, calls: Receiver) -> None:
    """Register an endpoint for every desk that a ladder of its agency names."""
    for agency, desks in endpoints(case):
        for desk in (None, *desks):
            answer = await own.register(agency, desk, calls.url(agency, desk))
            calls.secrets[calls.path(agency, desk)] = answer["secret"]


def endpoints(case: Case) -> Sequence[tuple[str, Sequence[str]]]:
    """Return the agencies that have desks, with those."""
    return [(name, sorted(entry.desks)) for name, entry in sorted(case.directory.agencies.items()) if entry.ladders]
