"""Headers that every answer carries."""

from tornado.httputil import HTTPHeaders
from tornado.web import RequestHandler

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def secure(handler: RequestHandler) -> None:
    """Set the security headers, and say nothing of the software."""
    for name, value in HEADERS.items():
        handler.set_header(name, value)
    handler.clear_header("Server")


def is_foreign(headers: HTTPHeaders, host: str) -> bool:
    """Whether a browser says that a page of another origin made the request."""
    origin = headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != host:
        return True
    return headers.get("Sec-Fetch-Site", "same-origin") in {"cross-site", "same-site"}
