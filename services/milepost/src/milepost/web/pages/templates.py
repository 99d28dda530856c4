"""The page templates, with what they may call."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from milepost.web.markdown import to_html
from milepost.web.pages import words

FOLDER = Path(__file__).parent.parent / "templates"


def make_environment(static_root: str) -> Environment:
    """Return the environment; `static_root` is the address below which static files stand."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        # An update under a running service must not mix new pages with old code.
        auto_reload=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        markdown=to_html,
        points=words.points,
        duration=words.duration,
        instant=words.instant,
        iso=words.iso,
        time_spent=words.time_spent,
        headline=words.headline,
        announcement=words.announcement,
    )
    environment.globals.update(state_words=words.STATE, static_root=static_root)
    return environment
