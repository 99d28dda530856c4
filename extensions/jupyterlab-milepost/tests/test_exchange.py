"""Each part of the exchange, over real HTTP."""

import os
from datetime import datetime
from pathlib import Path

import pytest
from jupyterlab_milepost.archive import inspect, pack_files
from jupyterlab_milepost.exchange import (
    ExchangeCollect,
    ExchangeFetchAssignment,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from nbgrader.api import Gradebook
from nbgrader.apps.api import NbGraderAPI
from nbgrader.exchange import ExchangeError
from traitlets.config import Config

COURSE = "backend-python"
FIRST = "2026-11-22 12:00:00.123456 UTC"
FILES = {"project.ipynb": b"{}", "app/main.py": b"# starter\n", "README.md": b"read me\n"}


@pytest.fixture
def ada(person, service):
    service.archives[COURSE, "p1"] = pack_files(FILES)
    return person("ada")


@pytest.fixture
def grace(person):
    return person("grace", instructor=True)


@pytest.fixture
def project(ada) -> Path:
    """Ada's copy of p1."""
    ada.run(ExchangeFetchAssignment, "p1")
    return ada.home / COURSE / "p1"


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class TestFetch:
    def test_brings_every_file(self, project):
        assert contents(project) == FILES

    def test_never_overwrites_what_is_there(self, ada, project):
        (project / "app" / "main.py").write_text("mine")
        with pytest.raises(ExchangeError, match="already have a copy"):
            ada.run(ExchangeFetchAssignment, "p1")
        assert (project / "app" / "main.py").read_text() == "mine"

    def test_replace_adds_only_what_is_missing(self, ada, project):
        (project / "app" / "main.py").write_text("mine")
        (project / "README.md").unlink()
        ada.run(ExchangeFetchAssignment, "p1", replace_missing_files=True)
        assert contents(project) == FILES | {"app/main.py": b"mine"}

    def test_replace_does_not_write_through_a_dangling_link(self, ada, project):
        (project / "README.md").unlink()
        (project / "README.md").symlink_to(ada.home / "elsewhere")
        ada.run(ExchangeFetchAssignment, "p1", replace_missing_files=True)
        assert not (ada.home / "elsewhere").exists()

    def test_a_file_in_the_way_of_a_folder_is_named(self, ada, project):
        (project / "app" / "main.py").unlink()
        (project / "app").rmdir()
        (project / "app").write_text("a file")
        with pytest.raises(ExchangeError, match="stands in the way"):
            ada.run(ExchangeFetchAssignment, "p1", replace_missing_files=True)
        assert (project / "app").read_text() == "a file"

    def test_a_folder_that_cannot_be_written_is_one_sentence(self, ada):
        (ada.home / COURSE).write_text("a file where the course's folder would be")
        with pytest.raises(ExchangeError, match=f"stands in the way.*{COURSE}"):
            ada.run(ExchangeFetchAssignment, "p1")

    def test_a_hostile_archive_writes_nothing(self, ada, service, tmp_path):
        service.archives[COURSE, "p1"] = b"\x1f\x8b no archive"
        with pytest.raises(ExchangeError, match="Not a whole tar"):
            ada.run(ExchangeFetchAssignment, "p1")
        assert list((ada.home).rglob("*p1*")) == []

    @pytest.mark.parametrize("name", ["../p1", "..", "a/b", ".hidden", "p1\x00", "p 1?x=1"])
    def test_a_name_that_is_none_is_refused_before_any_call(self, ada, service, name):
        with pytest.raises(ExchangeError, match="is not the name of a project"):
            ada.run(ExchangeFetchAssignment, name)
        assert service.requests == []

    def test_without_a_course_the_server_s_course_is_meant(self, ada, service, project):
        assert ("GET", f"/courses/{COURSE}/projects/p1/archive") in service.requests


class TestSubmit:
    def test_sends_the_files_whole_and_keeps_a_copy(self, ada, project, service):
        (project / "app" / "main.py").write_text("mine")
        (project / "feedback").mkdir()
        (project / "feedback" / "old.html").write_text("not to be handed in")
        (project / "__pycache__").mkdir()
        (project / "__pycache__" / "main.pyc").write_text("nor this")
        receipt = ada.run(ExchangeSubmit, "p1").receipt

        sent = service.blobs[receipt["sha256"]]
        assert {entry.name for entry in inspect(sent)} == set(FILES)
        kept = ada.home / "cache" / COURSE / f"ada+p1+{FIRST}"
        assert (kept / "app" / "main.py").read_text() == "mine"
        assert (kept / "timestamp.txt").read_text() == FIRST

    def test_is_one_submission_however_often_the_call_fails(self, ada, project, service):
        service.faults = [503, -1, 0]
        ada.run(ExchangeSubmit, "p1")
        assert len(service.submissions) == 1
        assert len(service.requests) == 5  # one fetch, four tries

    def test_twice_is_two_submissions_even_of_the_same_content(self, ada, project, service):
        ada.run(ExchangeSubmit, "p1")
        ada.run(ExchangeSubmit, "p1")
        assert [item["sha256"] for item in service.submissions][0:1] * 2 == [
            item["sha256"] for item in service.submissions
        ]

    def test_gives_up_with_a_sentence_when_the_service_stays_away(self, ada, project, service):
        service.faults = [0] * 10
        with pytest.raises(ExchangeError, match="Milepost cannot be reached"):
            ada.run(ExchangeSubmit, "p1")
        assert service.submissions == []

    def test_goes_by_the_hub_s_user_and_nobody_else(self, ada, project, service):
        with pytest.raises(ExchangeError, match="signed in as ada, and cannot submit as grace"):
            ada.run(ExchangeSubmit, "p1", student_id="grace")
        ada.run(ExchangeSubmit, "p1", student_id="ada")
        assert [item["username"] for item in service.submissions] == ["ada"]

    def test_refuses_a_link_and_sends_nothing(self, ada, project, service):
        (project / "passwords").symlink_to("/etc/passwd")
        with pytest.raises(ExchangeError, match="'passwords' is a link"):
            ada.run(ExchangeSubmit, "p1")
        assert service.submissions == []

    def test_of_a_project_never_fetched_says_how_to_fetch_it(self, ada):
        with pytest.raises(ExchangeError, match="nbgrader fetch_assignment p1"):
            ada.run(ExchangeSubmit, "p1")

    def test_takes_a_path_with_a_slash_at_its_end(self, ada, project, service):
        ada.run(ExchangeSubmit, "p1/")
        assert len(service.submissions) == 1

    def test_strictly_needs_the_notebook(self, ada, project, service):
        (project / "project.ipynb").rename(project / "mine.ipynb")
        with pytest.raises(ExchangeError, match=r"notebook project\.ipynb is missing"):
            ada.run(ExchangeSubmit, "p1", strict=True)
        assert service.submissions == []
        ada.run(ExchangeSubmit, "p1")

    def test_of_files_that_cannot_be_read_is_one_sentence(self, ada, project, service):
        name = project / "app" / "main.py"
        name.unlink()
        os.mkfifo(name)
        with pytest.raises(ExchangeError, match=r"main\.py' is not a regular file"):
            ada.run(ExchangeSubmit, "p1")

    def test_counts_even_where_no_copy_can_be_kept(self, ada, project, service):
        (ada.home / "cache").write_text("a file where the cache would be")
        assert ada.run(ExchangeSubmit, "p1").receipt["id"] == 1

    def test_an_expired_token_is_explained(self, ada, project, service):
        service.tokens.clear()
        with pytest.raises(ExchangeError, match="Sign in first"):
            ada.run(ExchangeSubmit, "p1")


class TestList:
    def test_lists_all_courses_and_pages(self, ada, service):
        service.courses.append("databases")
        for name in ("p2", "p3", "p4"):
            service.archives[COURSE, name] = pack_files(FILES)
        service.archives["databases", "d1"] = pack_files(FILES)
        service.locked["p3"] = "Finish p2 first."
        found = ada.run(ExchangeList).result
        assert [(info["course_id"], info["assignment_id"]) for info in found] == [
            (COURSE, "p1"),
            (COURSE, "p2"),
            (COURSE, "p3"),
            (COURSE, "p4"),
            ("databases", "d1"),
        ]
        assert {info["status"] for info in found} == {"released"}

    def test_describes_a_fetched_project_as_the_stock_extension_reads_it(self, ada, project):
        (info,) = ada.run(ExchangeList, course_id=COURSE).result
        assert info == {
            "course_id": COURSE,
            "assignment_id": "p1",
            "title": "P1",
            "state": "not_started",
            "status": "fetched",
            "path": str(project),
            "notebooks": [{"notebook_id": "project", "path": str(project / "project.ipynb")}],
        }

    def test_describes_submissions_as_the_stock_extension_reads_them(self, ada, project):
        ada.run(ExchangeSubmit, "p1")
        ada.run(ExchangeSubmit, "p1")
        (group,) = ada.run(ExchangeList, cached=True).result
        assert group["status"] == "submitted"
        times = [one["timestamp"] for one in group["submissions"]]
        assert times == [FIRST, "2026-11-22 12:01:00.123456 UTC"]
        kept = ada.home / "cache" / COURSE / f"ada+p1+{FIRST}"
        without = {
            "has_local_feedback": False,
            "has_exchange_feedback": False,
            "feedback_updated": False,
            "local_feedback_path": None,
        }
        notebook = {"notebook_id": "project", "path": str(kept / "project.ipynb")}
        assert group["submissions"][0] == without | {
            "course_id": COURSE,
            "student_id": "ada",
            "assignment_id": "p1",
            "timestamp": FIRST,
            "status": "submitted",
            "path": str(kept),
            "notebooks": [notebook | without],
        }

    def test_shows_an_instructor_what_came_in(self, ada, project, grace):
        ada.run(ExchangeSubmit, "p1")
        (group,) = grace.run(ExchangeList, "p1", inbound=True).result
        assert group["student_id"] == "ada"
        assert grace.run(ExchangeList, "p1", inbound=True, student_id="bob").result == []

    def test_submissions_cannot_be_removed_but_copies_can(self, ada, project, grace, service):
        ada.run(ExchangeSubmit, "p1")
        with pytest.raises(ExchangeError, match="Submissions are kept"):
            grace.run(ExchangeList, "p1", inbound=True, remove=True)
        ada.run(ExchangeList, "p1", cached=True, remove=True)
        assert ada.run(ExchangeList, cached=True).result == []
        assert len(service.submissions) == 1

    def test_a_learner_cannot_take_a_project_back(self, ada, service):
        with pytest.raises(ExchangeError, match="Only instructors"):
            ada.run(ExchangeList, "p1", remove=True)
        assert (COURSE, "p1") in service.archives


class TestCollect:
    @pytest.fixture
    def course(self, tmp_path) -> Path:
        return tmp_path / "course"

    def submit(self, who, project: Path, text: str) -> None:
        (project / "app" / "main.py").write_text(text)
        who.run(ExchangeSubmit, "p1")

    def collected(self, course: Path, name: str = "ada") -> str:
        return (course / "submitted" / name / "p1" / "app" / "main.py").read_text()

    def test_takes_the_last_submission_and_updates_only_when_told(
        self, ada, project, grace, course
    ):
        self.submit(ada, project, "first")
        self.submit(ada, project, "second")
        grace.run(ExchangeCollect, "p1", root=course)
        assert self.collected(course) == "second"
        self.submit(ada, project, "third")
        grace.run(ExchangeCollect, "p1", root=course)
        assert self.collected(course) == "second"
        grace.run(ExchangeCollect, "p1", root=course, update=True)
        assert self.collected(course) == "third"
        assert sorted(p.name for p in (course / "submitted" / "ada").iterdir()) == ["p1"]

    def test_takes_the_last_in_time_where_a_due_date_is_set(self, ada, project, grace, course):
        for text in ("first", "second", "late"):
            self.submit(ada, project, text)
        course.mkdir()
        with Gradebook(f"sqlite:///{course / 'gradebook.db'}", COURSE) as gradebook:
            gradebook.add_assignment("p1", duedate=datetime(2026, 11, 22, 12, 1, 30))  # noqa: DTZ001
        grace.run(ExchangeCollect, "p1", root=course, before_duedate=True)
        assert self.collected(course) == "second"

    def test_a_forged_timestamp_is_overwritten(self, ada, project, grace, course):
        (project / "timestamp.txt").mkdir()
        (project / "timestamp.txt" / "x").write_text("in the way")
        ada.run(ExchangeSubmit, "p1")
        grace.run(ExchangeCollect, "p1", root=course)
        stamp = course / "submitted" / "ada" / "p1" / "timestamp.txt"
        assert stamp.read_text() == FIRST

    def test_can_be_for_some_students_only(self, ada, project, grace, person, course):
        bob = person("bob")
        bob.run(ExchangeFetchAssignment, "p1")
        self.submit(ada, project, "ada's")
        self.submit(bob, bob.home / COURSE / "p1", "bob's")
        grace.run(ExchangeCollect, "p1", root=course, student_id="b*")
        assert [p.name for p in (course / "submitted").iterdir()] == ["bob"]

    def test_a_user_name_that_would_leave_the_course_is_refused(
        self, ada, project, grace, service, course
    ):
        ada.run(ExchangeSubmit, "p1")
        service.submissions[0]["username"] = "../../evil"
        with pytest.raises(ExchangeError, match="not the name of a user"):
            grace.run(ExchangeCollect, "p1", root=course)
        assert not (course / "submitted").exists()

    def test_a_learner_collects_nobody_else_s(self, ada, project, person, course):
        ada.run(ExchangeSubmit, "p1")
        person("bob").run(ExchangeCollect, "p1", root=course)
        assert not (course / "submitted").exists()


class TestRelease:
    def test_needs_the_release_version(self, grace, tmp_path):
        (tmp_path / "source" / "p1").mkdir(parents=True)
        with pytest.raises(ExchangeError, match="run `nbgrader generate_assignment` first"):
            grace.run(ExchangeReleaseAssignment, "p1", root=tmp_path)

    def test_is_for_instructors(self, ada, service, tmp_path):
        (tmp_path / "release" / "p9").mkdir(parents=True)
        with pytest.raises(ExchangeError, match="Only instructors"):
            ada.run(ExchangeReleaseAssignment, "p9", root=tmp_path)
        assert (COURSE, "p9") not in service.archives

    def test_of_a_project_that_no_course_has_says_where_projects_come_from(
        self, grace, service, tmp_path
    ):
        (tmp_path / "release" / "mine").mkdir(parents=True)
        (tmp_path / "release" / "mine" / "project.ipynb").write_text("{}")
        with pytest.raises(ExchangeError, match=f"`milepost course build {COURSE}`"):
            grace.run(ExchangeReleaseAssignment, "mine", root=tmp_path)
        assert service.archives == {}

    def test_works_from_the_formgrader(self, grace, service, tmp_path):
        (tmp_path / "release" / "p9").mkdir(parents=True)
        (tmp_path / "release" / "p9" / "project.ipynb").write_text("{}")
        os.environ.update(grace.environment)
        config = Config()
        config.CourseDirectory.root = str(tmp_path)
        config.CourseDirectory.course_id = COURSE
        config.ExchangeFactory.list = ExchangeList
        config.ExchangeFactory.release_assignment = ExchangeReleaseAssignment
        config.ExchangeFactory.collect = ExchangeCollect
        api = NbGraderAPI(config=config)

        assert not api.exchange_missing
        assert api.release_assignment("p9")["success"]
        assert api.get_released_assignments() == {"p9"}
        assert api.collect("p9")["success"]


class TestFeedback:
    @pytest.fixture
    def course(self, tmp_path) -> Path:
        return tmp_path / "course"

    def write(self, course: Path, text: str, timestamp: str = FIRST) -> None:
        folder = course / "feedback" / "ada" / "p1"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "project.html").write_text(text)
        (folder / "timestamp.txt").write_text(timestamp)
        (folder / "gradebook.db").write_text("must not travel")

    def test_reaches_the_learner_and_again_when_it_changed(self, ada, project, grace, course):
        ada.run(ExchangeSubmit, "p1")
        page = project / "feedback" / FIRST / "project.html"
        for text in ("well done", "very well done"):
            self.write(course, text)
            grace.run(ExchangeReleaseFeedback, "p1", root=course)
            ada.run(ExchangeFetchFeedback, "p1")
            assert page.read_text() == text
        assert not (page.parent / "gradebook.db").exists()

    def test_that_is_unchanged_is_not_fetched_again(self, ada, project, grace, course, service):
        ada.run(ExchangeSubmit, "p1")
        self.write(course, "well done")
        grace.run(ExchangeReleaseFeedback, "p1", root=course)
        ada.run(ExchangeFetchFeedback, "p1")
        service.requests.clear()
        ada.run(ExchangeFetchFeedback, "p1")
        assert not any(path.endswith("/feedback") for _, path in service.requests)

    def test_that_was_updated_is_shown_so_in_the_list(self, ada, project, grace, course):
        ada.run(ExchangeSubmit, "p1")
        self.write(course, "one")
        grace.run(ExchangeReleaseFeedback, "p1", root=course)
        ada.run(ExchangeFetchFeedback, "p1")
        self.write(course, "two")
        grace.run(ExchangeReleaseFeedback, "p1", root=course)
        (group,) = ada.run(ExchangeList, cached=True).result
        (info,) = group["submissions"]
        assert info["feedback_updated"]
        assert info["local_feedback_path"] == str(project / "feedback" / FIRST)
        (notebook,) = info["notebooks"]
        assert Path(notebook["local_feedback_path"]).read_text() == "one"

    def test_goes_to_the_submission_that_it_was_made_from(
        self, ada, project, grace, course, service
    ):
        ada.run(ExchangeSubmit, "p1")
        ada.run(ExchangeSubmit, "p1")
        self.write(course, "for the first")
        grace.run(ExchangeReleaseFeedback, "p1", root=course)
        assert [bool(item["feedback"]) for item in service.submissions] == [True, False]

    def test_without_a_submission_to_go_to_is_an_error(self, ada, project, grace, course):
        ada.run(ExchangeSubmit, "p1")
        self.write(course, "lost", "2020-01-01 00:00:00.000000 UTC")
        with pytest.raises(ExchangeError, match="feedback of: ada"):
            grace.run(ExchangeReleaseFeedback, "p1", root=course)

    def test_of_nobody_else_is_fetched(self, ada, project, grace, course):
        ada.run(ExchangeSubmit, "p1")
        self.write(course, "for Ada")
        grace.run(ExchangeReleaseFeedback, "p1", root=course)
        grace.run(ExchangeFetchFeedback, "p1")
        assert not (grace.home / COURSE).exists()
