"""What goes wrong before the platform can start, told to the person who starts it."""


class SetupError(Exception):
    """One clear sentence that says what is wrong and what to do about it."""
