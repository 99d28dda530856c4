"""Progress of 1,000 learners over HTTP, beside the Hub's own simplest answer."""

from collections.abc import Iterator
from statistics import median

import httpx

from tests.bench.figure import Figure, percentile
from tests.bench.fill import fill_progress
from tests.bench.load import Load, run
from tests.support.api import token_of
from tests.support.platform import Platform

LEARNERS = 1000
SIGNED_IN = 20
ROUNDS = 3
REQUESTS = 1500
CONCURRENCY = 16
WARM_UP = 100


def measure(platform: Platform, admin: httpx.Client) -> Iterator[Figure]:
    """Yield `progress_requests`."""
    names = [f"bench-{number:04}" for number in range(LEARNERS)]
    rows = fill_progress(platform, names)
    tokens = [token_of(admin, name) for name in names[:SIGNED_IN]]
    ours, theirs = f"{platform.api}/progress", f"{platform.url}/hub/api/user"
    for url in (ours, theirs):
        run(url, tokens, requests=WARM_UP, concurrency=CONCURRENCY)
    loads: dict[str, list[Load]] = {ours: [], theirs: []}
    for _ in range(ROUNDS):
        for url, measured in loads.items():
            measured.append(run(url, tokens, requests=REQUESTS, concurrency=CONCURRENCY))
    yield Figure(
        "progress_requests",
        median(load.rate for load in loads[ours]),
        "requests/s",
        median(load.rate for load in loads[theirs]),
        "JupyterHub's GET /hub/api/user",
        better="higher",
        details={
            "p99_ms": _p99(loads[ours]),
            "baseline_p99_ms": _p99(loads[theirs]),
            "rows": rows,
            "concurrency": CONCURRENCY,
            "n": ROUNDS * REQUESTS,
        },
    )


def _p99(loads: list[Load]) -> float:
    return 1000 * percentile([one for load in loads for one in load.latencies], 99)
