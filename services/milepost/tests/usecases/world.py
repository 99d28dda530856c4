"""The ports, a clock that the test moves, and two people."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from milepost.domain.attempts import Outcome
from milepost.domain.progress import after_grade
from milepost.usecases.actor import Actor
from milepost.usecases.deps import Deps

ADA = Actor("ada")
INES = Actor("ines", teaches=frozenset({"backend"}))


@dataclass
class Clock:
    """Tells what the test says the time is."""

    at: datetime = field(default_factory=lambda: datetime(2026, 11, 22, 12, tzinfo=UTC))

    def __call__(self) -> datetime:
        return self.at

    def pass_seconds(self, seconds: float) -> None:
        """Move on."""
        self.at += timedelta(seconds=seconds)


@dataclass
class World:
    """The ports, the clock, a learner and an instructor of the course `backend`."""

    deps: Deps
    clock: Clock
    ada: Actor = ADA
    ines: Actor = INES

    def project_id(self, slug: str) -> int:
        """Return the id of a project of the course."""
        with self.deps.store.reading() as tx:
            row = tx.catalogue.project_by_slug("backend", slug)
        assert row is not None
        return row.id

    def grade(self, attempt_id: int, outcome: Outcome) -> None:
        """Record an outcome as the worker does."""
        with self.deps.store.transaction() as tx:
            attempt = tx.attempts.get(attempt_id)
            assert attempt is not None
            tx.attempts.record(attempt_id, outcome, self.clock())
            before = tx.progress.get(attempt.username, attempt.project_id)
            after = after_grade(before, outcome.percent, 80, self.clock())
            tx.progress.save(attempt.username, attempt.project_id, after)
