"""From where a request comes."""

from tornado.httputil import HTTPServerRequest


def client_address(request: HTTPServerRequest) -> str:
    """Return the address that our own proxy saw.

    The proxy appends it to X-Forwarded-For; whatever stands before, and X-Real-IP, is the
    client's own claim and is not believed.
    """
    forwarded = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return forwarded or request.remote_ip or ""
