"""The program `milepost`, as authors and operators meet it."""

import pytest

from conftest import require
from services.milepost.tests.courses.support import Course


def test_help_lists_the_commands_that_there_are(course: Course) -> None:
    told = course.milepost("--help").stdout
    for command in ("all", "web", "worker", "upgrade", "course", "jobs"):
        assert f"\n{command}\n" in told


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fly",), "There is no command 'fly'"),
        (("course", "fly"), "There is no command 'fly'; there are: list, build, check"),
        (("course", "list", "other"), "There is no course 'other'"),
        (("course", "check", "tiny", "--project=p9"), "tiny has no project 'p9'"),
        (("course", "build"), "Name a course, or say --all. There are: tiny."),
        (("course", "build", "--all"), "The database is empty: run `milepost upgrade`."),
        (("upgrade", "--Milepost.homes=x"), "There is no setting Milepost.homes"),
        (("jobs", "retry"), "Name a job by its number"),
        (("jobs", "retry", "one"), "'one' is not the number of a job"),
        (("worker",), "MILEPOST_REDIS_URL is not set"),
    ],
)
def test_what_is_not_there_is_answered_with_one_clear_sentence(
    course: Course, arguments: tuple[str, ...], said: str
) -> None:
    done = course.milepost(*arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_upgrade_and_build_make_a_course_ready(course: Course) -> None:
    assert course.milepost("upgrade").returncode == 0
    built = course.milepost("course", "build", "--all")
    assert built.stdout == "tiny: released adding, greeting; 0 unchanged.\n"
    assert built.returncode == 0


def test_jobs_that_are_not_there_are_not_listed_and_not_retried(course: Course) -> None:
    course.milepost("upgrade")
    assert course.milepost("jobs", "list").stdout == "No job was set aside.\n"
    done = course.milepost("jobs", "retry", "7")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "milepost: No job 7 was set aside: see `milepost jobs list`.\n"


def test_check_proves_a_good_course(course: Course) -> None:
    require("bubblewrap")
    done = course.milepost("course", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "tiny: 7 trials, 0 bad" in done.stdout


def test_check_finds_tests_that_cannot_tell_right_from_wrong(course: Course) -> None:
    require("bubblewrap")
    course.replace("tiny/faulty/adding/squares/sums.py", "**", "*")
    course.replace("tiny/reference/adding/sums.py", "sum(numbers)", "sum(numbers[:3])")
    done = course.milepost("course", "check", "tiny", "--project", "adding")
    assert done.returncode == 1
    assert "BAD adding faulty/squares" in done.stdout
    assert "double: passes, and should fail" in done.stdout
    assert "BAD adding reference" in done.stdout
    assert "total: fails, and should pass" in done.stdout


def test_an_authoring_error_ends_the_program_with_all_its_lines(course: Course) -> None:
    course.replace("tiny/source/adding/project.yml", "phase: basics", "phase: end")
    course.replace("tiny/source/greeting/project.yml", "[adding]", "[p7]")
    done = course.milepost("course", "check")
    assert done.returncode == 1
    assert "tiny/source/adding/project.yml: phase: course.yml has no phase 'end'." in done.stderr
    assert "greeting/project.yml: prerequisites: the course has no project 'p7'." in done.stderr
