"""Projects and their concepts."""

from http import HTTPStatus

from milepost.usecases.actor import Actor
from milepost.usecases.browse import ProjectFilter, browse
from milepost.usecases.show_project import show_concepts, show_project
from milepost.web.addresses import open_url
from milepost.web.api.handler import ApiHandler
from milepost.web.operation import operation
from milepost.web.schemas.projects import (
    CaseList,
    ConceptList,
    ProjectDetail,
    ProjectPage,
    ProjectQuery,
)

_MISSING = (HTTPStatus.NOT_FOUND,)


class ProjectsHandler(ApiHandler):
    """/projects."""

    @operation("Projects, with one's own state and score", query=ProjectQuery, response=ProjectPage)
    def get(self, actor: Actor, query: ProjectQuery) -> ProjectPage:
        """Return a part of the list."""
        wanted = ProjectFilter(query.course, query.phase, query.concept, query.difficulty, query.q)
        page = browse(self.deps, actor, wanted, after=query.last_seen, limit=query.limit)
        return ProjectPage.of(page)


class ProjectHandler(ApiHandler):
    """/projects/{project_id}."""

    @operation("One project with its steps", response=ProjectDetail, errors=_MISSING)
    def get(self, project_id: int, actor: Actor) -> ProjectDetail:
        """Return the project."""
        view = show_project(self.deps, actor, project_id)
        return ProjectDetail.shown(view, open_url(self.services, view.row))


class ConceptsHandler(ApiHandler):
    """/projects/{project_id}/concept."""

    @operation("The concepts that a project exercises", response=ConceptList, errors=_MISSING)
    def get(self, project_id: int, actor: Actor) -> ConceptList:
        """Return the concepts."""
        return ConceptList.of(show_concepts(self.deps, actor, project_id))


class CasesHandler(ApiHandler):
    """/projects/{project_id}/cases."""

    @operation("Where the world uses a project's concepts", response=CaseList, errors=_MISSING)
    def get(self, project_id: int, actor: Actor) -> CaseList:
        """Return the cases."""
        return CaseList.of(show_concepts(self.deps, actor, project_id))
