"""Two small courses, one of whose authors is hostile."""

from datetime import UTC, datetime

from milepost.domain.attempts import CheckResult, Outcome, StepResult, Verdict
from milepost.domain.catalogue import Concept, Course, Phase, Project, RealWorldMapping, Step

HOSTILE = "<script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"


def _project(number: int, slug: str, title: str, **rest: object) -> Project:
    values: dict[str, object] = {
        "number": number,
        "slug": slug,
        "title": title,
        "description": f"You build **{title}**, in `app/main.py`.",
        "phase": "basics",
        "difficulty": 1,
        "minutes": 45,
        "prerequisites": (),
        "concepts": ("http-routing",),
        "notebook": "project.ipynb",
        "editable": ("app/*.py",),
        "steps": (
            Step("hello", "Say hello", 5, "http-routing#routes", ("Look at `app`.", "Return it.")),
            Step("status", "Answer with a status", 5, "http-routing#status", ("201?",)),
        ),
        "applications": ("Every web shop answers requests like these.",),
    }
    return Project(**values | rest)  # type: ignore[arg-type]


CONCEPTS = (
    Concept(
        "http-routing",
        "HTTP routing",
        "Which code answers which address.",
        "concepts/http-routing",
        ("status-codes",),
        mappings=(
            RealWorldMapping("Wikipedia", "Routes", "Knowledge", "https://example.org/w", 4),
            RealWorldMapping("Evil Inc", "Clicks", "Crime", "javascript:alert(1)", 5),
        ),
    ),
    Concept("status-codes", "Status codes", "What the three digits say.", "concepts/status-codes"),
)

COURSE = Course(
    slug="backend",
    title="Back-end engineering",
    description="From a first route to a service.",
    phases=(Phase("basics", "A", "Basics"), Phase("data", "B", "Data")),
    projects=(
        _project(1, "first-server", "A first server"),
        _project(
            2,
            "second-server",
            "A second server",
            prerequisites=("first-server",),
            difficulty=2,
            minutes=90,
            concepts=("http-routing", "status-codes"),
        ),
        _project(3, "sql-store", "A store in SQL", phase="data", prerequisites=("second-server",)),
    ),
)

HOSTILE_COURSE = Course(
    slug="hostile",
    title=f"Hostile {HOSTILE}",
    description=f"{HOSTILE} [click](javascript:alert(1))",
    phases=(Phase("x", "X", HOSTILE),),
    projects=(
        _project(
            1,
            "hostile-project",
            f"Hostile {HOSTILE}",
            description=HOSTILE,
            phase="x",
            steps=(Step("s", HOSTILE, 1, "http-routing#x", (HOSTILE,)),),
            applications=(HOSTILE,),
        ),
    ),
)


def outcome(
    *,
    hello: bool,
    status: bool,
    message: str = "expected 201, got 200",
    flags: tuple[str, ...] = (),
) -> Outcome:
    """Return what a judge may find of a project of COURSE."""

    def step(slug: str, title: str, *, passed: bool) -> StepResult:
        visible = CheckResult(slug, False, passed, 2 if passed else 0, 2, "" if passed else message)
        hidden = CheckResult(f"{slug}-hidden", True, passed, 3 if passed else 0, 3, "")
        return StepResult(slug, title, f"http-routing#{slug}", (visible, hidden))

    steps = (
        step("hello", "Say hello", passed=hello),
        step("status", "Answer with a status", passed=status),
    )
    verdict = Verdict.PASSED if hello and status else Verdict.FAILED
    return Outcome(verdict, steps, flags=flags)


def at(minute: int) -> datetime:
    """Return an instant of the tests' day."""
    return datetime(2026, 11, 22, 12, minute, tzinfo=UTC)
