"""Writes `kafka.sha256` again: `python -m deploy.embedded lock`, after changing the version in jars.py.

Resolves Kafka and everything it needs at run time, fetches it, and notes the sums for review.
"""

import hashlib
import tempfile
from pathlib import Path

import jgo
from jgo.maven import MavenContext

from deploy.embedded.jars import KAFKA, LOCK_FILE
from deploy.embedded.progress import Report

LOG_BINDING = "org.apache.logging.log4j:log4j-slf4j-impl"  # without it the broker cannot write a log


def write_lock(report: Report) -> None:
    """Resolve, fetch into a folder of its own, and write the sums."""
    wanted = {(found.groupId, found.artifactId, found.version) for found in jgo.resolve(KAFKA)}
    log4j = next(version for _, artifact, version in wanted if artifact == "log4j-core")
    group, artifact = LOG_BINDING.split(":")
    wanted.add((group, artifact, log4j))
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder))
        for done, (group, artifact, version) in enumerate(sorted(wanted), start=1):
            jar = context.project(group, artifact).at_version(version).artifact().resolve()
            lines.append(f"{hashlib.sha256(jar.read_bytes()).hexdigest()}  {group}:{artifact}:{version}\n")
            report("Locking", done=done, total=len(wanted), item=artifact)
    LOCK_FILE.write_text(
        f"# {KAFKA} and all it needs at run time. Made by: python -m deploy.embedded lock\n" + "".join(lines)
    )
