"""Where nbgrader finds a course: its root folder, its gradebook, its configuration."""

from dataclasses import dataclass
from pathlib import Path

from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

# Not a learner's business, in whichever folder it lies.
IGNORED = ["project.yml"]


@dataclass(frozen=True)
class CourseRoot:
    """One course's folder below `MILEPOST_HOME`/courses and the URL of its gradebook."""

    slug: str
    folder: Path
    gradebook_url: str

    @property
    def source(self) -> Path:
        """The built sources, hidden tests included."""
        return self.folder / "source"

    @property
    def release(self) -> Path:
        """What learners get."""
        return self.folder / "release"

    @property
    def submitted(self) -> Path:
        """Submissions as they came, a folder a learner."""
        return self.folder / "submitted"

    @property
    def autograded(self) -> Path:
        """Submissions as they were graded, a folder a learner."""
        return self.folder / "autograded"

    @property
    def workshop(self) -> Path:
        """Ours: stamps of builds, and folders of work under way, on the same file system."""
        return self.folder / ".milepost"

    def config(self, work: Path, project: str) -> Config:
        """Return the nbgrader configuration to convert one project in the folder `work`."""
        config = Config()
        config.CourseDirectory.course_id = self.slug
        config.CourseDirectory.assignment_id = project
        config.CourseDirectory.root = str(work)
        config.CourseDirectory.db_url = self.gradebook_url
        config.CourseDirectory.ignore = [*CourseDirectory().ignore, *IGNORED]
        return config


@dataclass(frozen=True)
class CourseRoots:
    """All course roots: `gradebook_url` holds `{course}` where the slug goes."""

    folder: Path
    gradebook_url: str

    def of(self, slug: str) -> CourseRoot:
        """Return the root of one course, whether or not it has been built."""
        url = self.gradebook_url.replace("{course}", slug)
        return CourseRoot(slug, self.folder / slug, url)
