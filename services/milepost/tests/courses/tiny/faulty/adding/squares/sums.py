"""The learner's file."""


def double(number):
    """Return twice the number."""
    return number**2


def total(numbers):
    """Return the sum of the numbers."""
    return sum(numbers)
