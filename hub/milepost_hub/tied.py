"""Run a command that ends when the process that started it ends, however that ends.

    python -I -S tied.py --log FILE COMMAND [ARGUMENT ...]

The Hub's proxy and services are started this way, so that `kill -9` of the Hub leaves neither
of them behind holding a port. Only the standard library is used: it starts in milliseconds.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
LOG_MODE = 0o600


def tie_to_parent(sig: signal.Signals = signal.SIGTERM) -> None:
    """Have the kernel send `sig` to this process when its parent dies (prctl(2))."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(sig), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")


def main() -> None:
    """Send the output to the log, tie the process to its parent and become the command."""
    flag, log, *command = sys.argv[1:]
    if flag != "--log" or not command:
        sys.exit("usage: tied.py --log FILE COMMAND [ARGUMENT ...]")
    descriptor = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, LOG_MODE)  # noqa: PTH
    os.dup2(descriptor, sys.stdout.fileno())
    os.dup2(descriptor, sys.stderr.fileno())
    tie_to_parent()
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
