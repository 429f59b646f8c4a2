"""Running `tocsin replay` as anybody would, on the test servers, and reading its answer."""

import asyncio
import json
import os
import sys
from typing import Any, NamedTuple

SECONDS_MAX = (
    900.0  # idle, a replay takes under a minute; two cores shared by a whole test run have needed eight times that
)


class Replayed(NamedTuple):
    """What a replay answered."""

    status: int
    outcome: dict[str, Any]
    errors: str


async def replay(*arguments: str, database: str, kafka: str) -> Replayed:
    """Replay on these servers; a database and topics of its own are made and removed there."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "deploy.command.main",
        "replay",
        *arguments,
        "--own-servers",
        "--json",
        env={**os.environ, "DATABASE_URL": database, "KAFKA_BOOTSTRAP_SERVERS": kafka},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), SECONDS_MAX)
    except BaseException:
        process.terminate()  # which drains its processes and removes what it made
        await process.wait()
        raise
    assert process.returncode is not None
    outcome = json.loads(out) if out else {}
    return Replayed(process.returncode, outcome, err.decode())
