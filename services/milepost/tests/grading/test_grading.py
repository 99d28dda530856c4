"""What becomes of honest submissions: right, wrong, and broken in every ordinary way."""

import asyncio
import json
from dataclasses import replace

import pytest
from milepost.domain.attempts import Verdict
from milepost.ports.judge import JudgeError

from services.milepost.tests.grading.support import Bench, Built, messages, passed

ENDLESS = "while True:\n    pass\n"


async def test_the_reference_solution_gets_every_point(bench: Bench) -> None:
    outcome = await bench.grade(bench.built.solved())
    assert outcome.verdict is Verdict.PASSED
    assert (outcome.points, outcome.max_points, outcome.percent) == (5, 5, 100)
    assert [step.step for step in outcome.steps] == ["double", "total"]
    assert bench.built.scores("ada") == {
        "double": 1,
        "double-hidden": 1,
        "total": 2,
        "total-hidden": 1,
    }


async def test_a_wrong_step_says_why_and_the_other_still_counts(bench: Bench) -> None:
    outcome = await bench.grade_code(
        "def double(n):\n    return n\n\n\ndef total(ns):\n    return sum(ns)\n"
    )
    assert outcome.verdict is Verdict.FAILED
    assert [step.passed for step in outcome.steps] == [False, True]
    assert messages(outcome)["double"] == "double(2) should be 4"


async def test_the_starter_gets_no_point(bench: Bench) -> None:
    outcome = await bench.grade(bench.built.released())
    assert (outcome.verdict, outcome.points) == (Verdict.FAILED, 0)


async def test_a_solution_written_in_the_notebook_counts(bench: Bench) -> None:
    outcome = await bench.grade(bench.built.solved("greeting"), project="greeting")
    assert outcome.verdict is Verdict.PASSED


async def test_an_exception_is_shown_with_the_learners_own_line(bench: Bench) -> None:
    outcome = await bench.grade_code("def double(n):\n    return twice(n)\n")
    assert messages(outcome)["double"] == (
        "NameError: name 'twice' is not defined\nsums.py, line 2: return twice(n)"
    )


async def test_a_hidden_check_gives_away_neither_its_source_nor_its_values(bench: Bench) -> None:
    outcome = await bench.grade_code("def double(n):\n    return 4\n")
    assert passed(outcome)["double"]
    said = messages(outcome)["double-hidden"]
    assert said.startswith("A hidden check did not pass")
    assert said.endswith("A hint for this step: Think of twice.")


async def test_a_syntax_error_is_explained_once_and_fails_every_check(bench: Bench) -> None:
    outcome = await bench.grade_code("def double(n)\n    return 2 * n\n")
    assert outcome.points == 0
    assert "SyntaxError" in outcome.message
    assert "sums.py, line 1" in outcome.message


async def test_an_endless_loop_is_stopped_and_said_so(bench: Bench) -> None:
    outcome = await bench.grade_code(f"def double(n):\n    {ENDLESS.replace(chr(10), ' ')}")
    assert outcome.verdict is Verdict.TIMED_OUT
    assert outcome.points == 0
    assert "more than 5 s" in outcome.message
    assert "did not run" in messages(outcome)["total"]


async def test_what_was_earned_before_the_endless_loop_counts(bench: Bench) -> None:
    code = f"def double(n):\n    return 2 * n\n\n\ndef total(ns):\n    {ENDLESS.strip()}"
    outcome = await bench.grade_code(code.replace("True:\n    pass", "True: pass"))
    assert outcome.verdict is Verdict.TIMED_OUT
    assert [step.passed for step in outcome.steps] == [True, False]


async def test_taking_all_memory_is_a_verdict(contained: Bench) -> None:
    outcome = await contained.grade_code("taken = []\nwhile True: taken.append('x' * 10**7)\n")
    assert outcome.verdict is Verdict.OUT_OF_MEMORY
    assert "256M of memory" in outcome.message


async def test_ending_the_process_is_a_verdict(bench: Bench) -> None:
    outcome = await bench.grade_code("import os\n\n\ndef double(n):\n    os._exit(0)\n")
    assert outcome.verdict is Verdict.CRASHED
    assert outcome.points == 0
    assert "ended the Python process" in outcome.message


async def test_a_flood_of_output_is_stopped_and_said_so(bench: Bench) -> None:
    outcome = await bench.grade_code("while True: print('x' * 1000)\n")
    assert outcome.verdict is Verdict.OUTPUT_FLOOD


async def test_one_gigantic_output_is_a_flood_too(contained: Bench) -> None:
    outcome = await contained.grade_code("print('x' * 50_000_000)\n")
    assert outcome.verdict is Verdict.OUTPUT_FLOOD


LATE = """
import time

from IPython import get_ipython

kernel = get_ipython().kernel
publish = kernel._publish_status


def late(status, *args, **kwargs):
    if status == "idle":
        kernel._publish_status = publish
        time.sleep(3)
    publish(status, *args, **kwargs)


kernel._publish_status = late
"""


async def test_an_end_of_output_that_comes_late_is_no_flood(contained: Bench) -> None:
    code = contained.built.solved()["sums.py"].decode()
    outcome = await contained.grade_code(LATE + code, username="late")
    assert (outcome.verdict, outcome.percent) == (Verdict.PASSED, 100)


async def test_an_end_of_output_that_never_comes_is_no_verdict(contained: Bench) -> None:
    code = LATE.replace("    publish(status", "        return\n    publish(status")
    with pytest.raises(JudgeError, match="did not say that it was done"):
        await contained.grade_code(code, username="late")


