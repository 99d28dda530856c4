"""A call of one of the learner's functions, and what a test expects of it."""

from typing import Any

from .failure import Reporter, headline, printed, section
from .matching import described, differences
from .plain import Json, plain, shown
from .transport import Message, Transport

CALL_SECONDS = 10.0


class Calling:
    """A call that is made when an expectation is stated: `returns`, `raises` or `value`."""

    def __init__(
        self,
        transport: Transport,
        reporter: Reporter,
        target: str,
        args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> None:
        self._transport = transport
        self._reporter = reporter
        self._target = target
        self._args = plain(args)
        self._kwargs = plain(kwargs)
        self._seconds = CALL_SECONDS

    def within(self, seconds: float) -> "Calling":
        """Give the function this long instead of ten seconds."""
        self._seconds = seconds
        return self

    def value(self, why: str = "") -> Json:
        """Return what the function returns, as plain data; anything else is a failed check."""
        answer = self._answer()
        if answer["outcome"] != "returned":
            self._fail(why, "it returns plain data", answer)
        returned: Json = plain(answer["value"])
        return returned

    def returns(self, expected: object, why: str = "") -> None:
        """Check that the function returns this plain data, in which matchers may stand."""
        answer = self._answer()
        wanted = f"it returns {described(expected)}"
        if answer["outcome"] != "returned":
            self._fail(why, wanted, answer)
        found = differences(expected, plain(answer["value"]))
        if found:
            self._fail(why, wanted, answer, section("Differs", "\n".join(found)))

    def raises(self, name: str, containing: str = "", why: str = "") -> None:
        """Check that the function raises this exception, or one derived from it.

        `containing` must stand in the exception's message, whatever the case of its letters.
        """
        answer = self._answer()
        wanted = f"it raises {name}" + (
            f' with "{containing}" in its message' if containing else ""
        )
        error = answer.get("error") or {}
        fits = answer["outcome"] == "raised" and name in error["bases"]
        if not fits or containing.lower() not in str(error["message"]).lower():
            self._fail(why, wanted, answer)

    def _answer(self) -> Message:
        question = {
            "target": self._target,
            "args": self._args,
            "kwargs": self._kwargs,
            "seconds": self._seconds,
        }
        answer = self._transport.ask("call", question)
        if "problem" in answer:
            return {"outcome": "missing", "message": str(answer["problem"])}
        return answer

    def _fail(self, why: str, wanted: str, answer: Message, *more: str) -> None:
        self._reporter.fail(
            headline(why),
            section("Called", self._described_call()),
            section("Expected", wanted),
            section("Came back", came_back(answer)),
            *more,
            printed(str(answer.get("printed", ""))),
        )

    def _described_call(self) -> str:
        arguments = [shown(value, 200) for value in self._args]  # type: ignore[union-attr]
        arguments += [f"{name}={shown(value, 200)}" for name, value in self._kwargs.items()]  # type: ignore[union-attr]
        return f"{self._target}({', '.join(arguments)})"


def came_back(answer: Message) -> str:
    """Say in plain words what became of a call."""
    match answer["outcome"]:
        case "returned":
            return f"it returned {shown(answer['value'])}"
        case "raised":
            return f"it raised {answer['error']['type']}\n{answer['error']['trace']}"
        case "timed_out":
            return _described_stop(answer)
        case "not_plain":
            place = f" at {answer['where']}" if answer["where"] else ""
            return f"it returned {answer['kind']}{place}, expected plain data (JSON)"
        case "crashed":
            return f"nothing: the process ended by itself, {_status(answer)}"
        case _:
            return str(answer["message"])


def _described_stop(answer: Message) -> str:
    if not answer.get("error"):
        return "nothing in time, and it would not stop"
    *place, _ = answer["error"]["trace"].splitlines()
    return "\n".join([f"nothing: it was {answer['error']['message']}", *place])


def _status(answer: Message) -> str:
    status: Any = answer.get("status", 0)
    return f"killed by signal {-status}" if status < 0 else f"with exit status {status}"
