"""`python -m tests.smoke`: the main job as a new user does it, in a real browser.

Prints one line of JSON: `ok`, each step's seconds, and on a failure what went wrong.
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.support.browser import chromium, person
from tests.support.journey import Person, expect_open
from tests.support.platform import Platform
from tests.support.solutions import BECAUSE, FIRST, SECOND, WRONG, fault, reference


@dataclass
class Clock:
    """How long each step took, in seconds."""

    seconds: dict[str, float] = field(default_factory=dict)
    step: str = ""

    @contextmanager
    def time(self, step: str) -> Iterator[None]:
        """Time a step."""
        self.step = step
        begun = time.perf_counter()
        yield
        self.seconds[step] = round(time.perf_counter() - begun, 2)


def main_job(clock: Clock) -> None:
    """Do the main job on a platform of its own."""
    platform = Platform()
    try:
        with clock.time("start"):
            platform.start()
        with chromium() as browser:
            _learn(Person(platform, person(browser)), clock)
        with clock.time("stop"):
            platform.stop()
    finally:
        platform.kill()
        platform.remove()


def _learn(learner: Person, clock: Clock) -> None:
    with clock.time("sign_up"):
        dashboard = learner.sign_up()
    with clock.time("open_project"):
        lab = learner.open_project(dashboard, FIRST)
    watching = learner.watch()
    wrong = fault(FIRST, WRONG)
    with clock.time("wrong_solution"):
        learner.save_solution(lab, FIRST, wrong.files)
        lab.press_submit()
        watching.expect_failed_steps(FIRST, wrong.fails, because=BECAUSE)
    with clock.time("right_solution"):
        learner.save_solution(lab, FIRST, reference(FIRST))
        lab.press_submit()
        watching.expect_score(FIRST, 100)
        expect_open(watching.page, SECOND)


def main() -> int:
    """Run the main job and print its line; return the exit status."""
    clock = Clock()
    begun = time.perf_counter()
    outcome: dict[str, object] = {"ok": True}
    try:
        main_job(clock)
    except Exception as error:  # noqa: BLE001 - whatever it was, the line must say so
        outcome = {"ok": False, "failed": clock.step, "error": f"{type(error).__name__}: {error}"}
    total = round(time.perf_counter() - begun, 2)
    print(json.dumps({**outcome, "seconds": clock.seconds, "total": total}))  # noqa: T201
    return 0 if outcome["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
