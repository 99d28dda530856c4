"""nbgrader's settings for this course."""

c = get_config()  # noqa: F821 - nbgrader provides it

c.CourseDirectory.course_id = "backend-python"

# What a learner must not get, or what no one needs to hand in.
c.CourseDirectory.ignore = [
    ".ipynb_checkpoints",
    "*.pyc",
    "__pycache__",
    "feedback",
    ".pytest_cache",
    ".ruff_cache",
    "project.yml",
]
