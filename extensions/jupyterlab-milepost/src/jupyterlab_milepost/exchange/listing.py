"""The shape and the wording of nbgrader's lists."""

from collections import defaultdict
from typing import Any

Info = dict[str, Any]
"""One entry, with the keys of stock nbgrader's list: what its JupyterLab extension reads."""


def grouped(submissions: list[Info]) -> list[Info]:
    """Gather submissions by course, student and project, each group in order of time."""
    groups: defaultdict[tuple[str, str, str], list[Info]] = defaultdict(list)
    for info in sorted(submissions, key=lambda one: str(one["timestamp"])):
        groups[info["course_id"], info["student_id"], info["assignment_id"]].append(info)
    return [
        {
            "course_id": course,
            "student_id": student,
            "assignment_id": project,
            "status": groups[course, student, project][0]["status"],
            "submissions": groups[course, student, project],
        }
        for course, student, project in sorted(groups)
    ]


def lines(entries: list[Info]) -> list[str]:
    """Write one line for each project, or for each submission of a group."""
    written = []
    for entry in entries:
        if "submissions" in entry:
            written += [_submission_line(info) for info in entry["submissions"]]
        else:
            written.append(_project_line(entry))
    return written


def _project_line(info: Info) -> str:
    line = f"{info['course_id']} {info['assignment_id']}"
    if info["status"] == "fetched":
        line += " (already downloaded)"
    return line + (" (locked)" if info["state"] == "locked" else "")


def _submission_line(info: Info) -> str:
    line = "{course_id} {student_id} {assignment_id} {timestamp}".format(**info)
    if info["has_local_feedback"] and not info["feedback_updated"]:
        return f"{line} (feedback already fetched)"
    if info["has_exchange_feedback"]:
        return f"{line} (feedback ready to be fetched)"
    return f"{line} (no feedback available)"
