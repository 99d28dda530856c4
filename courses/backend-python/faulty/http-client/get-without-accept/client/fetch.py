"""One request to the weather service, done well."""

import time

import httpx

from client.errors import ServiceError, ServiceTimeout

RETRIED = {429, 500, 502, 503, 504}


def get_json(url, timeout=2.0, tries=3, pause=0.1):
    """Return the JSON that the service answers to GET `url`."""
    for attempt in range(1, tries + 1):
        is_last = attempt == tries
        asked_for = 0
        try:
            response = send("GET", url, timeout)
        except ServiceError:
            if is_last:
                raise
        else:
            if is_last or response.status_code not in RETRIED:
                return data_of(response)
            asked_for = seconds_asked_for(response)
        time.sleep(max(pause * 2 ** (attempt - 1), asked_for))


def post_json(url, data, timeout=2.0):
    """Send `data` as JSON with POST `url`, once, and return the JSON of the answer."""
    return data_of(send("POST", url, timeout, json=data))


def send(method, url, timeout, **options):
    """Send one request; name trouble with the connection by our own exceptions."""
    headers = {}
    try:
        return httpx.request(method, url, timeout=timeout, headers=headers, **options)
    except httpx.TimeoutException as error:
        raise ServiceTimeout(f"No answer within {timeout} seconds") from error
    except httpx.TransportError as error:
        raise ServiceError(f"The connection failed: {error}") from error


def data_of(response):
    """Return the JSON of a good answer; raise ServiceError for any other."""
    if not response.is_success:
        raise ServiceError(f"The service answered {response.status_code}")
    try:
        return response.json()
    except ValueError as error:
        raise ServiceError("The service did not answer with JSON") from error


def seconds_asked_for(response):
    """Return the whole seconds of the header Retry-After, or 0."""
    text = response.headers.get("Retry-After", "")
    return int(text) if text.isdigit() else 0
