"""What a project's tests speak through: the learner's code, as plain data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .calling import Calling, came_back
from .failure import Reporter, headline, section
from .http import Client
from .plain import Json, plain
from .transport import Message, Transport
from .upstream import Upstream, script_of

RUN_SECONDS = 10.0


@dataclass(frozen=True)
class Finished:
    """What a program left: its `exit` status and all that it wrote."""

    exit: int
    stdout: str
    stderr: str


class Learner:
    """The learner's code. Every failed check is a CheckFailed with a message for the learner."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self._reporter = Reporter()

    def topic(self, paragraph: str) -> None:
        """Name the paragraph of the book that helps with the checks that follow."""
        self._reporter.topic = paragraph

    def check(self, holds: object, why: str) -> None:
        """Fail with the sentence `why` unless `holds`."""
        if not holds:
            self._reporter.fail(why)

    def call(self, target: str, /, *args: object, **kwargs: object) -> Json:
        """Return what "module:function", or a function of the notebook, returns."""
        return self.calling(target, *args, **kwargs).value()

    def calling(self, target: str, /, *args: object, **kwargs: object) -> Calling:
        """State what is expected of a call: `.returns(…)`, `.raises(…)`."""
        return Calling(self._transport, self._reporter, target, args, kwargs)

    def get(self, target: str) -> Json:
        """Return the value of "module:NAME", or of a name in the notebook."""
        question = {"target": target, "read": True, "seconds": RUN_SECONDS}
        answer = self._transport.ask("call", question)
        if "problem" in answer:
            answer = {"outcome": "missing", "message": answer["problem"]}
        if answer["outcome"] != "returned":
            self._reporter.fail(
                section("Looked up", target), section("Came back", came_back(answer))
            )
        value: Json = plain(answer["value"])
        return value

    def serve(self, app: str, *, fresh: bool = False) -> Client:
        """Return a client of the learner's running server "module:application".

        The server is the one of the call before, unless a file has changed; `fresh` starts a
        new one, with nothing in its memory.
        """
        answer = self._answered("serve", {"app": app, "fresh": fresh}, f"start of {app}")
        return Client(self._transport, self._reporter, answer["server"])

    def run(
        self,
        program: str,
        arguments: Sequence[str] = (),
        *,
        stdin: str = "",
        timeout: float = RUN_SECONDS,
    ) -> Finished:
        """Run one of the learner's Python files as a program, and wait for its end."""
        question = {
            "program": program,
            "arguments": list(arguments),
            "stdin": stdin,
            "seconds": timeout,
        }
        answer = self._answered("run", question, " ".join(["python", program, *arguments]))
        return Finished(answer["exit"], answer["stdout"], answer["stderr"])

    def read(self, name: str) -> str:
        """Return the text of one of the learner's files."""
        return str(self._answered("read", {"name": name}, f"reading of {name}")["text"])

    def files(self) -> list[str]:
        """Return the names of the learner's files."""
        return [str(name) for name in self._answered("files", {}, "list of files")["files"]]

    def upstream(self, routes: Mapping[str, Any]) -> Upstream:
        """Start a scripted HTTP server beside the learner's code.

        `routes` leads from "METHOD /path?name=value" to an answer, or to a list of answers that
        are given in turn, the last one again and again. An answer has `status` (200), `json` or
        `body`, `headers`, `delay` in seconds, or `drop` to hang up without an answer.
        """
        question = {"script": plain(script_of(routes))}
        answer = self._answered("upstream", question, "start of the scripted server")
        return Upstream(self._transport, self._reporter, answer["upstream"], answer["url"])

    def _answered(self, operation: str, question: Message, title: str) -> Message:
        answer = self._transport.ask(operation, question)
        if "problem" in answer:
            self._reporter.fail(
                headline(f"This did not work: {title}"),
                section("Came back", str(answer["problem"])),
            )
        return answer
