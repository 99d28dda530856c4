"""Accounts that somebody has to approve, and who teaches."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from milepost_hub import roles
from milepost_hub.settings import Settings


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory, make_platform: Callable) -> Iterator:
    folder = tmp_path_factory.mktemp("approval")
    (folder / "courses" / "demo").mkdir(parents=True)
    (folder / "courses" / "demo" / "course.yml").write_text("slug: demo\n")
    running = make_platform(
        folder / "home",
        MILEPOST_OPEN_SIGNUP="false",
        MILEPOST_INSTRUCTORS="grace",
        MILEPOST_COURSES=str(folder / "courses"),
    ).start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def admin(platform):
    visitor = platform.visitor()
    visitor.sign_in("admin", platform.admin_password())
    return visitor


def decide(admin, name: str, action: str, **fields: str):
    return admin.fill_in("/hub/authorize", username=name, action=action, **fields)


def test_an_account_waits_until_it_is_approved(platform, admin):
    ada = platform.visitor()
    assert "as soon as the administrator has approved" in ada.told(ada.sign_up("ada"))
    answer = ada.sign_in("ada")
    assert answer.status_code == 403
    assert "waits for the administrator" in ada.told(answer)
    assert "Invalid" in ada.told(ada.sign_in("ada", "not the password")), "told to its owner only"
    assert "may now sign in" in admin.told(decide(admin, "ada", "approve"))
    assert ada.sign_in("ada").status_code == 200


def test_a_blocked_accounts_sessions_end(platform, admin):
    bob = platform.visitor()
    bob.sign_up("bob")
    decide(admin, "bob", "approve")
    bob.sign_in("bob")
    assert bob.get("/hub/home").url.path == "/hub/home"
    decide(admin, "bob", "block")
    assert bob.get("/hub/home").url.path == "/hub/login"


def test_a_blocked_accounts_server_and_tokens_end(platform, admin):
    carl = platform.visitor()
    carl.sign_up("carl")
    decide(admin, "carl", "approve")
    carl.sign_in("carl")
    carl.open_server("carl")
    program = "import os; print(os.environ['JUPYTERHUB_API_TOKEN'])"
    headers = {"Authorization": f"token {carl.run_python('carl', program).strip()}"}
    assert platform.visitor().get("/hub/api/user", headers=headers).status_code == 200
    answer = decide(admin, "carl", "block")
    assert "may no longer sign in" in admin.told(answer), answer.text
    assert admin.get("/hub/api/users/carl").json()["server"] is None
    assert not [line for line in platform.processes().values() if "learners/carl" in line]
    assert platform.visitor().get("/hub/api/user", headers=headers).status_code == 403
    decide(admin, "carl", "approve")
    carl.sign_in("carl")
    carl.open_server("carl")


def test_the_administrator_cannot_be_blocked(platform, admin):
    assert decide(admin, "admin", "block").status_code == 400
    assert admin.get("/hub/home").url.path == "/hub/home"


def test_a_forgotten_password_is_replaced_by_the_administrator(platform, admin):
    eve = platform.visitor()
    eve.sign_up("eve")
    decide(admin, "eve", "approve")
    short = decide(admin, "eve", "password", password="short")
    assert "at least 10" in admin.told(short)
    decide(admin, "eve", "password", password="something new here")
    assert eve.sign_in("eve").status_code == 403
    assert eve.sign_in("eve", "something new here").status_code == 200


def test_only_named_instructors_teach(platform, admin):
    for name in ("grace", "alan"):
        visitor = platform.visitor()
        visitor.sign_up(name)
        decide(admin, name, "approve")
        visitor.sign_in(name)
        groups = visitor.get(f"/hub/api/users/{name}").json()["groups"]
        expected = {"nbgrader-demo"} | ({"formgrade-demo"} if name == "grace" else set())
        assert set(groups) == expected


def test_every_right_of_a_course_is_a_scope_of_its_own():
    settings = Settings.from_env({})
    assert set(roles.custom_scopes(["aa", "bb"])) == {
        "custom:milepost:learn",
        "custom:milepost:teach:aa",
        "custom:milepost:teach:bb",
    }
    granted = {role["name"]: role for role in roles.roles(settings, ["aa", "bb"])}
    assert granted["instructor-aa"]["groups"] == ["formgrade-aa"]
    assert "custom:milepost:teach:bb" not in granted["instructor-aa"]["scopes"]
    assert not [role for role in granted.values() if "milepost" in role.get("services", [])]
    assert not [scope for scope in granted["user"]["scopes"] if "teach" in scope]


def test_the_name_of_an_instructor_is_nobodys_for_the_taking(make_platform, tmp_path: Path):
    platform = make_platform(tmp_path / "home", MILEPOST_INSTRUCTORS="grace").start()
    try:
        visitor = platform.visitor()
        assert "as soon as the administrator" in visitor.told(visitor.sign_up("grace"))
        assert visitor.sign_in("grace").status_code == 403
    finally:
        platform.stop()
