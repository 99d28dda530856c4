"""The plain page that a learner sees when a project cannot be opened."""

import os
from html import escape

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'"
)

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Milepost</title>
<style>
:root {{ color-scheme: light dark; }}
body {{
  font: 1.125rem/1.6 system-ui, sans-serif;
  max-width: 38rem; margin: 15vh auto; padding: 0 1.5rem;
}}
h1 {{ font-size: 1.75rem; line-height: 1.25; }}
a {{ margin-right: 1.5rem; }}
</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{reason}</p>
<p>{advice}</p>
<p><a href="{dashboard}">Back to your dashboard</a>{again}</p>
</main>
</body>
</html>
"""


def dashboard_url() -> str:
    """Return the path of Milepost's dashboard on the Hub that started this server."""
    return os.environ.get("JUPYTERHUB_BASE_URL", "/").rstrip("/") + "/services/milepost/"


def problem_page(title: str, reason: str, advice: str, *, retry_url: str | None = None) -> str:
    """Return the page: what happened, why, what to do; a link to try again where it may help."""
    again = f'<a href="{escape(retry_url)}">Try again</a>' if retry_url else ""
    return _PAGE.format(
        title=escape(title),
        reason=escape(reason),
        advice=escape(advice),
        dashboard=escape(dashboard_url()),
        again=again,
    )
