"""The seam between the tests and the learner's code."""

from typing import Any, Protocol, TypeAlias

Message: TypeAlias = dict[str, Any]
"""A JSON object."""


class Transport(Protocol):
    """Answers questions about the learner's code with JSON data.

    Nothing but JSON crosses, so a transport may as well lead into another sandbox. An answer
    that holds `problem` says in a sentence or more why there is no other one. The operations:

    | operation | question | answer |
    |-|-|-|
    | call | target, args, kwargs, seconds | outcome (jobs.calls.outcome, crashed), printed |
    | call | target, read (true) | the same |
    | serve | app, fresh | server |
    | http | server, method, path, headers, body, seconds | status, headers, body, … |
    | run | program, arguments, stdin, seconds | exit, stdout, stderr |
    | read | name | text |
    | files | | files |
    | upstream | script | upstream, url |
    | requests | upstream | requests: method, path, query, headers, body, at |

    The answer of http also has `errors` (tracebacks) and `printed`.
    """

    def ask(self, operation: str, question: Message) -> Message:
        """Answer one question; both sides are JSON objects."""
        ...
