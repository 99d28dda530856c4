"""Release a project to learners."""

from milepost.domain.errors import NotFoundError
from milepost.ports.store import ProjectRow, ReleaseRow, Transaction
from milepost.usecases.actor import Actor
from milepost.usecases.checked_archive import checked
from milepost.usecases.deps import Deps
from milepost.usecases.project_view import project_row


def release(deps: Deps, actor: Actor, course: str, slug: str, archive: bytes) -> ReleaseRow:
    """Make `archive` what learners get of a project, in place of an earlier release.

    Raises ForbiddenError, InvalidError, TooLargeError, and NotFoundError for a project that is not
    in the catalogue: prerequisites, steps and points come from the course's sources.
    """
    actor.must_teach(course)
    with deps.store.reading() as tx:
        row = _known(tx, course, slug)
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


def _known(tx: Transaction, course: str, slug: str) -> ProjectRow:
    try:
        return project_row(tx, course, slug)
    except NotFoundError as error:
        raise NotFoundError(
            f"{error} Projects come from the course's sources: add source/{slug} and list it in "
            f"course.yml, have `milepost course build {course}` run, then release again."
        ) from error
