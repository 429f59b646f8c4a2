"""One server process that is ours: started tethered, noted on disk, drained by a signal, and never confused with others."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

TETHER = Path(__file__).with_name("tether.py")
POLL_SECONDS = 0.02  # a start takes half a second to two: polling finer would only burn the processor it needs
ORPHAN_SECONDS = 15.0  # an orphan gets as long to drain as the slower of the two servers has been seen to take, doubled
LOG_TAIL_LINES = 15  # enough to hold the cause of a failed start


class ServerFailed(RuntimeError):
    """An embedded server did not start, or ended by itself; the message ends with the tail of its log."""


class ServerProcess:
    """Starts, drains and kills one server. Bound to no event loop, so that it may outlive one (as in tests)."""

    def __init__(self, name: str, *, folder: Path, drain: signal.Signals, user: str | None = None) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        self._note = folder / f"{name}.pid.json"
        self._folder = folder
        self._drain = drain
        self._user = user
        self._popen: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the running server itself (no wrapper stands between)."""
        if self._popen is None:
            raise ServerFailed(f"{self.name} is not running")
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        """Whether the server we started is still there."""
        return self._popen is not None and self._popen.poll() is None

    async def start(
        self,
        command: Sequence[str],
        *,
        ready: Callable[[], Awaitable[bool]],
        timeout_seconds: float,
        environment: dict[str, str] | None = None,
    ) -> None:
        """Start `command` and wait until `ready` says yes. Raises ServerFailed with the end of the log."""
        await self.end_orphan()
        tethered = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(int(self._drain)), self._user or "-"]
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C at the terminal must reach us first, or the servers go before our processes.
            self._popen = subprocess.Popen(  # noqa: S603, ASYNC220 - our own command; returns after the fork
                [*tethered, *command],
                cwd=self._folder,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._write_note()
        try:
            async with asyncio.timeout(timeout_seconds):
                while not await ready():
                    if not self.is_running:
                        raise ServerFailed(f"{self.name} ended while starting.\n{self.log_tail()}")
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            self.kill()
            raise ServerFailed(f"{self.name} did not start in {timeout_seconds:g} s.\n{self.log_tail()}") from None
        except BaseException:  # a cancelled start, too, must not leave a server behind
            self.kill()
            raise

    async def stop(self, timeout_seconds: float) -> None:
        """Drain by signal; kill only if that takes longer than `timeout_seconds`."""
        if self._popen is None:
            return
        if self._popen.poll() is None:
            self._popen.send_signal(self._drain)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(self._popen.wait, timeout_seconds)
        self.kill()

    def kill(self) -> None:
        """`kill -9` of the server, and wait until it is gone."""
        if self._popen is None:
            return
        self._popen.kill()
        self._popen.wait()
        self._popen = None
        self._note.unlink(missing_ok=True)

    def log_tail(self) -> str:
        """How it ended, if it did without us, and the last lines it wrote."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:] if self.log.exists() else []
        status = None if self._popen is None else self._popen.poll()
        return "\n".join(lines if status is None else [*lines, f"{self.name}: {_ending(status)}"])

    def _write_note(self) -> None:
        created = psutil.Process(self.pid).create_time()
        self._note.write_text(json.dumps({"pid": self.pid, "created": created}))

    async def end_orphan(self) -> None:
        """End the server an earlier run on this state folder left behind (only where no tether exists, or it is new).

        A process id alone proves nothing, they are used again: the note also holds when that process was created.
        """
        if not self._note.exists():
            return
        note = json.loads(self._note.read_text())
        with suppress(psutil.NoSuchProcess):
            orphan = psutil.Process(note["pid"])
            if orphan.create_time() == note["created"]:
                orphan.send_signal(self._drain)
                _, alive = await asyncio.to_thread(psutil.wait_procs, [orphan], ORPHAN_SECONDS)
                for process in alive:
                    process.kill()
        self._note.unlink(missing_ok=True)


def _ending(status: int) -> str:
    """Who is killed writes nothing: only the status says by which signal."""
    return f"exit code {status}" if status >= 0 else f"ended by {signal.Signals(-status).name}"
