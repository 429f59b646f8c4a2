"""PostgreSQL refuses to run as root. When we are root (as in most containers) it runs under an account without rights."""

import os
import pwd
import shutil
import stat
import subprocess
from contextlib import suppress
from pathlib import Path

ACCOUNT = "pgserver"  # the name the wheel's own starter uses, so that both can share a machine
LAST_RESORT = "nobody"  # where accounts cannot be made


def account_for_servers() -> str | None:
    """The account PostgreSQL runs under: None for our own, which will do unless we are root."""
    if os.geteuid() != 0:
        return None
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT).pw_name
    useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if useradd:
        command = (useradd, "--system", "--no-create-home", "--shell", "/bin/false", ACCOUNT)
        # Another start may have made it between our look and now: the second look decides, not the exit code.
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - the words are ours
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT).pw_name
    return pwd.getpwnam(LAST_RESORT).pw_name


def make_reachable(*paths: Path, account: str) -> list[Path]:
    """Let `account` pass through (not list) the folders above each path; gives those that did not let it before."""
    uid = pwd.getpwnam(account).pw_uid
    opened = []
    for folder in dict.fromkeys(folder for path in paths for folder in path.parents):
        status = folder.stat()
        if not status.st_mode & stat.S_IXOTH and status.st_uid != uid:
            folder.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
            opened.append(folder)
    return opened
