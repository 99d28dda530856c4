"""What can be wrong with a request; the web turns each into a problem document."""


class DomainError(Exception):
    """A request that cannot be met; the message says why and what to do."""


class NotFoundError(DomainError):
    """There is no such thing, or not for this person."""


class ForbiddenError(DomainError):
    """The thing exists, and this person may not do this with it."""


class LockedError(ForbiddenError):
    """The project opens once its prerequisites are completed."""


class ConflictError(DomainError):
    """The request contradicts what is already stored."""


class InvalidError(DomainError):
    """The request is malformed or breaks a limit."""


class TooManyError(DomainError):
    """The limit of something that gets less by itself is reached: try again later."""


class TooLargeError(InvalidError):
    """The request is larger than its limit."""
