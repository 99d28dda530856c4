"""Submitting and grading, as a learner's server and the worker do it."""

import uuid
from typing import Any

import httpx
from jupyterlab_milepost.archive import pack_files
from milepost.domain.attempts import Outcome
from milepost.domain.events import EventKind
from milepost.domain.progress import after_grade
from milepost.ports.bus import learner_topic

from services.milepost.tests.web.support.site import Site

GZIP = {"Content-Type": "application/gzip"}


def archive(text: str = "") -> bytes:
    """Return an archive of a project whose notebook says `text`."""
    return pack_files({"project.ipynb": text.encode() or b"{}", "app/main.py": b""})


def submit(
    client: httpx.Client,
    project: str = "first-server",
    *,
    content: bytes | None = None,
    key: str | None = None,
) -> httpx.Response:
    """Submit a project of the course `backend`."""
    return client.post(
        f"/courses/backend/projects/{project}/submissions",
        content=archive() if content is None else content,
        headers=GZIP | {"Idempotency-Key": key or uuid.uuid4().hex},
    )


def accepted(client: httpx.Client, project: str = "first-server") -> dict[str, Any]:
    """Submit, and return the receipt."""
    answer = submit(client, project)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


def grade(site: Site, attempt_id: int, outcome: Outcome) -> None:
    """Record an outcome as the worker does, and ring."""
    now = site.deps.now()
    with site.deps.store.transaction() as tx:
        attempt = tx.attempts.get(attempt_id)
        assert attempt is not None
        tx.attempts.record(attempt_id, outcome, now)
        before = tx.progress.get(attempt.username, attempt.project_id)
        tx.progress.save(
            attempt.username, attempt.project_id, after_grade(before, outcome.percent, 80, now)
        )
        told = {"attempt": attempt_id, "project": attempt.project}
        tx.events.append(attempt.username, EventKind.ATTEMPT_GRADED, told, at=now)
    site.deps.bus.ring(learner_topic(attempt.username))


def queued(site: Site) -> int:
    """Return how many jobs wait."""
    with site.deps.store.reading() as tx:
        return tx.jobs.counts()["queued"]
