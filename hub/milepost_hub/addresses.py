"""From where a request comes."""

from tornado.httputil import HTTPServerRequest


def client_address(request: HTTPServerRequest) -> str:
    """Return the address that our own proxy saw, or that of whoever connected without it.

    The proxy appends it to X-Forwarded-For; whatever stands before, and X-Real-IP, is the
    client's own claim and is not believed. The proxy is on this machine, and so its end of the
    connection has the same address as ours, which that of a learner's container never has. A
    learner's local server looks like the proxy: what it can do by that, `devices` makes harmless.
    """
    peer, own = _ends(request)
    if peer != own:
        return peer
    return request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip() or peer


def _ends(request: HTTPServerRequest) -> tuple[str, str]:
    """Return the addresses of both ends of the connection, whatever the headers say."""
    # `remote_ip` is no help: the Hub has tornado take it from the headers.
    connection = request.connection
    peer: str = connection.context.address[0]  # type: ignore[union-attr]
    socket = connection.stream.socket  # type: ignore[union-attr]
    # Without a socket the client has gone already.
    return peer, socket.getsockname()[0] if socket else ""
