"""Settings are read in one place, and a wrong one is named."""

from pathlib import Path

import pytest
from milepost_hub.courses import course_slugs
from milepost_hub.errors import SetupError
from milepost_hub.settings import REPO, Settings


def test_without_any_setting_the_platform_is_embedded_on_loopback():
    settings = Settings.from_env({})
    assert settings.profile == "embedded"
    assert settings.loopback_only
    assert settings.home == REPO / "var"
    assert settings.url == "http://127.0.0.1:8000/"
    assert (settings.hub_port, settings.proxy_api_port) == (8001, 8002)
    assert (settings.service_port, settings.book_port) == (8003, 8004)


def test_a_relative_home_becomes_absolute():
    assert Settings.from_env({"MILEPOST_HOME": "somewhere"}).home == Path.cwd() / "somewhere"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "0"),
        ("PORT", "65533"),
        ("PORT", "-1"),
        ("PORT", "٨٠٠٠"),
        ("MILEPOST_PROFILE", "cloud"),
        ("MILEPOST_ISOLATION", "none"),
        ("MILEPOST_SANDBOX", "vm"),
        ("MILEPOST_OPEN_SIGNUP", "perhaps"),
        ("MILEPOST_FIREWALL", "perhaps"),
        ("MILEPOST_IDLE_MINUTES", "0"),
        ("MILEPOST_IDLE_MINUTES", "inf"),
        ("MILEPOST_LEARNER_CPUS", "many"),
    ],
)
def test_a_wrong_setting_is_refused_by_its_name(name: str, value: str):
    with pytest.raises(SetupError, match=f"^{name} is .*but"):
        Settings.from_env({name: value})


def test_instructors_are_names_between_commas():
    settings = Settings.from_env({"MILEPOST_INSTRUCTORS": "Grace, alan ,,"})
    assert settings.instructors == {"grace", "alan"}


@pytest.mark.parametrize(
    ("ip", "only"),
    [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False), ("10.0.0.1", False)],
)
def test_only_loopback_counts_as_closed_to_others(ip: str, only: bool):
    assert Settings.from_env({"MILEPOST_IP": ip}).loopback_only is only


def test_courses_are_found_by_their_folders(tmp_path: Path):
    for slug in ("bb", "aa"):
        (tmp_path / slug).mkdir()
        (tmp_path / slug / "course.yml").write_text(f"slug: {slug}\n")
    (tmp_path / "no-course").mkdir()
    assert course_slugs(tmp_path) == ["aa", "bb"]


@pytest.mark.parametrize("content", ["title: A\n", "- a\n", "slug: 3\n", "", "slug: ../up\n"])
def test_a_course_without_a_proper_slug_is_refused_by_its_file(tmp_path: Path, content: str):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "course.yml").write_text(content)
    with pytest.raises(SetupError, match=r"a/course\.yml"):
        course_slugs(tmp_path)
