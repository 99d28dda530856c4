"""Logs: one JSON object a line, on standard error."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_TALKATIVE = ("alembic", "milepost.nbgrader", "tornado.access")
"""Loggers that tell every step they take."""
# Values of these never get into a log, whoever binds them.
_SECRET = ("token", "password", "secret", "cookie", "authorization")


def set_up(level: str) -> None:
    """Send the service's own logs and those of its libraries through one formatter."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.getLogger("tornado.application").addFilter(_without_session_ids)


def _without_session_ids(record: logging.LogRecord) -> bool:
    """Leave out where JupyterHub 6 tells a session's id when it makes an XSRF cookie."""
    return not str(record.msg).startswith("Setting new xsrf cookie")


def _without_secrets(
    logger: Any,  # noqa: ANN401 - structlog's own signature
    name: str,
    event: MutableMapping[str, Any],
) -> MutableMapping[str, Any]:
    del logger, name
    for key in event:
        if any(word in key.lower() for word in _SECRET):
            event[key] = "(left out)"
    return event
