"""Accounts and learners' servers on a running platform."""

import re
import stat

import pytest
from milepost_hub.settings import REPO

from conftest import require

OTHERS = """
import os, socket
from pathlib import Path
for path in {paths}:
    try:
        print(path, "VISIBLE", os.listdir(path))
    except OSError as error:
        print(path, "hidden", error.strerror)
print("home", Path.home(), os.getcwd())
print("uid", os.getuid(), "first", Path("/proc/1/cmdline").read_bytes()[:20])
print("processes", len([name for name in os.listdir("/proc") if name.isdigit()]))
try:
    Path("/usr/written").write_text("x")
except OSError as error:
    print("usr", error.strerror)
secrets = {{"MILEPOST_HOME", "MILEPOST_DATABASE_URL", "CONFIGPROXY_AUTH_TOKEN"}}
print("secrets", sorted(secrets & set(os.environ)))
Path("mine.txt").write_text("mine")
"""


def test_the_sign_in_page_stands_alone_and_allows_no_script(platform):
    page = platform.visitor().get("/hub/login")
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in page.text
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    addresses = re.findall(r'(?:href|src)="([^"]*)"', page.text)
    assert addresses
    assert all(address.startswith("/") for address in addresses)
    style = platform.visitor().get("/hub/milepost/milepost.css")
    assert style.status_code == 200
    assert style.headers["Content-Type"].startswith("text/css")


def test_signing_up_signs_in_and_enrols(platform):
    visitor = platform.visitor()
    answer = visitor.sign_up("ada")
    assert answer.status_code == 200, visitor.told(answer)
    assert str(answer.url) == f"{platform.url}/services/milepost/"
    page = visitor.get("/hub/home")
    assert page.status_code == 200
    again = platform.visitor()
    assert str(again.sign_in("ada").url) == f"{platform.url}/services/milepost/"


def test_the_admins_account_is_there_before_anybody_can_take_it(platform):
    visitor = platform.visitor()
    answer = visitor.sign_up("admin")
    assert answer.status_code == 400
    assert "taken" in visitor.told(answer)
    assert visitor.sign_in("admin", platform.admin_password()).status_code == 200
    assert visitor.get("/hub/admin").status_code == 200


def test_secrets_are_readable_by_their_owner_only(platform):
    assert stat.S_IMODE((platform.home / "hub").stat().st_mode) == 0o700
    for name in ("admin-password", "cookie-secret"):
        assert stat.S_IMODE((platform.home / "hub" / name).stat().st_mode) == 0o600


def test_the_admins_password_is_in_no_log_and_on_no_command_line(platform):
    password = platform.admin_password()
    assert password not in platform.logs()
    assert password not in platform.said()
    assert not [line for line in platform.processes().values() if password in line]


def test_no_session_id_is_in_a_log(platform):
    visitor = platform.visitor()
    visitor.sign_up("logged")
    visitor.get("/hub/home")
    session = visitor.cookies.get("jupyterhub-session-id")
    assert session
    for log in (platform.home / "log").glob("*.log"):
        text = log.read_text(errors="replace")
        assert session not in text, log
        assert "xsrf cookie" not in text, log


@pytest.mark.parametrize("name", ["Ada L", "../ada", "ada\x00", "a\u200bda", "x" * 40, ""])
def test_odd_names_are_refused_with_the_rule(platform, name):
    visitor = platform.visitor()
    answer = visitor.sign_up(name)
    assert answer.status_code in {400, 403}
    assert str(answer.url).endswith("/hub/signup")


def test_a_wrong_password_and_an_unknown_name_are_told_alike(platform):
    visitor = platform.visitor()
    visitor.sign_up("eve-known")
    known = platform.visitor().sign_in("eve-known", "not the password")
    unknown = platform.visitor().sign_in("eve-unknown", "not the password")
    assert known.status_code == unknown.status_code == 403
    assert visitor.told(known) == visitor.told(unknown)


