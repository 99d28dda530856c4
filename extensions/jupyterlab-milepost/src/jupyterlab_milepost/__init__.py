"""Milepost in JupyterLab: the wire archive, nbgrader's exchange, and the server extension."""


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "jupyterlab_milepost.server"}]
