"""A database as it is after a term: every learner has progress with every project."""

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime

from milepost.adapters.sql.store import SqlStore
from milepost.domain.progress import Progress, after_grade, after_visit

from tests.support.platform import Platform

MINUTE = 60
PASS_PERCENT = 80


def fill_progress(platform: Platform, usernames: Sequence[str]) -> int:
    """Give each learner progress with each project, through the store; return the row count."""
    now = datetime.now(UTC)
    url = f"sqlite:///{platform.home / 'milepost' / 'milepost.sqlite'}"
    with closing(SqlStore(url)) as store, store.transaction() as tx:
        projects = [row.id for row in tx.catalogue.projects()]
        for number, name in enumerate(usernames):
            tx.users.ensure(name, at=now)
            for project in projects:
                visited = after_visit(Progress(), (number % 90) * MINUTE, now)
                progress = after_grade(visited, number % 101, PASS_PERCENT, now)
                tx.progress.save(name, project, progress)
    return len(usernames) * len(projects)
