"""`python -m tests.bench [--only name,…]`: print one line of JSON for each figure."""

import argparse
from collections.abc import Callable, Iterator

import httpx

from tests.bench import lab_ready, progress_requests, submit_to_score
from tests.bench.figure import Figure
from tests.support.api import administrator
from tests.support.platform import Platform

Measure = Callable[[Platform, httpx.Client], Iterator[Figure]]

MEASURES: dict[str, Measure] = {
    "submit_to_score": submit_to_score.measure,
    "lab_ready": lab_ready.measure,
    "progress_requests": progress_requests.measure,
}


def chosen(text: str) -> list[str]:
    """Return the names between the commas, all where there is none; refuse what is not there."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        known = ", ".join(MEASURES)
        raise argparse.ArgumentTypeError(f"no figure {', '.join(unknown)}; there are: {known}")
    return names or list(MEASURES)


def main() -> None:
    """Start one platform, and measure on it."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", type=chosen, default="", metavar="NAME,…")
    names: list[str] = parser.parse_args().only or list(MEASURES)
    with Platform() as platform, administrator(platform) as admin:
        for name in names:
            for figure in MEASURES[name](platform, admin):
                print(figure.line(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
