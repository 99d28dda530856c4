"""Who asks, and what JupyterHub's scopes let them do."""

from dataclasses import dataclass

from milepost.domain.errors import ForbiddenError


@dataclass(frozen=True)
class Actor:
    """A person the Hub vouches for. `teaches` holds the slugs of the courses they instruct."""

    username: str
    learns: bool = True
    teaches: frozenset[str] = frozenset()
    admin: bool = False
    email: str | None = None

    def must_learn(self) -> None:
        """Raise ForbiddenError unless this person may learn here."""
        if not self.learns:
            raise ForbiddenError("Only learners may do this; ask your Hub's admin for access.")

    def must_teach(self, course: str) -> None:
        """Raise ForbiddenError unless this person is an instructor of `course`."""
        if course not in self.teaches:
            raise ForbiddenError(f"Only instructors of the course {course} may do this.")
