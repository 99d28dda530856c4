"""Which archive of a project learners get."""

from sqlalchemy import Row, delete, select

from milepost.adapters.sql.tables.catalogue import courses, projects, releases
from milepost.adapters.sql.unit import Unit
from milepost.ports.store import ReleaseRow


class SqlReleases:
    """Implements `Releases`."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    def put(self, release: ReleaseRow) -> None:
        """Release, or replace the release."""
        insert = self._unit.insert(releases).values(
            project_id=release.project_id,
            sha256=release.sha256,
            size=release.size,
            files=release.files,
            released_at=release.released_at,
        )
        replaced = {
            name: insert.excluded[name] for name in ("sha256", "size", "files", "released_at")
        }
        self._unit.connection.execute(
            insert.on_conflict_do_update(index_elements=["project_id"], set_=replaced)
        )

    def get(self, project_id: int) -> ReleaseRow | None:
        """Return the current release, or None."""
        query = select(releases).where(releases.c.project_id == project_id)
        row = self._unit.connection.execute(query).one_or_none()
        return None if row is None else _release(row)

    def all(self, course: str) -> list[ReleaseRow]:
        """Return the releases of the course's listed projects, by project number."""
        query = (
            select(releases)
            .join(projects, projects.c.id == releases.c.project_id)
            .join(courses, courses.c.id == projects.c.course_id)
            .where(courses.c.slug == course, projects.c.listed)
            .order_by(projects.c.project_number)
        )
        return [_release(row) for row in self._unit.connection.execute(query)]

    def remove(self, project_id: int) -> bool:
        """Unrelease; False when there was nothing."""
        result = self._unit.connection.execute(
            delete(releases).where(releases.c.project_id == project_id)
        )
        return result.rowcount == 1


def _release(row: Row[tuple[object, ...]]) -> ReleaseRow:
    return ReleaseRow(row.project_id, row.sha256, row.size, row.files, row.released_at)
