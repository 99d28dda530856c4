"""One platform at a time in one MILEPOST_HOME."""

import fcntl
import os
import time
from pathlib import Path

from milepost_hub.errors import SetupError


class HomeLock:
    """Held by the launcher and by the Hub that it starts, until both have ended.

    The kernel lets go of it when they end, however they end.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / "lock"
        self.descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)  # noqa: PTH

    def take(self, holder: str, patience: float = 20) -> None:
        """Take the lock, or raise SetupError that says who holds it.

        Waits `patience` seconds for one that is on its way out.
        """
        deadline = time.monotonic() + patience
        while not self._try():
            if time.monotonic() >= deadline:
                raise SetupError(
                    f"Another Milepost runs in {self._file.parent}: {self._holder()}. "
                    "Use that one, end it, or choose another with MILEPOST_HOME=/some/folder."
                )
            time.sleep(0.2)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(self.descriptor, holder.encode(), 0)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> str:
        return os.pread(self.descriptor, 1000, 0).decode(errors="replace") or "it is just starting"
