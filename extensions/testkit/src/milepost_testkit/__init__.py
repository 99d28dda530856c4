"""What Milepost project tests import to talk to the learner's code.

from milepost_testkit import learner

api = learner.serve("app.main:app")
api.get("/books/7").expect(status=404, json={"detail": any_str})
"""

import atexit
from pathlib import Path

from .failure import CheckFailed
from .learner import Finished, Learner
from .local import LocalTransport
from .matching import any_int, any_list, any_str, containing, subset
from .transport import Message, Transport

_transport = LocalTransport(Path.cwd())
atexit.register(_transport.close)

learner = Learner(_transport)

__all__ = [
    "CheckFailed",
    "Finished",
    "Learner",
    "LocalTransport",
    "Message",
    "Transport",
    "any_int",
    "any_list",
    "any_str",
    "containing",
    "learner",
    "subset",
]
