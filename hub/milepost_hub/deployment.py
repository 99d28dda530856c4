"""What tells this platform's containers from those of another one on the same machine."""

import re
import secrets
from pathlib import Path

from milepost_hub.errors import SetupError

NAME = re.compile(r"[0-9a-f]{8}")


def deployment_name(home: Path) -> str:
    """Return the name of the platform whose state is in `home`; made up when asked first.

    It is written down there, since volumes have to be found again wherever the folder moves.
    """
    file = home / "hub" / "deployment"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(secrets.token_hex(4), encoding="ascii")
    name = file.read_text(encoding="ascii").strip()
    if not NAME.fullmatch(name):
        raise SetupError(f"{file} has to hold eight hexadecimal digits, and holds {name!r}.")
    return f"milepost-{name}"
