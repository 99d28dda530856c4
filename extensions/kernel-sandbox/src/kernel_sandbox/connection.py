"""How a sandboxed kernel and its clients reach each other: Unix sockets in a private folder."""

import json
import os
import secrets
import stat
from pathlib import Path
from typing import Any

from .errors import SandboxStartError

_PORTS = {"shell_port": 1, "iopub_port": 2, "stdin_port": 3, "control_port": 4, "hb_port": 5}
_LONGEST = 100  # a Unix socket's name holds 107 bytes


class Connection:
    """The folder of one kernel's sockets, and what must be known to connect to them."""

    def __init__(self, folder: Path) -> None:
        if len(os.fsencode(folder)) > _LONGEST:
            raise SandboxStartError(
                f"The path {folder} is too long for a Unix socket; "
                "set SandboxProvisioner.runtime_dir to a shorter folder."
            )
        self.folder = folder

    def info(self, key: bytes | None, signature_scheme: str) -> dict[str, Any]:
        """Return the connection information for clients, as KernelManager takes it."""
        return {
            "transport": "ipc",
            "ip": str(self.folder / "k"),
            "key": key or secrets.token_hex(16).encode(),
            "signature_scheme": signature_scheme,
            **_PORTS,
        }

    def prepare(self, info: dict[str, Any], inside: Path | None, user: tuple[int, int]) -> Path:
        """Make the folder for a new kernel, and the connection file.

        `inside` is where the kernel sees the folder (None: where it is). Returns the path of the
        connection file, which lies beside the folder.
        """
        self.folder.mkdir(mode=0o700)
        file = self.folder.with_suffix(".json")
        content = {**info, "ip": str((inside or self.folder) / "k"), "key": info["key"].decode()}
        file.write_text(json.dumps(content), encoding="utf-8")
        file.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(file, *user)
            os.chown(self.folder, *user)
        return file

    def ready(self) -> bool:
        """Tell whether the kernel has opened all its sockets."""
        return all(self._is_socket(port) for port in _PORTS.values())

    def seal(self) -> None:
        """Take the folder from the kernel, which has no more to do in it than to use its sockets.

        Otherwise it could fill the host's disk through it, or put links where clients
        expect sockets. Only root can do this; other users' sandboxes keep the folder.
        Raises SandboxStartError if something else has taken a socket's place.
        """
        if os.geteuid() == 0:
            os.chown(self.folder, 0, 0)
            self.folder.chmod(0o711)
        if not self.ready():
            raise SandboxStartError("The kernel replaced its sockets with something else.")

    def _is_socket(self, port: int) -> bool:
        try:
            return stat.S_ISSOCK(os.lstat(f"{self.folder}/k-{port}").st_mode)
        except FileNotFoundError:
            return False
