"""Claim, lease, run, retry."""

from milepost.worker.worker import Worker, WorkerSettings

__all__ = ["Worker", "WorkerSettings"]
