"""Release a course: its catalogue into the store, its projects' releases to learners."""

from dataclasses import dataclass

from milepost.ports.courses import BuiltRelease, CourseBuilder, CourseSource
from milepost.ports.store import ReleaseRow
from milepost.usecases.deps import Deps


@dataclass(frozen=True)
class Build:
    """What a build did, by project slug."""

    course: str
    released: tuple[str, ...]
    unchanged: tuple[str, ...]


def build_course(deps: Deps, source: CourseSource, builder: CourseBuilder) -> Build:
    """Build every project, then put catalogue and releases into the store in one transaction.

    A project whose source did not change since it was built keeps the release it has, also one
    that an instructor replaced or withdrew since. Raises AuthoringError; then nothing is stored.
    """
    built = {one.project.slug: builder.build(source, one) for one in source.projects}
    digests = {slug: deps.blobs.put(release.archive) for slug, release in built.items()}
    course = source.course.slug
    with deps.store.transaction() as tx:
        known = {row.project.slug for row in tx.catalogue.projects(course=course)}
        tx.catalogue.put(source.course, source.concepts)
        released = [slug for slug in built if built[slug].changed or slug not in known]
        for row in tx.catalogue.projects(course=course):
            slug = row.project.slug
            if slug in released:
                tx.releases.put(_release(deps, row.id, digests[slug], built[slug]))
    for one in source.projects:
        builder.settle(source, one)
    unchanged = [slug for slug in built if slug not in released]
    return Build(course, tuple(released), tuple(unchanged))


def _release(deps: Deps, project_id: int, sha256: str, built: BuiltRelease) -> ReleaseRow:
    return ReleaseRow(project_id, sha256, len(built.archive), built.files, deps.now())
