"""nbgrader's exchange over HTTP: projects, submissions and feedback go through Milepost.

Enabled by the configuration that the wheel installs (`etc/jupyter/nbgrader_config.py`), for
nbgrader's commands, its JupyterLab extensions and its formgrader alike.
"""

from jupyterlab_milepost.exchange.base import Exchange
from jupyterlab_milepost.exchange.collect import ExchangeCollect
from jupyterlab_milepost.exchange.fetch_assignment import ExchangeFetchAssignment
from jupyterlab_milepost.exchange.fetch_feedback import ExchangeFetchFeedback
from jupyterlab_milepost.exchange.list import ExchangeList
from jupyterlab_milepost.exchange.release_assignment import ExchangeReleaseAssignment
from jupyterlab_milepost.exchange.release_feedback import ExchangeReleaseFeedback
from jupyterlab_milepost.exchange.submit import ExchangeSubmit

__all__ = [
    "Exchange",
    "ExchangeCollect",
    "ExchangeFetchAssignment",
    "ExchangeFetchFeedback",
    "ExchangeList",
    "ExchangeReleaseAssignment",
    "ExchangeReleaseFeedback",
    "ExchangeSubmit",
]
