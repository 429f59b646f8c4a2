"""The walk through the README, run as it stands there."""

import os
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.command.installation import environment
from deploy.embedded.ports import free_ports
from services.replay.calls import open_caller
from services.settings import Settings
from tests.polling import until

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
WALK = README[README.index("## By hand, with curl") : README.index("## The way of one event")]
COMMANDS = [line for block in re.findall(r"```sh\n(.*?)```", WALK, re.DOTALL) for line in block.splitlines() if line]
START_SECONDS = 180.0
DRAIN_SECONDS = 60.0


@pytest.fixture
def installation(live_settings: Settings, tmp_path: Path) -> Iterator[Settings]:
    """`tocsin up` over this test's database and topics."""
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    own = {"gateway_port": port, "gateway_public_url": url, "token_issuer": url}
    settings = live_settings.model_copy(update=own)
    with (tmp_path / "up.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "deploy.command.main", "up"],
            env={**os.environ, **environment(settings)},
            stdout=log,
            stderr=log,
            cwd=tmp_path,
        )
        try:
            yield settings
        finally:
            running.send_signal(signal.SIGTERM)
            code = running.wait(DRAIN_SECONDS)
    assert code == 0, (tmp_path / "up.log").read_text()


@pytest.mark.timeout(420)
async def test_walk_through_the_readme(installation: Settings) -> None:
    url = f"http://127.0.0.1:{installation.gateway_port}"
    async with open_caller(url) as gateway:
        await until(lambda: gateway.answers_ok("/health/ready"), timeout_seconds=START_SECONDS, what="the gateway")
    assert len(COMMANDS) > 15, "the walk is there"
    script = ["set -euo pipefail"]
    for n, line in enumerate(COMMANDS):
        script += [f"echo '@@ {n}' >&2", line.replace("http://127.0.0.1:8080", url)]
    done = subprocess.run(  # noqa: ASYNC221 - nothing else waits on this loop
        ["/bin/bash", "-c", "\n".join(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment(installation)},
    )
    reached = int(re.findall(r"@@ (\d+)", done.stderr)[-1])
    at = textwrap.shorten(COMMANDS[reached], 200)
    assert done.returncode == 0, f"{at}\n{done.stdout}\n{done.stderr}"
    assert reached == len(COMMANDS) - 1
    assert '"state":"resolved"' in done.stdout
    assert '"rule":"R26"' in done.stdout
    assert '"acknowledgement":"' in done.stdout
    assert "Hal" not in done.stdout, "who told is never said"