async def test_much_output_costs_no_points_and_is_kept_at_both_ends(bench: Bench) -> None:
    code = bench.built.solved()["sums.py"].decode()
    loud = "print('first')\nfor i in range(3000): print('x' * 100)\nprint('last')\n"
    outcome = await bench.grade_code(code + loud, username="loud")
    assert outcome.verdict is Verdict.PASSED
    graded = bench.built.root.autograded / "loud" / "adding" / "project.ipynb"
    setup = json.loads(graded.read_text())["cells"][1]
    text = "".join(line for output in setup["outputs"] for line in output["text"])
    assert text.startswith("first")
    assert text.endswith("last\n")
    assert "left out here" in text
    assert len(text) < 100_000


async def test_a_warning_is_not_a_failed_check(bench: Bench) -> None:
    outcome = await bench.grade_code(
        "import sys\n\n\ndef double(n):\n    print('careful', file=sys.stderr)\n    return n * 2\n"
    )
    assert passed(outcome)["double"]


async def test_no_notebook_is_a_verdict_with_no_points(bench: Bench) -> None:
    outcome = await bench.grade({"sums.py": b""}, username="empty")
    assert outcome.verdict is Verdict.NO_NOTEBOOK
    assert (outcome.points, outcome.max_points) == (0, 5)
    assert "project.ipynb" in outcome.message
    assert set(bench.built.scores("empty").values()) == {0}


def _with_cells(number: int, source: str) -> bytes:
    cell = {"cell_type": "raw", "metadata": {}, "source": source}
    cells = [{**cell, "id": f"cell-{index}"} for index in range(number)]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_with_cells(2001, ""), "it has 2001 cells, and may have 2000"),
        (_with_cells(1, "x" * 2**23), "larger than 8 MiB, most likely by its outputs"),
    ],
)
async def test_a_notebook_that_is_too_large_is_said_to_be(
    contained: Bench, content: bytes, said: str
) -> None:
    outcome = await contained.grade({"project.ipynb": content})
    assert outcome.verdict is Verdict.BAD_NOTEBOOK
    assert said in outcome.message


async def test_a_broken_notebook_of_the_courses_own_is_not_the_learners_fault(
    own: Bench,
) -> None:
    (own.built.root.source / "adding" / "project.ipynb").write_bytes(b"{")
    with pytest.raises(JudgeError, match=r"The course's own .*source/adding/project.ipynb"):
        await own.grade(own.built.solved())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}',
        b'{"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": []}',
        b"[" * 100_000,
        _with_cells(1, "\ud800"),
        b'{"nbformat": 4, "cells": ' + b"[" * 200 + b"]" * 200 + b"}",
    ],
)
async def test_a_corrupt_notebook_is_a_verdict_with_no_points(
    contained: Bench, content: bytes
) -> None:
    outcome = await contained.grade({"project.ipynb": content})
    assert outcome.verdict is Verdict.BAD_NOTEBOOK
    assert outcome.points == 0
    assert "cannot be read" in outcome.message


async def test_a_bad_submission_replaces_a_good_one_in_the_gradebook(contained: Bench) -> None:
    await contained.grade(contained.built.solved(), username="again")
    await contained.grade({"sums.py": b""}, username="again")
    assert set(contained.built.scores("again").values()) == {0}
    assert not (contained.built.root.autograded / "again" / "adding").exists()


async def test_graded_files_lie_where_the_formgrader_looks(contained: Bench) -> None:
    files = {**contained.built.solved(), "notes.txt": b"mine"}
    await contained.grade(files, username="grace")
    root = contained.built.root
    submitted = root.submitted / "grace" / "adding"
    assert (submitted / "project.ipynb").read_bytes() == files["project.ipynb"]
    assert (submitted / "timestamp.txt").read_text() == "2026-01-02T03:04:05+00:00"
    autograded = root.autograded / "grace" / "adding"
    assert "double(21)" in (autograded / "project.ipynb").read_text()
    assert (autograded / "notes.txt").read_bytes() == b"mine"
    assert not (autograded / "project.yml").exists()


async def test_many_gradings_at_once_share_one_gradebook(bench: Bench, built: Built) -> None:
    names = [f"at-once-{number}" for number in range(4)]
    solved = built.solved()
    outcomes = await asyncio.gather(*(bench.grade(solved, username=name) for name in names))
    assert [outcome.percent for outcome in outcomes] == [100] * 4
    assert all(sum(built.scores(name).values()) == 5 for name in names)


async def test_grading_again_changes_nothing(contained: Bench) -> None:
    first = await contained.grade(contained.built.solved(), username="twice")
    second = await contained.grade(contained.built.solved(), username="twice")
    assert first.steps == second.steps
    assert first.tests_digest == second.tests_digest
    assert not list(contained.built.root.workshop.glob("grade-*"))


async def test_an_older_attempt_does_not_take_the_place_of_a_newer_one(bench: Bench) -> None:
    files = bench.built.released()
    older, stopped = (bench.request(files, username="twice") for _ in range(2))
    newer = bench.request(bench.built.solved(), username="twice")
    assert (await bench.judge.grade(older)).points == 0
    assert (await bench.judge.grade(newer)).points == 5
    for late in (older, stopped):
        with pytest.raises(JudgeError, match="is older than attempt"):
            await bench.judge.grade(late)
    assert sum(bench.built.scores("twice").values()) == 5
    assert (await bench.judge.grade(newer)).points == 5
    in_a_new_database = replace(older, attempt_id=1, submitted_at="2026-02-03T04:05:06+00:00")
    assert (await bench.judge.grade(in_a_new_database)).points == 0
