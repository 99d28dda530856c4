"""What keeps learners' servers apart, and what it takes to do without."""

from collections.abc import Iterator

import pytest
from milepost_hub import isolation
from milepost_hub.errors import SetupError
from milepost_hub.settings import Settings
from milepost_hub.spawners import sandbox
from milepost_hub.supervisor import hub_environment

from conftest import require


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A PATH without it; whether it works is looked at once a process."""
    monkeypatch.setenv("PATH", "/nowhere")
    sandbox.problem.cache_clear()
    yield
    sandbox.problem.cache_clear()


def test_root_has_to_ask_for_servers_that_run_as_root():
    with pytest.raises(SetupError, match=r"would run as root.*MILEPOST_ISOLATION=process"):
        isolation.without_walls(Settings.from_env({}), "bwrap is not installed", root=True)
    asked = Settings.from_env({"MILEPOST_ISOLATION": "process"})
    assert "runs as root" in isolation.without_walls(asked, "it was asked for", root=True)


def test_anybody_else_is_warned():
    warning = isolation.without_walls(Settings.from_env({}), "bwrap is not installed", root=False)
    assert "each other's files" in warning
    assert "bwrap is not installed" in warning


@pytest.mark.usefixtures("no_bubblewrap")
def test_the_launchers_choice_is_the_hubs_which_does_not_choose_anew():
    told = hub_environment(Settings.from_env({"MILEPOST_ISOLATION": "process"}))
    assert told["MILEPOST_ISOLATION"] == "process"
    with pytest.raises(SetupError, match="MILEPOST_ISOLATION is bubblewrap, but"):
        isolation.choose(Settings.from_env({"MILEPOST_ISOLATION": "bubblewrap"}))


def test_a_choice_of_bubblewrap_reaches_the_hub_by_name():
    require("bubblewrap")
    assert hub_environment(Settings.from_env({}))["MILEPOST_ISOLATION"] == "bubblewrap"
