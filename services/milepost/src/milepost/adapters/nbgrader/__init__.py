"""Grading and authoring through nbgrader."""
