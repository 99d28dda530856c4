"""One request to the weather service, done well."""


def get_json(url, timeout=2.0, tries=3, pause=0.1):
    """Return the JSON that the service answers to GET `url`.

    `timeout`: how many seconds one try may take. `tries`: how often to ask, in all.
    `pause`: how many seconds to wait before the second try.
    """
    raise NotImplementedError("Write get_json in client/fetch.py")


def post_json(url, data, timeout=2.0):
    """Send `data` as JSON with POST `url`, once, and return the JSON of the answer."""
    raise NotImplementedError("Write post_json in client/fetch.py")
