"""Markdown of course authors as HTML that cannot do anything."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

_TAGS = {
    "p", "br", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a",
    "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table")


@lru_cache(maxsize=2048)
def to_html(text: str) -> Markup:
    """Return `text` as HTML of a few harmless elements, with links to http(s) alone."""
    html = nh3.clean(
        _PARSER.render(text),
        tags=_TAGS,
        attributes={"a": {"href"}},
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer",
    )
    # Cleaned by nh3 in the line above.
    return Markup(html)  # noqa: S704
