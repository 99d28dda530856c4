"""Courses on disk: course.yml, project.yml, notebooks, and the book's concept pages."""

from milepost.adapters.course_files.folder import CourseFolders

__all__ = ["CourseFolders"]
