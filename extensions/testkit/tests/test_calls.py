"""Calls of the learner's functions."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from milepost_testkit import CheckFailed, any_int

SHOP = """
import os
import time

class Always(list):
    def __eq__(self, other):
        return True

RATE = 0.2
count = 0

def total(prices, rate=0):
    return sum(prices) * (1 + rate)

def pair():
    return (1, 2)

def nested():
    return {"items": [Always()]}

def broken(number):
    print("about to divide")
    return number / 0

def counted():
    global count
    count += 1
    return count

def sleepy():
    while True:
        time.sleep(0.01)

def stubborn():
    while True:
        try:
            time.sleep(10)
        except BaseException:
            pass

def gone():
    os._exit(3)

def strict():
    raise PermissionError("no entry")

def other_jobs():
    helper = os.getppid()
    with open(f"/proc/{helper}/task/{helper}/children") as file:
        return len(file.read().split()) - 1

def endless():
    return "x" * 20_000_000
"""


@pytest.fixture(autouse=True)
def _shop(write):
    write("shop/till.py", SHOP)


def test_a_function_gets_and_returns_plain_data(learner):
    assert learner.call("shop.till:total", [1, 2], rate=1) == 6
    assert learner.call("shop.till:pair") == [1, 2]
    assert learner.get("shop.till:RATE") == 0.2


def test_each_call_starts_from_a_freshly_imported_module(learner):
    assert [learner.call("shop.till:counted") for _ in range(3)] == [1, 1, 1]


def test_expectations_hold_with_matchers(learner):
    learner.calling("shop.till:total", [1, 2]).returns(3)
    learner.calling("shop.till:counted").returns(any_int)
    learner.calling("shop.till:strict").raises("PermissionError", containing="No Entry")
    learner.calling("shop.till:strict").raises("OSError")


@pytest.mark.parametrize(
    ("name", "target", "arguments"),
    [
        ("call_differs", "shop.till:total", [[1, 2]]),
        ("call_raised", "shop.till:broken", [4]),
        ("call_clever_object", "shop.till:nested", []),
        ("call_crashed", "shop.till:gone", []),
        ("call_no_function", "shop.till:nothing", []),
        ("call_no_file", "shop.cellar:total", []),
        ("call_too_large", "shop.till:endless", []),
    ],
)
def test_a_failed_call_tells_what_was_called_and_what_came_back(
    learner, golden, name, target, arguments
):
    learner.topic("functions#return-values")
    with pytest.raises(CheckFailed) as caught:
        learner.calling(target, *arguments).returns(7, why="The till adds up prices.")
    golden(name, caught.value)


def test_a_function_that_does_not_end_is_shown_where_it_was(learner, golden):
    with pytest.raises(CheckFailed) as caught:
        learner.calling("shop.till:sleepy").within(0.2).returns(1)
    golden("call_timed_out", caught.value)


def test_a_function_that_will_not_be_stopped_is_killed(learner):
    with pytest.raises(CheckFailed, match="would not stop"):
        learner.calling("shop.till:stubborn").within(0.2).returns(1)


def test_an_interrupted_call_ends_and_the_next_one_works(learner, folder):
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.7)
    with pytest.raises(KeyboardInterrupt):
        learner.calling("shop.till:sleepy").within(60).returns(1)
    assert learner.call("shop.till:total", [1, 2]) == 3
    assert learner.call("shop.till:other_jobs") == 0


def test_another_exception_than_the_expected_one_is_a_failed_check(learner, golden):
    with pytest.raises(CheckFailed) as caught:
        learner.calling("shop.till:strict").raises("ValueError", why="A wrong key is refused.")
    golden("call_raised_another", caught.value)


def test_a_file_that_cannot_be_read_as_python_is_shown_with_its_line(learner, write, golden):
    write("bad.py", "def total(:\n    return 1\n")
    with pytest.raises(CheckFailed) as caught:
        learner.call("bad:total")
    golden("call_syntax_error", caught.value)


def test_a_learners_file_with_a_library_name_does_not_break_the_helper(learner, write):
    write("json.py", "raise RuntimeError('mine')\n")
    assert learner.call("shop.till:total", [1]) == 1


def test_functions_of_the_notebook_are_called_in_place(folder: Path):
    code = """
from milepost_testkit import learner
def total(prices): return sum(prices)
NAMES = ("a", "b")
class Always:
    def __eq__(self, other): return True
def clever(): return Always()
print(learner.call("total", [1, 2]), learner.get("NAMES"))
try: learner.call("clever")
except AssertionError as error: print(error)
try: learner.call("missing")
except AssertionError as error: print(error)
"""
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--quick", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines() == [
        "3 ['a', 'b']",
        "Called:    clever()",
        "Expected:  it returns plain data",
        "Came back: it returned an Always, expected plain data (JSON)",
        "Called:    missing()",
        "Expected:  it returns plain data",
        "Came back: The notebook defines no `missing`. Has its cell been run?",
    ]


def test_a_program_is_run_with_its_arguments_and_input(learner, write):
    write("cli.py", "import sys; print(sys.argv[1], input()); sys.exit(4)\n")
    done = learner.run("cli.py", ["hello"], stdin="world\n")
    assert (done.exit, done.stdout, done.stderr) == (4, "hello world\n", "")


def test_files_are_listed_and_read_but_nothing_outside_of_the_folder(learner, write, folder):
    write("README.md", "Hello")
    write(".secret", "no")
    (folder / "link").symlink_to("/etc/passwd")
    assert learner.files() == ["README.md", "shop/till.py"]
    assert learner.read("README.md") == "Hello"
    for name in ("../x", "/etc/passwd", "link", "nothing.md"):
        with pytest.raises(CheckFailed, match="There is no file"):
            learner.read(name)
