"""A learner's place in the gradebook and the course's folders: the newest attempt's, no older's."""

import fcntl
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from io import TextIOWrapper
from typing import Self

from milepost.adapters.nbgrader.course_root import CourseRoot
from milepost.ports.judge import GradeRequest, JudgeError, JudgeUnavailableError

_PATIENCE = 30
"""Seconds to wait for another grading of the same learner and project to write what it found."""
_LOOK_EVERY = 0.1


class Turn:
    """A context manager: within it nobody else writes of this learner and project.

    A worker may be stopped for minutes and go on when its attempt has been graded by another
    one, and newer attempts too. The database refuses what it then reports, by the job's fence;
    this refuses what it would write before that.
    """

    def __init__(self, root: CourseRoot, request: GradeRequest) -> None:
        self._request = request
        folder = root.workshop / "turns" / request.username
        self._path = folder / f"{request.project.slug}.json"
        self._file: TextIOWrapper | None = None

    def __enter__(self) -> Self:
        """Take the turn. Raises JudgeError where a newer attempt had it since."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a+", encoding="utf-8")
        try:
            self._lock(file)
            self._refuse_older(file)
            file.truncate(0)
            json.dump(
                {"attempt": self._request.attempt_id, "submitted": self._request.submitted_at}, file
            )
            file.flush()
        except BaseException:
            file.close()
            raise
        self._file = file
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()  # and with it goes the lock
            self._file = None

    @contextmanager
    def let_go(self) -> Iterator[None]:
        """Let others have the turn while the block runs. Raises JudgeError as at its begin."""
        self.__exit__()
        yield
        self.__enter__()

    def _lock(self, file: TextIOWrapper) -> None:
        end = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > end:
                    raise JudgeUnavailableError(f"{self._path} is locked for too long.") from None
                time.sleep(_LOOK_EVERY)
            else:
                return

    def _refuse_older(self, file: TextIOWrapper) -> None:
        file.seek(0)
        text = file.read()
        if not text:
            return
        kept, mine = json.loads(text), self._request
        # By both: in a database that was made anew numbers begin again, and time does not.
        later = datetime.fromisoformat(kept["submitted"]) >= datetime.fromisoformat(
            mine.submitted_at
        )
        if kept["attempt"] > mine.attempt_id and later:
            raise JudgeError(
                f"Attempt {mine.attempt_id} is older than attempt {kept['attempt']}, which has "
                "been graded since."
            )
