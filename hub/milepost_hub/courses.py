"""Which courses there are, as their folders say."""

import re
from pathlib import Path

import yaml

from milepost_hub.errors import SetupError

# What the Hub allows in the name of a scope.
SLUG = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]")


def course_slugs(folder: Path) -> list[str]:
    """Slugs of all `<folder>/*/course.yml`, sorted; raises SetupError for one that has none."""
    slugs = []
    for path in sorted(folder.glob("*/course.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        slug = content.get("slug") if isinstance(content, dict) else None
        if not isinstance(slug, str) or not SLUG.fullmatch(slug):
            raise SetupError(f"{path} has no proper slug: write one as in `slug: backend-python`.")
        slugs.append(slug)
    return slugs
