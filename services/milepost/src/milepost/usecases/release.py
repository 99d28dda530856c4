"""Release a project to learners."""

from milepost.ports.store import ReleaseRow
from milepost.usecases.actor import Actor
from milepost.usecases.checked_archive import checked
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import project_row


def release(deps: Deps, actor: Actor, course: str, slug: str, archive: bytes) -> ReleaseRow:
    """Make `archive` what learners get of a project, in place of an earlier release.

    Raises ForbiddenError, NotFoundError, InvalidError, TooLargeError.
    """
    actor.must_teach(course)
    with deps.store.reading() as tx:
        row = project_row(tx, course, slug)
    entries = checked(archive)
    released = ReleaseRow(
        project_id=row.id,
        sha256=deps.blobs.put(archive),
        size=len(archive),
        files=len(entries),
        released_at=deps.now(),
    )
    with deps.store.transaction() as tx:
        tx.releases.put(released)
    return released
