"""Attempts: list them, show their results, fetch what was submitted, give feedback."""

from http import HTTPStatus

from milepost.usecases.actor import Actor
from milepost.usecases.give_feedback import find_feedback, give_feedback
from milepost.usecases.list_submissions import SubmissionFilter, list_submissions
from milepost.usecases.show_submission import find_submission, show_submission
from milepost.web.api.handler import ApiHandler
from milepost.web.operation import ARCHIVE, Blob, operation
from milepost.web.schemas.submissions import (
    FeedbackDocument,
    SubmissionDetail,
    SubmissionPage,
    SubmissionQuery,
)

_MISSING = (HTTPStatus.NOT_FOUND,)


class SubmissionsHandler(ApiHandler):
    """/submissions."""

    @operation(
        "One's own attempts, or those of the courses one teaches",
        query=SubmissionQuery,
        response=SubmissionPage,
    )
    def get(self, actor: Actor, query: SubmissionQuery) -> SubmissionPage:
        """Return a part of the list."""
        wanted = SubmissionFilter(query.course, query.project, query.username, query.latest)
        page = list_submissions(self.deps, actor, wanted, before=query.last_seen, limit=query.limit)
        return SubmissionPage.of(page, self.web.api_prefix)


class SubmissionHandler(ApiHandler):
    """/submissions/{submission_id}."""

    @operation("One attempt with its results per step", response=SubmissionDetail, errors=_MISSING)
    def get(self, submission_id: int, actor: Actor) -> SubmissionDetail:
        """Return the attempt."""
        view = show_submission(self.deps, actor, submission_id)
        return SubmissionDetail.shown(view, self.web.api_prefix)


class SubmittedFilesHandler(ApiHandler):
    """/submissions/{submission_id}/archive."""

    @operation("Fetch what was submitted", response=ARCHIVE, errors=_MISSING)
    def get(self, submission_id: int, actor: Actor) -> Blob:
        """Return the archive."""
        return Blob(find_submission(self.deps, actor, submission_id).sha256)


class FeedbackHandler(ApiHandler):
    """/submissions/{submission_id}/feedback."""

    @operation("Fetch the instructor's feedback", response=ARCHIVE, errors=_MISSING)
    def get(self, submission_id: int, actor: Actor) -> Blob:
        """Return the archive of HTML files."""
        return Blob(find_feedback(self.deps, actor, submission_id))

    @operation(
        "Attach feedback to an attempt (instructors)",
        body=ARCHIVE,
        response=FeedbackDocument,
        errors=_MISSING,
    )
    def put(self, submission_id: int, actor: Actor, body: bytes) -> FeedbackDocument:
        """Return that it was attached."""
        sha256 = give_feedback(self.deps, actor, submission_id, body)
        return FeedbackDocument(id=submission_id, feedback=sha256)
