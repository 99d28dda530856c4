"""One platform at a time in one MILEPOST_HOME."""

import fcntl
import json
import os
import time
from pathlib import Path

from milepost_hub import processes
from milepost_hub.errors import SetupError

MOST_BYTES = 1000


class HomeLock:
    """Held by the launcher and by the Hub that it starts, until both have ended.

    The kernel lets go of it when they end, however they end.
    """

    def __init__(self, home: Path) -> None:
        self._file = home / "lock"
        self.descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)

    def take(self, url: str, patience: float = 60) -> bool:
        """Take the lock, or raise SetupError that says who holds it.

        Waits `patience` seconds for a holder that is on its way out. Whether the last one ended in
        good order; of one that did not, something may still be about to end.
        """
        deadline = time.monotonic() + patience
        while not self._try():
            holder = self._holder()
            if not _is_leaving(holder) or time.monotonic() >= deadline:
                raise SetupError(
                    f"Another Milepost runs in {self._file.parent}: process {holder.get('pid')}, "
                    f"{holder.get('url')}. Use that one, end it, or choose another folder with "
                    "MILEPOST_HOME=/some/folder."
                )
            time.sleep(0.2)
        in_order = bool(self._holder().get("leaving"))
        self._write(url, leaving=False)
        return in_order

    def leave(self, url: str) -> None:
        """Say that the holder is about to end, so that the next one waits for it."""
        self._write(url, leaving=True)

    def _try(self) -> bool:
        try:
            fcntl.flock(self.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _write(self, url: str, *, leaving: bool) -> None:
        pid = os.getpid()
        holder = {"pid": pid, "born": processes.birth(pid), "url": url, "leaving": leaving}
        text = json.dumps(holder).encode()
        os.pwrite(self.descriptor, text, 0)
        os.ftruncate(self.descriptor, len(text))

    def _holder(self) -> dict[str, object]:
        text = os.pread(self.descriptor, MOST_BYTES, 0)
        try:
            holder: dict[str, object] = json.loads(text)
        except ValueError:
            # It has the lock and has not said yet who it is.
            return {"leaving": True}
        return holder


def _is_leaving(holder: dict[str, object]) -> bool:
    pid, born = holder.get("pid"), holder.get("born")
    alive = isinstance(pid, int) and isinstance(born, str) and processes.is_alive(pid, born)
    return bool(holder.get("leaving")) or not alive
