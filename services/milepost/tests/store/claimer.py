"""A worker of the concurrency tests, as a process: `claimer.py URL NAME drain|hold|inside`.

drain: claim and finish until nothing is left, and print each job's id; hold: claim one job,
print it, and stay; inside: the same, before the claim is committed.
"""

import sys
import time

from milepost.adapters.sql.store import SqlStore

from services.milepost.tests.store.samples import NOW


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def drain(store: SqlStore, name: str) -> None:
    while True:
        with store.transaction() as tx:
            job = tx.jobs.claim(name, lease_seconds=600, now=NOW)
            left = job is not None or tx.jobs.counts()["queued"]
        if not left:
            return
        if job is None:
            # What is left is in lanes that another worker is busy with.
            time.sleep(0.01)
            continue
        with store.transaction() as tx:
            if tx.jobs.finish(job.id, job.fence):
                say(job.id)


def hold(store: SqlStore, name: str) -> None:
    with store.transaction() as tx:
        job = tx.jobs.claim(name, lease_seconds=600, now=NOW)
    say(job.fence if job else None)
    time.sleep(3600)


def inside(store: SqlStore, name: str) -> None:
    with store.transaction() as tx:
        job = tx.jobs.claim(name, lease_seconds=600, now=NOW)
        say(job.fence if job else None)
        time.sleep(3600)


if __name__ == "__main__":
    {"drain": drain, "hold": hold, "inside": inside}[sys.argv[3]](
        SqlStore(sys.argv[1]), sys.argv[2]
    )
