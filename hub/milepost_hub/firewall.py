"""Which ports of this machine learners' containers reach: the Hub's and the service's."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress

from milepost_hub.errors import SetupError


class Firewall:
    """Rules in a chain of their own for what comes in from one bridge.

    A Docker network without a way out still reaches every port of this machine, and Docker's own
    chains do not see that traffic. Replies to the Hub's own connections pass.
    """

    def __init__(self, bridge: str, gateway: str, ports: Sequence[int]) -> None:
        self._bridge = bridge
        # Names of chains have 28 characters at most.
        self._chain = f"MILEPOST-{bridge.removeprefix('br-')}"[:28]
        self._allowed = [["-d", gateway, "-p", "tcp", "--dport", str(port)] for port in ports]

    def install(self) -> None:
        """Put the rules in force. Raises SetupError where that is not possible."""
        require_firewall()
        self.remove()
        _iptables("-N", self._chain)
        _iptables("-A", self._chain, "-m", "conntrack", "--ctstate", "ESTABLISHED", "-j", "ACCEPT")
        for match in self._allowed:
            _iptables("-A", self._chain, *match, "-j", "ACCEPT")
        _iptables("-A", self._chain, "-j", "DROP")
        for hook in ("INPUT", "FORWARD"):
            _iptables("-I", hook, "-i", self._bridge, "-j", self._chain)

    def remove(self) -> None:
        """Take the rules back, if they are there."""
        if problem():
            return
        for hook in ("INPUT", "FORWARD"):
            with suppress(SetupError):
                _iptables("-D", hook, "-i", self._bridge, "-j", self._chain)
        with suppress(SetupError):
            _iptables("-F", self._chain)
            _iptables("-X", self._chain)


def problem() -> str:
    """Say why this machine's ports cannot be closed to containers; empty if they can."""
    if os.geteuid() != 0:
        return "only root can close them"
    if shutil.which("iptables") is None:
        return "iptables is not installed"
    return ""


def require_firewall() -> None:
    """Raise SetupError, which says what to do, where the ports cannot be closed."""
    if reason := problem():
        raise SetupError(
            f"Learners' containers could reach all ports of this machine, as {reason}: run as root "
            "with iptables installed, or allow it with MILEPOST_FIREWALL=off."
        )


def _iptables(*arguments: str) -> None:
    done = subprocess.run(
        ["iptables", "-w", *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SetupError(f"iptables {' '.join(arguments)} failed: {done.stderr.strip()}")
