"""Starts one server so that it cannot outlive us: run as `python -I -S tether.py PARENT SIGNAL USER COMMAND...`.

Between fork and exec we would otherwise have to run Python in a half-copied process (`preexec_fn`), which can deadlock
when other threads hold locks; a fresh interpreter of 15 ms has none. On Linux the kernel sends SIGNAL when the parent
dies, even by SIGKILL; elsewhere the next start on the same state folder finds the orphan by its note (see process.py).
"""

import ctypes
import os
import pwd
import sys

PR_SET_PDEATHSIG = 1  # from linux/prctl.h


def main() -> None:
    """Become USER ("-" for no change), bind our life to the parent's, and turn into COMMAND."""
    parent, signal_number, user, *command = sys.argv[1:]
    if user != "-":
        entry = pwd.getpwnam(user)
        os.setgroups([])
        os.setgid(entry.pw_gid)
        os.setuid(entry.pw_uid)
    if sys.platform == "linux":
        # After setuid: the kernel forgets this setting when credentials change.
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal_number))
    if os.getppid() != int(parent):
        sys.exit("the process that wanted this server has gone")
    os.execv(command[0], command)  # noqa: S606 - the command is our own, and no shell is wanted


if __name__ == "__main__":
    main()
