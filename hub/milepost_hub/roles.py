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
    """Every role, as `c.JupyterHub.load_roles` takes them."""
    teaching = [teach(course) for course in courses]
    return [
        {"name": "user", "scopes": ["self", ACCESS, LEARN]},
        {
            # A server's token is capped by what its owner may do, so that these
            # teaching scopes are an instructor's only.
            "name": "server",
            "scopes": [
                "users:activity!user",
                "access:servers!server",
                ACCESS,
                LEARN,
                *teaching,
            ],
        },
        {
            "name": "milepost-admin",
            "description": "Teaches every course",
            "scopes": [ACCESS, LEARN, *teaching],
            "users": [settings.admin],
        },
        *(
            {
                "name": f"instructor-{course}",
                "description": f"Teaches {course}",
                "scopes": [ACCESS, LEARN, teach(course)],
                "groups": [instructors_of(course)],
            }
            for course in courses
        ),
        {
            "name": "milepost-service",
            "description": "Knows users and their groups, and enrols learners",
            "scopes": ["list:users", "read:users", "groups", "read:groups"],
            "services": ["milepost"],
        },
        {
            "name": "idle-culler",
            "description": "Stops servers that nobody uses",
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
            "services": ["idle-culler"],
        },
    ]
