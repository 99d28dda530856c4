"""Turns Milepost's exchange on.

Read by every nbgrader command and extension of the environment that this wheel is installed
in. A configuration in the user's Jupyter folder or in the course's comes later, and wins. The
course, where none is named, is the server's (MILEPOST_COURSE): see `Exchange.course`.
"""

c = get_config()  # noqa: F821

for _trait, _name in {
    "exchange": "Exchange",
    "collect": "ExchangeCollect",
    "fetch_assignment": "ExchangeFetchAssignment",
    "fetch_feedback": "ExchangeFetchFeedback",
    "list": "ExchangeList",
    "release_assignment": "ExchangeReleaseAssignment",
    "release_feedback": "ExchangeReleaseFeedback",
    "submit": "ExchangeSubmit",
}.items():
    setattr(c.ExchangeFactory, _trait, f"jupyterlab_milepost.exchange.{_name}")

c.Exchange.path_includes_course = True
