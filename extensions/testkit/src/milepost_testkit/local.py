"""The transport that runs the learner's code on this machine, beside the kernel."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from .files import Files
from .jobs.channel import ChannelClosedError, UnreadableAnswerError
from .notebook import call_here
from .nursery import HelperStoppedError, Job, Nursery
from .servers import Servers
from .transport import Message

START_SECONDS = 20
GRACE_SECONDS = 1.0
MAX_UPSTREAMS = 8
MAX_OUTPUT = 100_000


class LocalTransport:
    """Answers from the files below `root` and from the notebook's own names."""

    def __init__(self, root: Path) -> None:
        self._files = Files(root)
        self._nursery = Nursery(self._files.root)
        self._servers = Servers(self._nursery, self._files)
        self._upstreams: dict[int, tuple[Job, list[Message]]] = {}
        self._operations: dict[str, Callable[[Message], Message]] = {
            "call": self._call,
            "files": self._names,
            "http": self._servers.send,
            "read": self._read,
            "requests": self._requests,
            "run": self._run,
            "serve": self._servers.serve,
            "upstream": self._upstream,
        }

    def ask(self, operation: str, question: Message) -> Message:
        """Answer one question; see Transport."""
        try:
            return self._operations[operation](question)
        except (HelperStoppedError, UnreadableAnswerError) as error:
            return {"problem": str(error)}

    def close(self) -> None:
        """End every process that was started."""
        self._nursery.close()

    def _call(self, question: Message) -> Message:
        if ":" not in question["target"]:
            return call_here(question, self._files.root)
        job = self._nursery.start("call", question, self._files.libraries())
        try:
            answer = _outcome(job, question.get("seconds", START_SECONDS) + GRACE_SECONDS)
        finally:
            status = self._nursery.end(job)
        return {**answer, "status": status, "printed": job.printed()}

    def _names(self, _question: Message) -> Message:
        return {"files": self._files.names()}

    def _read(self, question: Message) -> Message:
        text = self._files.read(question["name"])
        if text is None:
            return {"problem": f"There is no file {question['name']}."}
        return {"text": text}

    def _run(self, question: Message) -> Message:
        command = [sys.executable, "-B", question["program"], *question["arguments"]]
        try:
            done = subprocess.run(
                command,
                input=question["stdin"].encode(),
                capture_output=True,
                timeout=question["seconds"],
                cwd=self._files.root,
                env={**os.environ, "PYTHONUTF8": "1"},
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"problem": f"It was still running after {question['seconds']:g} seconds."}
        return {
            "exit": done.returncode,
            "stdout": done.stdout.decode(errors="replace")[:MAX_OUTPUT],
            "stderr": done.stderr.decode(errors="replace")[:MAX_OUTPUT],
        }

    def _upstream(self, question: Message) -> Message:
        if len(self._upstreams) >= MAX_UPSTREAMS:
            oldest = next(iter(self._upstreams))
            self._nursery.end(self._upstreams.pop(oldest)[0])
        job = self._nursery.start("upstream", question, ())
        try:
            url = job.channel.receive(START_SECONDS)["url"]
        except (TimeoutError, ChannelClosedError):
            self._nursery.end(job)
            return {"problem": f"The scripted server did not start.\n{job.printed()}"}
        self._upstreams[job.pid] = (job, [])
        return {"upstream": job.pid, "url": url}

    def _requests(self, question: Message) -> Message:
        if question["upstream"] not in self._upstreams:
            return {"problem": "This scripted server has been replaced by later ones."}
        job, requests = self._upstreams[question["upstream"]]
        requests += job.channel.waiting()
        return {"requests": list(requests)}


def _outcome(job: Job, seconds: float) -> Message:
    try:
        return job.channel.receive(seconds)
    except TimeoutError:
        return {"outcome": "timed_out", "error": None}
    except ChannelClosedError:
        return {"outcome": "crashed"}
    except UnreadableAnswerError as error:
        return {"outcome": "not_plain", "kind": str(error), "where": ""}
