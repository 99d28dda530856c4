"""Which platforms may run learners' code in what contains nothing."""

import pytest
from milepost.app.wiring.grading import check_containment
from milepost.config import Milepost, SettingsError


def test_plain_processes_are_refused_where_others_can_reach_the_platform() -> None:
    settings = Milepost(sandbox="process", ip="127.0.0.1", public_ip="0.0.0.0")
    with pytest.raises(SettingsError, match="that others can reach"):
        check_containment(settings, "process", as_root=False)


def test_plain_processes_that_nobody_asked_for_are_refused_to_root() -> None:
    settings = Milepost(sandbox="auto", ip="127.0.0.1")
    with pytest.raises(SettingsError, match="would run as root"):
        check_containment(settings, "process", as_root=True)


def test_plain_processes_are_allowed_on_loopback_to_a_user_or_to_who_asks_for_them() -> None:
    check_containment(Milepost(sandbox="auto", ip="127.0.0.1"), "process", as_root=False)
    check_containment(Milepost(sandbox="process", ip="127.0.0.1"), "process", as_root=True)


def test_a_sandbox_that_contains_is_allowed_anywhere() -> None:
    check_containment(Milepost(ip="0.0.0.0"), "bubblewrap", as_root=True)
