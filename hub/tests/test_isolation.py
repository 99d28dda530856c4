"""What keeps learners' servers apart, and what it takes to do without."""

import os
from collections.abc import Callable, Iterator

import pytest
from milepost_hub import isolation
from milepost_hub.errors import SetupError
from milepost_hub.settings import Settings
from milepost_hub.spawners import sandbox
from milepost_hub.supervisor import hub_environment


@pytest.fixture
def as_user() -> Iterator[Callable[[int], None]]:
    """Become another user for a while, where this is root."""

    def become(uid: int) -> None:
        if os.geteuid() != uid:
            if os.getuid() != 0:
                pytest.skip("only root can become another user")
            os.seteuid(uid)

    yield become
    if os.geteuid() != os.getuid():
        os.seteuid(os.getuid())


@pytest.fixture
def no_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("PATH", "/nowhere")
    sandbox.problem.cache_clear()
    yield
    sandbox.problem.cache_clear()


@pytest.mark.usefixtures("no_bubblewrap")
def test_root_has_to_ask_for_servers_that_run_as_root(as_user: Callable[[int], None]):
    as_user(0)
    with pytest.raises(SetupError, match=r"run as root.*MILEPOST_ISOLATION=process"):
        isolation.choose(Settings.from_env({}))
    walls, warning = isolation.choose(Settings.from_env({"MILEPOST_ISOLATION": "process"}))
    assert walls == "process"
    assert "runs as root" in warning


@pytest.mark.usefixtures("no_bubblewrap")
def test_without_bubblewrap_another_user_is_warned(as_user: Callable[[int], None]):
    as_user(65534)
    walls, warning = isolation.choose(Settings.from_env({}))
    assert walls == "process"
    assert "each other's files" in warning
    assert "bwrap is not installed" in warning


@pytest.mark.usefixtures("no_bubblewrap")
def test_the_launchers_choice_is_the_hubs_which_does_not_choose_anew():
    told = hub_environment(Settings.from_env({"MILEPOST_ISOLATION": "process"}))
    assert told["MILEPOST_ISOLATION"] == "process"
    with pytest.raises(SetupError, match="MILEPOST_ISOLATION is bubblewrap, but"):
        isolation.choose(Settings.from_env({"MILEPOST_ISOLATION": "bubblewrap"}))


def test_a_choice_of_bubblewrap_reaches_the_hub_by_name():
    if sandbox.problem():
        pytest.skip(sandbox.problem())
    assert hub_environment(Settings.from_env({}))["MILEPOST_ISOLATION"] == "bubblewrap"
