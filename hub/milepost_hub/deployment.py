"""What tells this platform's containers from those of another one on the same machine."""

import re
import secrets
from pathlib import Path

from milepost_hub.errors import SetupError
from milepost_hub.kept import keep

NAME = re.compile(r"[0-9a-f]{8}")


def deployment_name(home: Path) -> str:
    """Return the name of the platform whose state is in `home`; made up when asked first.

    It is written down there, since volumes have to be found again wherever the folder moves.
    """
    file = home / "hub" / "deployment"
    if not file.exists():
        keep(file, secrets.token_hex(4))
    name = file.read_text(encoding="ascii").strip()
    if not NAME.fullmatch(name):
        raise SetupError(
            f"{file} has to hold eight hexadecimal digits, and holds {name!r}: write down those in "
            "the names of the learners' volumes (docker volume ls), or remove the file."
        )
    return f"milepost-{name}"
