"""Every address of the API, as the OpenAPI document writes it."""

import re

from milepost.web.api import account, described, events, exchange, progress, projects, submissions
from milepost.web.api.handler import ApiHandler

PARTS = {
    "project_id": r"[0-9]{1,18}",
    "submission_id": r"[0-9]{1,18}",
    "course": r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}",
    "project": r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}",
}
"""What may stand for the parts of a path; ids are numbers, the others slugs."""

_RELEASED = "/courses/{course}/projects"
_SUBMISSION = "/submissions/{submission_id}"

ROUTES: dict[str, type[ApiHandler]] = {
    "/auth/me": account.MeHandler,
    "/courses": account.CoursesHandler,
    "/projects": projects.ProjectsHandler,
    "/projects/{project_id}": projects.ProjectHandler,
    "/projects/{project_id}/concept": projects.ConceptsHandler,
    "/projects/{project_id}/cases": projects.CasesHandler,
    "/progress": progress.ProgressHandler,
    "/progress/stats": progress.StatsHandler,
    _RELEASED: exchange.ReleasedHandler,
    f"{_RELEASED}/{{project}}/archive": exchange.ReleaseHandler,
    f"{_RELEASED}/{{project}}/submissions": exchange.SubmitHandler,
    "/submissions": submissions.SubmissionsHandler,
    _SUBMISSION: submissions.SubmissionHandler,
    f"{_SUBMISSION}/archive": submissions.SubmittedFilesHandler,
    f"{_SUBMISSION}/feedback": submissions.FeedbackHandler,
    "/events": events.EventsHandler,
    "/health": account.HealthHandler,
    "/ready": account.ReadyHandler,
    "/openapi.json": described.OpenApiHandler,
}


def pattern(path: str) -> str:
    """Return a path of ROUTES as a regular expression with a named group a part."""
    pieces = re.split(r"\{(\w+)\}", path)
    return "".join(
        f"(?P<{piece}>{PARTS[piece]})" if index % 2 else re.escape(piece)
        for index, piece in enumerate(pieces)
    )
