"""The whole story with nbgrader's own commands, configured by nothing but the installed wheel."""

import json
from pathlib import Path

import pytest

COURSE = "backend-python"


@pytest.fixture
def course(tmp_path: Path, source_notebook: str) -> Path:
    """An instructor's course directory with one project of several files."""
    root = tmp_path / "course"
    source = root / "source" / "p1"
    (source / "app").mkdir(parents=True)
    (source / "project.ipynb").write_text(source_notebook)
    (source / "project.yml").write_text("number: 1\n")
    (source / "app" / "main.py").write_text("# your code\n")
    (root / "nbgrader_config.py").write_text(
        "c = get_config()\n"
        f"c.CourseDirectory.course_id = {COURSE!r}\n"
        "c.CourseDirectory.ignore = ['.ipynb_checkpoints', '*.pyc', '__pycache__', 'feedback', "
        "'project.yml']\n"
    )
    return root


def test_release_fetch_submit_collect_grade_and_feedback(person, course, service):
    ada, grace = person("ada"), person("grace", instructor=True)

    grace.nbgrader("generate_assignment", "p1", cwd=course)
    assert f"Released as: {COURSE} p1" in grace.nbgrader("release_assignment", "p1", cwd=course)
    assert "add --force" in grace.nbgrader("release_assignment", "p1", cwd=course, fails=True)
    grace.nbgrader("release_assignment", "p1", "--force", cwd=course)

    assert f"{COURSE} p1\n" in ada.nbgrader("list")
    ada.nbgrader("fetch_assignment", "p1")
    project = ada.home / COURSE / "p1"
    assert sorted(p.name for p in project.rglob("*")) == ["app", "main.py", "project.ipynb"]
    assert f"{COURSE} p1 (already downloaded)" in ada.nbgrader("list", "--course", COURSE)

    notebook = (project / "project.ipynb").read_text()
    (project / "project.ipynb").write_text(
        notebook.replace("raise NotImplementedError()", "return n * 2")
    )
    receipt = ada.nbgrader("submit", "p1")
    assert f"Receipt: 1, SHA-256 {service.submissions[0]['sha256']}" in receipt
    assert "2026-11-22 12:00:00.123456 UTC" in receipt

    grace.nbgrader("collect", "p1", cwd=course)
    submitted = course / "submitted" / "ada" / "p1"
    assert (submitted / "timestamp.txt").read_text() == "2026-11-22 12:00:00.123456 UTC"
    assert (submitted / "app" / "main.py").read_text() == "# your code\n"

    grace.nbgrader("autograde", "p1", "--create", cwd=course)
    grace.nbgrader("generate_feedback", "p1", cwd=course)
    grace.nbgrader("release_feedback", "p1", cwd=course)

    (before,) = json.loads(ada.nbgrader("list", "--cached", "--json"))
    assert before["submissions"][0]["has_exchange_feedback"]
    assert not before["submissions"][0]["has_local_feedback"]
    ada.nbgrader("fetch_feedback", "p1")
    page = project / "feedback" / "2026-11-22 12:00:00.123456 UTC" / "project.html"
    assert "double-test" in page.read_text()
    assert "10.0" in page.read_text()
    assert "(feedback already fetched)" in ada.nbgrader("list", "--cached")

    ada.nbgrader("submit", "p1")
    assert service.submissions[1]["sha256"] == service.submissions[0]["sha256"]

    assert f"{COURSE} p1" in grace.nbgrader("list", "--remove", "p1", cwd=course)
    assert service.archives == {}


def test_outside_of_milepost_a_command_says_one_clear_sentence(person):
    ada = person("ada")
    ada.service.url = ""
    log = ada.nbgrader("fetch_assignment", "p1", fails=True)
    assert "This is not a Milepost server (MILEPOST_API_URL is not set)" in log
    assert "Traceback" not in log


def test_a_locked_project_is_explained_in_the_service_s_words(person, service):
    service.locked["p2"] = "Finish p1 (Simple FastAPI server) first."
    log = person("ada").nbgrader("fetch_assignment", "p2", fails=True)
    assert "Finish p1 (Simple FastAPI server) first." in log
    assert "Traceback" not in log
