"""For each: the score is that of the work, and the instructor is told what was done."""

import asyncio
import copy
import json
from typing import Any

import pytest
from milepost.domain.attempts import Verdict

from services.milepost.tests.grading.support import (
    Bench,
    Notebook,
    Tamper,
    cell_of,
    messages,
    passed,
)


def _delete(notebook: Notebook) -> None:
    notebook["cells"] = [
        cell for cell in notebook["cells"] if "double" not in str(cell["metadata"])
    ]


def _delete_all(notebook: Notebook) -> None:
    notebook["cells"] = []


def _empty(notebook: Notebook) -> None:
    cell_of(notebook, "double")["source"] = ""


def _rewrite(notebook: Notebook) -> None:
    cell_of(notebook, "double")["source"] = "assert True"


def _duplicate(notebook: Notebook) -> None:
    twin = copy.deepcopy(cell_of(notebook, "double"))
    twin["source"] = "pass"
    notebook["cells"] += [twin, copy.deepcopy(twin)]


def _strip_marks(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["metadata"] = {}


def _change_marks(notebook: Notebook) -> None:
    cell_of(notebook, "double")["metadata"]["nbgrader"] |= {
        "grade": False,
        "locked": False,
        "solution": True,
        "points": 1000,
        "schema_version": 99,
    }


def _nonsense_marks(notebook: Notebook) -> None:
    cell_of(notebook, "double")["metadata"]["nbgrader"] = {"grade_id": ["double"], "grade": 7}
    notebook["cells"][2]["metadata"]["nbgrader"] = "nonsense"


def _skip(notebook: Notebook) -> None:
    cell_of(notebook, "double")["metadata"]["tags"] = ["skip-execution", "raises-exception"]


def _to_markdown(notebook: Notebook) -> None:
    cell = cell_of(notebook, "double")
    cell["cell_type"] = "markdown"
    del cell["outputs"], cell["execution_count"]


def _forge_output(notebook: Notebook) -> None:
    cell_of(notebook, "double")["outputs"] = [
        {"output_type": "execute_result", "data": {"text/plain": "1"}, "metadata": {},
         "execution_count": 1}
    ]  # fmt: skip


def _reverse(notebook: Notebook) -> None:
    notebook["cells"].reverse()


def _other_kernel(notebook: Notebook) -> None:
    notebook["metadata"]["kernelspec"] = {"name": "none", "display_name": "", "language": "r"}


def _same_ids(notebook: Notebook) -> None:
    for cell in notebook["cells"]:
        cell["id"] = "same"


TAMPERED = [
    _delete, _delete_all, _empty, _rewrite, _duplicate, _strip_marks, _change_marks,
    _nonsense_marks, _to_markdown,
]  # fmt: skip


@pytest.mark.parametrize("tamper", TAMPERED)
async def test_tampering_with_test_cells_gains_nothing_and_is_flagged(
    contained: Bench, tamper: Tamper
) -> None:
    outcome = await contained.grade_notebook(tamper, solved=False)
    assert (outcome.verdict, outcome.points, outcome.max_points) == (Verdict.FAILED, 0, 5)
    assert any("double" in flag for flag in outcome.flags)


@pytest.mark.parametrize("tamper", [_skip, _forge_output, _reverse, _other_kernel, _same_ids])
async def test_other_tampering_gains_nothing(contained: Bench, tamper: Tamper) -> None:
    outcome = await contained.grade_notebook(tamper, solved=False)
    assert (outcome.verdict, outcome.points) == (Verdict.FAILED, 0)


@pytest.mark.parametrize("tamper", [_delete, _empty, _duplicate, _strip_marks, _same_ids])
async def test_an_accident_with_test_cells_costs_nothing(contained: Bench, tamper: Tamper) -> None:
    outcome = await contained.grade_notebook(tamper, solved=True)
    assert outcome.percent == 100


async def test_files_that_are_not_the_learners_to_edit_are_the_instructors(
    contained: Bench,
) -> None:
    code = "def double(n):\n    return 0\n\n\ndef total(ns):\n    return 0\n"
    files = {**contained.built.released(), "sums.py": code.encode()}
    files["data/numbers.json"] = b"[6]"
    outcome = await contained.grade(files)
    assert outcome.points == 0


@pytest.mark.parametrize(
    "odd",
    [
        {"data/numbers.json/x.txt": b""},
        {"data": b""},
        {"timestamp.txt/x": b""},
        {"timestamp.txt": b"1999-01-01 00:00:00 UTC"},
        {"timestamp.txt": b"nonsense"},
    ],
)
async def test_files_in_the_way_of_ours_give_way(contained: Bench, odd: dict[str, bytes]) -> None:
    files = {k: v for k, v in contained.built.solved().items() if not k.startswith("data/")}
    outcome = await contained.grade({**files, **odd}, username="odd")
    assert outcome.percent == 100
    timestamp = contained.built.root.submitted / "odd" / "adding" / "timestamp.txt"
    assert timestamp.read_text() == "2026-01-02T03:04:05+00:00"


async def test_a_folder_named_like_the_notebook_is_no_notebook(contained: Bench) -> None:
    outcome = await contained.grade({"project.ipynb/x": b"", "sums.py": b""})
    assert outcome.verdict is Verdict.NO_NOTEBOOK


async def test_hidden_tests_are_not_on_the_disk_that_the_learner_sees(contained: Bench) -> None:
    spy = (
        "from pathlib import Path\n"
        "seen = ''.join(p.read_text() for p in Path('/').glob('work/**/*') if p.is_file())\n"
        "seen += ''.join(p.read_text() for p in Path('/').glob('submission/**/*') if p.is_file())\n"
        "assert 'double-hidden' in seen\n"
        "assert 'double(2' + '1)' not in seen\n"
        "assert 'BEGIN ' + 'HIDDEN' not in seen\n"
    )
    outcome = await contained.grade_code(spy + contained.built.solved()["sums.py"].decode())
    assert (outcome.message, outcome.percent) == ("", 100)


async def test_a_number_shown_before_the_error_is_not_a_score(contained: Bench) -> None:
    code = "def double(n):\n    get_ipython().displayhook(1.0)\n    return 0\n"
    outcome = await contained.grade_code(f"from IPython import get_ipython\n{code}")
    assert outcome.points == 0


async def test_tests_are_not_in_the_history_that_the_learner_sees(contained: Bench) -> None:
    peek = (
        "def double(n):\n"
        "    from IPython import get_ipython\n"
        "    assert 'assert sums' not in ''.join(get_ipython().user_ns['In'])\n"
        "    return 2 * n\n"
    )
    assert passed(await contained.grade_code(peek))["double"]


EXIT = "def double(n):\n    import sys\n    sys.exit(0)\n"
QUIT = "def double(n):\n    get_ipython().ask_exit()\n    return 0\n"
MUTE = (
    "get_ipython().showtraceback = lambda *a, **k: None\n"
    "get_ipython()._showtraceback = lambda *a, **k: None\n\n\n"
    "def double(n):\n    return 0\n"
)
SCORE = "get_ipython().displayhook({})\n\n\ndef double(n):\n    get_ipython().displayhook({})\n"
DEEP = (
    "def double(n):\n"
    "    data = current = {}\n"
    "    for _ in range(800):\n"
    "        current['x'] = current = {}\n"
    "    get_ipython().display_pub.publish({'application/json': data, 'text/plain': ''})\n"
    "    return 0\n"
)
GARBAGE = (
    "def double(n):\n"
    "    kernel = get_ipython().kernel\n"
    "    kernel.session.send(kernel.iopub_socket, 'stream', {'name': [], 'text': 5},\n"
    "                        parent=kernel.get_parent('shell'))\n"
    "    return 0\n"
)


@pytest.mark.parametrize(
    "code",
    [EXIT, QUIT, MUTE, SCORE.format(-5, -5), SCORE.format("float('nan')", 1000), DEEP, GARBAGE],
)
async def test_playing_with_the_kernel_gains_nothing(contained: Bench, code: str) -> None:
    outcome = await contained.grade_code(f"from IPython import get_ipython\n{code}")
    assert outcome.points == 0
    assert outcome.verdict in {Verdict.FAILED, Verdict.CRASHED}


async def test_a_message_cannot_be_longer_than_a_message_may_be(contained: Bench) -> None:
    outcome = await contained.grade_code(
        "def double(n):\n    raise ValueError('\\x1b[31m' * 9999)\n"
    )
    assert len(messages(outcome)["double"]) <= 2000
    assert "\x1b" not in messages(outcome)["double"]


@pytest.mark.parametrize(
    "text",
    [
        "'half of a character: \\ud800'",
        "'File sums.py:' + '1' * 5000",
    ],
)
async def test_odd_words_in_an_error_are_the_learners_not_ours(contained: Bench, text: str) -> None:
    code = f"def double(n):\n    raise ValueError({text})\n"
    outcome = await contained.grade_code(code, username="odd")
    assert outcome.verdict is Verdict.FAILED
    assert not passed(outcome)["double"]


async def test_a_cancelled_grading_leaves_nothing_behind(contained: Bench) -> None:
    request = contained.request(
        {**contained.built.released(), "sums.py": b"import time\ntime.sleep(4.5)\n"},
        username="cancelled",
    )
    grading = asyncio.create_task(contained.judge.grade(request))
    await asyncio.sleep(2)
    grading.cancel()
    await asyncio.wait([grading])
    assert grading.cancelled()
    assert not list(contained.built.root.workshop.glob("grade-*"))
    # What was cancelled does not stand in the way of the next.
    outcome = await contained.grade(contained.built.solved(), username="cancelled")
    assert outcome.percent == 100


async def test_a_file_named_like_a_library_does_not_stand_in_for_it(bench: Bench) -> None:
    code = b"import colorsys\n" + bench.built.solved()["sums.py"]
    files = {"sums.py": code, "colorsys.py": b"raise RuntimeError('a stand-in')\n"}
    outcome = await bench.grade({**bench.built.solved(), **files}, username="mimic")
    assert outcome.percent == 100


async def test_another_learners_grades_stay_as_they_are(contained: Bench) -> None:
    await contained.grade(contained.built.solved(), username="honest")
    before = contained.built.scores("honest")

    def tamper(notebook: Notebook) -> None:
        notebook["metadata"]["nbgrader"] = {"student": "honest"}
        _strip_marks(notebook)

    await contained.grade_notebook(tamper, solved=False, username="eve")
    assert contained.built.scores("honest") == before


def test_tampering_really_changes_the_notebook(contained: Bench) -> None:
    released: Any = json.loads(contained.built.released()["project.ipynb"])
    for tamper in TAMPERED:
        changed = copy.deepcopy(released)
        tamper(changed)
        assert changed != released


SHADOWS = [
    "IPython", "asyncio", "comm", "debugpy", "ipykernel", "ipykernel_launcher", "json", "logging",
    "sitecustomize", "signal", "tornado", "traitlets", "typing", "usercustomize", "zmq",
]  # fmt: skip


async def test_files_named_like_what_the_kernel_imports_are_the_learners_problem(
    contained: Bench,
) -> None:
    bombs = {f"{name}.py": b"import os\nos._exit(3)\n" for name in SHADOWS}
    outcome = await contained.grade({**contained.built.released(), **bombs})
    assert outcome.points == 0
    assert outcome.verdict in {Verdict.FAILED, Verdict.CRASHED}
