"""A small course, a learner, a grade: what the store's tests are made of."""

from dataclasses import replace
from datetime import UTC, datetime

from milepost.domain.attempts import CheckResult, Outcome, StepResult, Verdict
from milepost.domain.catalogue import (
    Concept,
    Course,
    Isolation,
    Phase,
    Project,
    RealWorldMapping,
    Step,
)
from milepost.ports.store import AttemptRow, Store, Transaction

NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=UTC)
SHA = "ab" * 32

CONCEPTS = (
    Concept(
        slug="routes",
        name="Routes",
        description="Which function answers.",
        documentation_path="concepts/routes.md",
        related=("status-codes", "json"),
        career=("back-end engineer",),
        mappings=(
            RealWorldMapping(
                "Beta", "Versions its API", "travel", "https://b.example/", 5, "x = 1"
            ),
            RealWorldMapping("Acme", "Serves its shop", "retail", "https://a.example/", 3),
        ),
    ),
    Concept("json", "JSON", "Plain data.", "concepts/json.md"),
    Concept("status-codes", "Status codes", "How it went.", "concepts/status.md", ("routes",)),
)


def project(number: int, slug: str, **changes: object) -> Project:
    base = Project(
        number=number,
        slug=slug,
        title=f"Project {slug}",
        description="Build it.",
        phase="basics",
        difficulty=2,
        minutes=45,
        prerequisites=(),
        concepts=("routes", "json"),
        notebook="project.ipynb",
        editable=("app/*.py", "README.md"),
        steps=(
            Step("hello", "Say hello", 2.0, "routes#path", ("a", "b", "c")),
            Step("health", "Be healthy", 3.5, "json#object"),
        ),
        applications=("Every web shop.",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def course(*projects: Project, slug: str = "backend") -> Course:
    return Course(
        slug=slug,
        title="Back end",
        description="From the first route on.",
        phases=(Phase("basics", "A", "Basics"), Phase("data", "B", "Data")),
        projects=projects
        or (
            project(1, "server"),
            project(2, "api", prerequisites=("server",), phase="data"),
            project(3, "client", prerequisites=("api", "server"), concepts=("json",)),
        ),
        isolation=Isolation.SPLIT,
        pass_percent=75,
    )


def seed(store: Store, *usernames: str) -> int:
    """Store the sample course and the learners; return the first project's id."""
    with store.transaction() as tx:
        tx.catalogue.put(course(), CONCEPTS)
        for username in usernames:
            tx.users.ensure(username, at=NOW)
        found = tx.catalogue.project_by_slug("backend", "server")
    assert found is not None
    return found.id


def submit(tx: Transaction, project_id: int, *, username: str = "ada", key: str) -> AttemptRow:
    return tx.attempts.add(username=username, project_id=project_id, sha256=SHA, key=key, at=NOW)


def outcome(points: float = 2.0) -> Outcome:
    return Outcome(
        verdict=Verdict.FAILED,
        steps=(
            StepResult(
                "hello",
                "Say hello",
                "routes#path",
                (
                    CheckResult("hello", hidden=False, passed=True, points=points, max_points=2.0),
                    CheckResult(
                        "hello-hidden",
                        hidden=True,
                        passed=False,
                        points=0.0,
                        max_points=1.0,
                        message="Sent GET /, expected 200, got 500.",
                    ),
                ),
            ),
            StepResult("health", "Be healthy", "json#object", ()),
        ),
        message="One step to go.",
        tests_digest="t",
        sandbox_digest="s",
        seconds=0.8,
        flags=("slow",),
    )
