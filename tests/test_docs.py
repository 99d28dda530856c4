"""The documentation says what there is, and links to what is there."""

import re
from pathlib import Path

import pytest

REPO = Path(__file__).parents[1]
PAGES = sorted(
    path
    for folder in (".", "docs", "extensions", "courses")
    for path in (REPO / folder).glob("*.md" if folder == "." else "**/*.md")
    if "node_modules" not in path.parts
)
LINK = re.compile(r"\]\((?!https?://|#|mailto:|/)([^)#\s]+)")
VARIABLE = re.compile(r"\bMILEPOST_[A-Z_]+\b")
TOLD_ELSEWHERE = {
    "MILEPOST_REQUIRE",  # CONTRIBUTING.md: for tests only
    "MILEPOST_LEARNER_ROOT",  # set by the server extension for its own processes
}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPO)))
def test_every_relative_link_leads_somewhere(page: Path):
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing


def _read_by_the_code() -> set[str]:
    files = [
        *(REPO / "hub/milepost_hub").rglob("*.py"),
        *(REPO / "services/milepost/src").rglob("*.py"),
        *(REPO / "extensions/jupyterlab-milepost/src").rglob("*.py"),
    ]
    return {name for file in files for name in VARIABLE.findall(file.read_text(encoding="utf-8"))}


def test_every_setting_is_in_the_reference_and_nothing_else():
    reference = (REPO / "docs/reference/settings.md").read_text(encoding="utf-8")
    assert set(VARIABLE.findall(reference)) == _read_by_the_code() - TOLD_ELSEWHERE
