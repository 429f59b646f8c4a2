"""The jars of Apache Kafka: fetched once into the user's cache, and checked against committed sums at every start.

`kafka.sha256` beside this file lists every jar as `sha256  group:artifact:version`. Because the whole closure is pinned
there, nothing is resolved at run time: each jar is fetched by its coordinates, and a repository that serves other bytes
than the ones we reviewed is refused.
"""

import fcntl
import hashlib
import os
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.embedded.progress import Report, silent

if TYPE_CHECKING:
    from jgo.maven import MavenContext

KAFKA = "org.apache.kafka:kafka_2.13:4.3.0"
LOCK_FILE = Path(__file__).with_name("kafka.sha256")
DOWNLOADS_AT_ONCE = 6  # enough to hide latency, few enough to stay a polite client
FETCH_ATTEMPTS = 3  # a connection that drops in the middle of 43 MB is ordinary; a third failure is not


class JarsUnavailable(RuntimeError):
    """The jars of Kafka could not be fetched, or are not the ones whose sums we committed."""


@dataclass(frozen=True)
class Jar:
    """One line of the lock file."""

    sha256: str
    group: str
    artifact: str
    version: str

    @property
    def path(self) -> Path:
        """Where the jar stands inside a Maven repository."""
        return Path(*self.group.split("."), self.artifact, self.version, f"{self.artifact}-{self.version}.jar")


def locked_jars() -> tuple[Jar, ...]:
    """Every jar of the committed lock file."""
    lines = (line.split() for line in LOCK_FILE.read_text().splitlines() if line and not line.startswith("#"))
    return tuple(Jar(sha256, *coordinates.split(":")) for sha256, coordinates in lines)


def cache_folder() -> Path:
    """The user's cache (TOCSIN_CACHE, XDG_CACHE_HOME or ~/.cache): jars outlive any one state folder."""
    if chosen := os.environ.get("TOCSIN_CACHE"):
        return Path(chosen).resolve()
    home = os.environ.get("XDG_CACHE_HOME")
    return (Path(home) if home else Path.home() / ".cache") / "tocsin"


def class_path(report: Report = silent) -> str:
    """The Java class path of Kafka, after fetching what is missing and checking every sum."""
    folder = cache_folder() / "jars"
    jars = locked_jars()
    if missing := [jar for jar in jars if not _is_intact(folder / jar.path, jar)]:
        with _only_one_fetching(folder):
            # Another process may have fetched them while we waited for the lock.
            missing = [jar for jar in missing if not _is_intact(folder / jar.path, jar)]
            _fetch(missing, folder, report)
    return os.pathsep.join(str(folder / jar.path) for jar in jars)


def _is_intact(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except FileNotFoundError:
        return False


@contextmanager
def _only_one_fetching(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fetch(missing: list[Jar], folder: Path, report: Report) -> None:
    from jgo.maven import MavenContext  # noqa: PLC0415 - a third of a second, which a start with a warm cache saves

    _trust_what_this_machine_trusts()
    context = MavenContext(repo_cache=folder)
    with ThreadPoolExecutor(DOWNLOADS_AT_ONCE) as pool:
        pending = [pool.submit(_fetch_one, context, jar, folder) for jar in missing]
        for done, future in enumerate(as_completed(pending), start=1):
            report("Fetching Apache Kafka", done=done, total=len(missing), item=future.result())


def _trust_what_this_machine_trusts() -> None:
    """Let jgo's HTTP client use the machine's certificates: it would look only at its own, and so fail behind the
    inspecting proxies that public agencies have. What is fetched is checked by its sum in any case.
    """
    paths = ssl.get_default_verify_paths()
    if trusted := os.environ.get("PIP_CERT") or paths.cafile or paths.capath:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", trusted)


def _fetch_one(context: "MavenContext", jar: Jar, folder: Path) -> str:
    name = f"{jar.artifact} {jar.version}"
    cause: Exception | None = None
    for _ in range(FETCH_ATTEMPTS):
        (folder / jar.path).unlink(missing_ok=True)  # a broken download would be taken for the real thing
        try:
            context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
        except (OSError, RuntimeError) as error:  # what jgo and its HTTP client raise
            cause = error
            continue
        if _is_intact(folder / jar.path, jar):
            return name
        (folder / jar.path).unlink()
        raise JarsUnavailable(f"{name} was fetched, but its SHA-256 sum is not the committed one: it was thrown away.")
    raise JarsUnavailable(f"{name} could not be fetched. Is there a way to the Maven repository?") from cause
