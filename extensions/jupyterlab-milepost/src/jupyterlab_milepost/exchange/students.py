"""Which learners a command of the instructor is about."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from nbgrader.coursedir import CourseDirectory


@dataclass(frozen=True, slots=True)
class Students:
    """nbgrader's `--student` pattern and its list of excluded students."""

    pattern: str
    excluded: frozenset[str]

    @classmethod
    def of(cls, coursedir: CourseDirectory) -> Self:
        """Read what the command line or the configuration says."""
        excluded = coursedir.student_id_exclude.split(",")
        return cls(coursedir.student_id or "*", frozenset(name.strip() for name in excluded))

    def include(self, username: str) -> bool:
        """Say whether the command is about this learner."""
        return fnmatchcase(username, self.pattern) and username not in self.excluded
