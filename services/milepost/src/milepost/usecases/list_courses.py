"""List the courses somebody learns or teaches."""

from dataclasses import dataclass

from milepost.ports.store import CourseRow
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps


@dataclass(frozen=True)
class CourseView:
    """A course, and whether the actor instructs it."""

    row: CourseRow
    instructor: bool


def list_courses(deps: Deps, actor: Actor) -> list[CourseView]:
    """Return the actor's courses, by slug: every course for who learns, else those they teach."""
    with deps.store.reading() as tx:
        rows = tx.catalogue.courses()
    views = [CourseView(row, row.slug in actor.teaches) for row in rows]
    return [view for view in views if view.instructor or actor.learns]
