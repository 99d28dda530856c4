"""One line of `make bench`."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Figure:
    """A measured value beside its baseline's, in the same unit."""

    name: str
    value: float
    unit: str
    baseline: float
    baseline_name: str
    better: Literal["lower", "higher"]
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float:
        """How many times better than the baseline: above 1 is better, whichever way is better."""
        low, high = self.value, self.baseline
        return high / low if self.better == "lower" else low / high

    def line(self) -> str:
        """Return the figure as a line of JSON."""
        kept = asdict(self)
        details = kept.pop("details")
        del kept["better"]
        rounded = {name: _rounded(value) for name, value in (kept | details).items()}
        return json.dumps({**rounded, "ratio": _rounded(self.ratio)})


def _rounded(value: object) -> object:
    return float(f"{value:.4g}") if isinstance(value, float) else value


def percentile(values: list[float], percent: float) -> float:
    """Return the smallest value that at least `percent` per cent of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
