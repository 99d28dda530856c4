"""The ways to run a sandbox, and the choice between them."""

import logging
from pkgutil import resolve_name

from ..errors import BackendUnavailable
from .base import Backend, BackendOptions, CauseOfDeath, Sandbox, SandboxSpec

__all__ = [
    "BACKENDS",
    "Backend",
    "BackendOptions",
    "CauseOfDeath",
    "Sandbox",
    "SandboxSpec",
    "choose",
]

BACKENDS = {
    "bubblewrap": "kernel_sandbox.backends.bubblewrap:BubblewrapBackend",
    "docker": "kernel_sandbox.backends.docker:DockerBackend",
    "process": "kernel_sandbox.backends.process:ProcessBackend",
}
"""Names and where the classes are; only the chosen one is imported."""

log = logging.getLogger(__name__)


def choose(name: str, options: BackendOptions) -> Backend:
    """Return the backend called `name`, after it has been checked to work here.

    "auto" takes bubblewrap where it works and process, with a warning, where it does not. A
    class of one's own is named "package.module:Class". Raises BackendUnavailable.
    """
    if name == "auto":
        return _automatic(options)
    if name not in BACKENDS and ":" not in name:
        raise BackendUnavailable(
            f"There is no sandbox backend {name!r}; choose one of: auto, {', '.join(BACKENDS)}."
        )
    backend_class = resolve_name(BACKENDS.get(name, name))
    if not (isinstance(backend_class, type) and issubclass(backend_class, Backend)):
        raise BackendUnavailable(f"{name} is not a subclass of kernel_sandbox.Backend.")
    backend = backend_class(options)
    backend.check()
    return backend


def _automatic(options: BackendOptions) -> Backend:
    try:
        return choose("bubblewrap", options)
    except BackendUnavailable as reason:
        log.warning("%s Kernels run as plain processes instead, WITHOUT isolation.", reason)
        return choose("process", options)
