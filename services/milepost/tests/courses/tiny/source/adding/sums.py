"""The learner's file."""


def double(number):
    """Return twice the number."""


def total(numbers):
    """Return the sum of the numbers."""