def test_too_many_wrong_passwords_lock_the_account_for_this_address(platform):
    platform.visitor().sign_up("locked")
    visitor = platform.visitor()
    for _ in range(5):
        assert visitor.sign_in("locked", "not the password").status_code == 403
    answer = visitor.sign_in("locked")
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) > 0
    assert "try again in" in visitor.told(answer)
    forged = platform.visitor()
    forged.headers.update({"X-Real-IP": "6.6.6.6", "X-Forwarded-For": "6.6.6.6"})
    assert forged.sign_in("locked").status_code == 429
    assert platform.visitor().sign_up("unlocked").status_code == 200


def test_nobody_can_lock_the_owner_out_of_a_browser_that_is_known(platform):
    owner = platform.visitor()
    owner.sign_up("owner")
    owner.get("/hub/logout")
    other = platform.visitor()
    while other.sign_in("owner", "not the password").status_code != 429:
        pass
    assert owner.sign_in("owner").status_code == 200
    owner.get("/hub/logout")
    wrong = [owner.sign_in("owner", "not the password").status_code for _ in range(6)]
    assert wrong == [403] * 5 + [429]


def test_a_form_without_its_token_changes_nothing(platform):
    visitor = platform.visitor()
    fields = {"username": "forged", "signup_password": "correct horse battery"}
    fields["signup_password_confirmation"] = fields["signup_password"]
    assert visitor.post("/hub/signup", data=fields).status_code == 403
    assert platform.visitor().sign_in("forged").status_code == 403


def test_a_changed_password_ends_other_sessions(platform):
    here, elsewhere = platform.visitor(), platform.visitor()
    here.sign_up("changer")
    elsewhere.sign_in("changer")
    assert elsewhere.get("/hub/api/user").status_code in {200, 403}
    answer = here.fill_in(
        "/hub/change-password",
        old_password="correct horse battery",
        new_password="another long secret",
        new_password_confirmation="another long secret",
    )
    assert "has been changed" in here.told(answer)
    assert str(here.get("/hub/home").url).endswith("/hub/home")
    assert "/hub/login" in str(elsewhere.get("/hub/home").url)
    assert platform.visitor().sign_in("changer").status_code == 403
    assert platform.visitor().sign_in("changer", "another long secret").status_code == 200


def test_a_learner_cannot_approve_accounts(platform):
    visitor = platform.visitor()
    visitor.sign_up("mallory")
    assert visitor.get("/hub/authorize").status_code == 403


def test_a_learner_in_bubblewrap_sees_only_their_own_files(platform):
    require("bubblewrap")
    ada, bob = platform.visitor(), platform.visitor()
    bob.sign_up("bob")
    bob.open_server("bob")
    ada.sign_up("ada-server")
    ada.open_server("ada-server")
    bob.run_python("bob", "open('secret.txt', 'w').write('bobs')")
    own = platform.home / "learners" / "bob"
    assert (own / "secret.txt").read_text() == "bobs"
    hidden = [platform.home, own, platform.home / "hub", REPO / ".venv", REPO / "courses"]
    code = OTHERS.format(paths=[str(path) for path in hidden])
    printed = ada.run_python("ada-server", code)
    assert "VISIBLE" not in printed, printed
    assert "home /home/learner /home/learner" in printed
    assert "usr Read-only file system" in printed
    assert "secrets []" in printed
    count = int(re.search(r"processes (\d+)", printed)[1])
    assert count < 15, printed
    assert (platform.home / "learners" / "ada_2d_server" / "mine.txt").read_text() == "mine"


def test_a_learners_token_may_not_use_the_hub(platform):
    visitor = platform.visitor()
    visitor.sign_up("tokener")
    visitor.open_server("tokener")
    token = visitor.run_python(
        "tokener", "import os; print(os.environ['JUPYTERHUB_API_TOKEN'])"
    ).strip()
    fresh = platform.visitor()
    fresh.headers["Authorization"] = f"token {token}"
    assert fresh.get("/hub/api/users").status_code == 403
    assert fresh.get("/hub/api/groups").status_code == 403
    assert fresh.post("/hub/api/users/mallory2").status_code == 403
    assert fresh.get("/hub/api/user").json()["name"] == "tokener"
