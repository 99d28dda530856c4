"""nbgrader's gradebook, through its own API."""

from collections.abc import Mapping
from dataclasses import dataclass

from nbgrader.api import Gradebook, InvalidEntry


@dataclass(frozen=True)
class Entry:
    """Where one submission stands in a gradebook."""

    url: str
    course: str
    project: str
    notebook: str
    username: str

    def _open(self) -> Gradebook:
        return Gradebook(self.url, self.course)

    def ensure_student(self) -> None:
        """Add the learner at first sight; two gradings at once may both try to."""
        with self._open() as gradebook:
            try:
                gradebook.update_or_create_student(self.username)
            except InvalidEntry:
                gradebook.find_student(self.username)

    def scores(self) -> dict[str, float]:
        """Return the automatic score of each graded cell, by grade id."""
        with self._open() as gradebook:
            found = gradebook.find_submission_notebook(self.notebook, self.project, self.username)
            return {grade.name: float(grade.auto_score or 0.0) for grade in found.grades}

    def maxima(self) -> Mapping[str, float]:
        """Return the points of each graded cell, by grade id, in the order of their names."""
        with self._open() as gradebook:
            found = gradebook.find_notebook(self.notebook, self.project)
            return {cell.name: float(cell.max_score) for cell in found.grade_cells}

    def record_zero(self, submitted_at: str) -> None:
        """Record a submission that could not be run: no points for any graded cell."""
        with self._open() as gradebook:
            gradebook.update_or_create_submission(
                self.project, self.username, timestamp=submitted_at
            )
            found = gradebook.find_submission_notebook(self.notebook, self.project, self.username)
            for grade in found.grades:
                grade.auto_score = 0.0
                grade.needs_manual_grade = False
            gradebook.db.commit()
