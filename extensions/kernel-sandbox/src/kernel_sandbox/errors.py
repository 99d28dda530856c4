"""What can go wrong before learner code runs. None of it is the learner's fault."""


class SandboxError(Exception):
    """A sandbox could not do what was asked of it."""


class LimitError(SandboxError, ValueError):
    """A limit was given as something that is not a sensible limit."""


class FolderTooLargeError(SandboxError):
    """The kernel's folder does not fit into the sandbox's disk limit."""


class BackendUnavailable(SandboxError):  # noqa: N818 - it names a state, and callers read it so
    """This machine cannot run the chosen backend: program, service or image is missing."""


class SandboxStartError(SandboxError):
    """The sandbox ended, or never answered, before its kernel was ready."""
