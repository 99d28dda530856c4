"""Who may do what: Milepost's scopes and roles, in JupyterHub's own terms."""

from collections.abc import Sequence
from typing import Any

from milepost_hub.settings import Settings

LEARN = "custom:milepost:learn"
ACCESS = "access:services!service=milepost"


def teach(course: str) -> str:
    """Return the scope of a course's instructors."""
    return f"custom:milepost:teach:{course}"


def learners_of(course: str) -> str:
    """Return the group of a course's learners (the name is nbgrader's)."""
    return f"nbgrader-{course}"


def instructors_of(course: str) -> str:
    """Return the group of a course's instructors (the name is nbgrader's)."""
    return f"formgrade-{course}"


def custom_scopes(courses: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Milepost's own scopes, as `c.JupyterHub.custom_scopes` takes them."""
    scopes: dict[str, dict[str, Any]] = {
        LEARN: {"description": "Work on projects, submit them and see the own progress"}
    }
    for course in courses:
        description = f"Release projects of {course}, and see and grade all its submissions"
        scopes[teach(course)] = {"description": description}
    return scopes


def roles(settings: Settings, courses: Sequence[str]) -> list[dict[str, Any]]:
    """Every role, as `c.JupyterHub.load_roles` takes them.

    The Milepost service has none: it asks the Hub only about whoever signs in to it.
    """
    return [*_learning(courses), *_teaching(settings, courses), _tidying()]


def _learning(courses: Sequence[str]) -> list[dict[str, Any]]:
    """Return what every user may do, and their server in their name."""
    # A server's token is capped by what its owner may do, so that these
    # teaching scopes are an instructor's only.
    teaching = [teach(course) for course in courses]
    server = ["users:activity!user", "access:servers!server", ACCESS, LEARN, *teaching]
    return [
        {"name": "user", "scopes": ["self", ACCESS, LEARN]},
        {"name": "server", "scopes": server},
    ]


def _teaching(settings: Settings, courses: Sequence[str]) -> list[dict[str, Any]]:
    """Return what the administrator and each course's instructors may do as teachers."""
    everything = [ACCESS, LEARN, *(teach(course) for course in courses)]
    admin = {
        "name": "milepost-admin",
        "description": "Teaches every course",
        "scopes": everything,
        "users": [settings.admin],
    }
    instructors = [
        {
            "name": f"instructor-{course}",
            "description": f"Teaches {course}",
            "scopes": [ACCESS, LEARN, teach(course)],
            "groups": [instructors_of(course)],
        }
        for course in courses
    ]
    return [admin, *instructors]


def _tidying() -> dict[str, Any]:
    """Return what the service that stops idle servers may do."""
    return {
        "name": "idle-culler",
        "description": "Stops servers that nobody uses",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
