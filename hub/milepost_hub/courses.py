"""Which courses there are, as their folders say."""

from pathlib import Path

import yaml

from milepost_hub.errors import SetupError


def course_slugs(folder: Path) -> list[str]:
    """Slugs of all `<folder>/*/course.yml`, sorted; raises SetupError for one that has none."""
    slugs = []
    for path in sorted(folder.glob("*/course.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict) or not isinstance(content.get("slug"), str):
            raise SetupError(f"{path} has no slug: add a line such as `slug: backend-python`.")
        slugs.append(content["slug"])
    return slugs
