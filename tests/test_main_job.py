"""The main job, end to end: sign up, open a project, submit it wrong and right, see it live."""

import re

import httpx
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from tests.conftest import Desk
from tests.support import records, work
from tests.support.api import token_of, with_token
from tests.support.browser import person
from tests.support.journey import Person, card, expect_locked, expect_open
from tests.support.lab import Lab
from tests.support.platform import Platform
from tests.support.solutions import (
    BECAUSE,
    COURSE,
    FIRST,
    SECOND,
    WRONG,
    Fault,
    fault,
    project,
    reference,
)

SERIOUS = {"serious", "critical"}


def test_from_sign_up_to_the_next_project(platform: Platform, browser: Browser):
    wrong = fault(FIRST, WRONG)
    learner = Person(platform, person(browser))
    dashboard = learner.sign_up()
    expect_open(dashboard, FIRST)
    expect_locked(dashboard, SECOND)

    lab = learner.open_project(dashboard, FIRST)
    assert project(FIRST)["notebook"] in lab.names(f"{COURSE}/{FIRST}")
    watching = learner.watch()

    learner.save_solution(lab, FIRST, wrong.files)
    lab.submit_from_the_assignment_list(FIRST)
    watching.expect_failed_steps(FIRST, wrong.fails, because=BECAUSE)

    learner.save_solution(lab, FIRST, reference(FIRST))
    lab.press_submit()
    watching.expect_score(FIRST, 100)
    expect_open(watching.page, SECOND)
    watching.expect_not_reloaded()

    _expect_records(platform, learner.name, wrong)
    learner.context.close()


def _expect_records(platform: Platform, username: str, submitted: Fault) -> None:
    """The database, the blobs and nbgrader's gradebook tell the same story."""
    wrong, right = records.attempts(platform, username)
    assert (wrong.state, wrong.verdict) == ("graded", "failed")
    assert wrong.percent < 100
    assert wrong.failed == set(submitted.fails)
    assert (right.state, right.verdict, right.percent) == ("graded", "passed", 100)
    assert (right.passed, right.failed) == (wrong.passed | wrong.failed, frozenset())
    assert wrong.sha256 != right.sha256
    assert records.blob_exists(platform, wrong.sha256)
    assert records.blob_exists(platform, right.sha256)
    book = records.gradebook_entry(platform, username, FIRST)
    assert (book.score, book.max_score) == (right.points, right.max_points)
    assert not book.needs_manual_grade
    progress = records.progress(platform, username)
    assert progress[FIRST] == ("completed", 100)


def test_nbgrader_lists_fetches_and_submits_in_a_terminal(learner: Person, lab: Lab):
    listed = lab.run("nbgrader list")
    assert listed.status == 0
    assert f"{COURSE} {FIRST}" in listed.output
    assert lab.run(f"rm -r ~/{COURSE}/{FIRST}").status == 0
    fetched = lab.run(f"cd ~ && nbgrader fetch_assignment --course {COURSE} {FIRST}")
    assert fetched.status == 0, fetched.output
    assert project(FIRST)["notebook"] in lab.names(f"{COURSE}/{FIRST}")
    learner.submit(lab, FIRST)
    assert FIRST in lab.run("nbgrader list --cached").output


def test_a_locked_project_cannot_be_fetched(lab: Lab):
    ran = lab.run(f"cd ~ && nbgrader fetch_assignment --course {COURSE} {SECOND}")
    assert ran.status != 0
    assert "Traceback" not in ran.output, ran.output
    assert project(FIRST)["title"] in ran.output or FIRST in ran.output


def test_an_instructor_collects_what_learners_submitted(learner: Person, lab: Lab, desk: Desk):
    learner.save_solution(lab, FIRST, {"app/main.py": b"# collected\n"})
    learner.submit(lab, FIRST)
    listed = desk.lab.run(f"nbgrader list --inbound --course {COURSE}")
    assert learner.name in listed.output
    ran = desk.lab.run(
        f"mkdir -p ~/desk && cd ~/desk && nbgrader collect {FIRST} --course {COURSE}"
    )
    assert ran.status == 0, ran.output
    file = f"~/desk/submitted/{learner.name}/{FIRST}/app/main.py"
    assert desk.lab.run(f"cat {file}").output == "# collected"


def test_a_learner_can_neither_release_nor_collect_from_others(
    learner: Person, lab: Lab, desk: Desk
):
    desk.instructor.submit(desk.lab, FIRST)
    folder = f"mkdir -p ~/desk/release/{FIRST} && cd ~/desk"
    ran = lab.run(f"{folder} && nbgrader release_assignment {FIRST} --course {COURSE} --force")
    assert ran.status != 0, ran.output
    assert "Traceback" not in ran.output, ran.output
    lab.run(f"cd ~/desk && nbgrader collect {FIRST} --course {COURSE}")
    collected = lab.run("mkdir -p ~/desk/submitted && command ls ~/desk/submitted").output.split()
    assert set(collected) <= {learner.name}


def test_the_grade_in_the_api_is_the_grade_in_the_gradebook(
    platform: Platform, learner: Person, lab: Lab, admin: httpx.Client
):
    learner.save_solution(lab, FIRST, reference(FIRST))
    receipt = re.search(r"[0-9a-f]{64}", learner.submit(lab, FIRST))
    assert receipt is not None
    with with_token(platform, token_of(admin, learner.name)) as client:
        newest = work.wait_for_grade(client)
    assert (newest["sha256"], newest["score"]) == (receipt.group(), 100)
    assert records.blob_exists(platform, receipt.group())
    book = records.gradebook_entry(platform, learner.name, FIRST)
    assert book.score == book.max_score


def test_the_dashboard_has_no_serious_accessibility_violation(learner: Person):
    for page in (learner.open_dashboard(), learner.open_project_page(FIRST)):
        found = Axe().run(page)
        serious = [one for one in found.response["violations"] if one["impact"] in SERIOUS]
        assert not serious, found.generate_report()
        page.close()


def test_the_dashboard_lists_every_project_of_the_course(learner: Person):
    page = learner.open_dashboard()
    for slug in (FIRST, SECOND):
        assert project(slug)["title"] in card(page, slug).inner_text()
    page.close()
