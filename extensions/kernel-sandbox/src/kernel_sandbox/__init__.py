"""A Jupyter kernel provisioner: every kernel in a single-use sandbox without network.

Start a kernel of the spec `python3-sandbox` with anything that starts kernels, and configure it
through the traits of `SandboxProvisioner`.
"""

from .backends import Backend, BackendOptions, CauseOfDeath, Sandbox, SandboxSpec
from .errors import (
    BackendUnavailable,
    FolderTooLargeError,
    LimitError,
    SandboxError,
    SandboxStartError,
)
from .limits import Limits
from .provisioner import SandboxProvisioner
from .reaper import reap

KERNEL_NAME = "python3-sandbox"
"""The kernel spec that this package installs."""

__all__ = [
    "KERNEL_NAME",
    "Backend",
    "BackendOptions",
    "BackendUnavailable",
    "CauseOfDeath",
    "FolderTooLargeError",
    "LimitError",
    "Limits",
    "Sandbox",
    "SandboxError",
    "SandboxProvisioner",
    "SandboxSpec",
    "SandboxStartError",
    "reap",
]
