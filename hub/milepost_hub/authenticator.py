"""Sign-up and sign-in with a name and a password, on nativeauthenticator's table of accounts.

nativeauthenticator 1.3.0 does not run on JupyterHub 6: its login handler uses the removed
`self.statsd`. Here JupyterHub's own login handler is used instead, the pages are Milepost's, and
the rules (lockout, passwords, who may take which name) are stricter.
"""

import secrets
from pathlib import Path
from typing import Any

from jupyterhub import orm
from jupyterhub.app import JupyterHub
from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.static import CacheControlStaticFilesHandler
from nativeauthenticator import NativeAuthenticator
from nativeauthenticator.orm import UserInfo
from tornado import web
from traitlets import Integer, List, Set, Unicode

from milepost_hub import devices, handlers, passwords, roles
from milepost_hub.addresses import client_address
from milepost_hub.errors import SetupError
from milepost_hub.kept import keep
from milepost_hub.settings import REPO
from milepost_hub.throttle import Throttle

# `\Z` and not `$`, which would let a name end in a line feed.
USERNAME = r"[a-z][a-z0-9_-]{0,31}\Z"
USERNAME_RULE = (
    "A user name starts with a letter and has only small letters, digits, - and _ "
    "(32 characters at most)."
)


class MilepostAuthenticator(NativeAuthenticator):  # type: ignore[misc]
    """Accounts kept by the Hub itself."""

    instructors = Set(help="Names of those who teach every course").tag(config=True)
    courses: List[str] = List(help="Slugs of all courses").tag(config=True)
    admin_password_file = Unicode(help="Where the admin's first password goes").tag(config=True)
    allowed_failed_logins = Integer(5, help="Wrong passwords from one address").tag(config=True)
    failures_by_account = Integer(50, help="Wrong passwords for one account").tag(config=True)
    failures_by_address = Integer(100, help="Wrong passwords from one address").tag(config=True)
    signups_by_address = Integer(60, help="Sign-ups from one address").tag(config=True)
    seconds_before_next_try = Integer(600, help="For how long failures count").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self.username_pattern = USERNAME
        window = self.seconds_before_next_try
        self._pairs = Throttle(self.allowed_failed_logins, window)
        self._accounts = Throttle(self.failures_by_account, window)
        self._addresses = Throttle(self.failures_by_address, window)
        self._signups = Throttle(self.signups_by_address, window)
        self._make_admin()

    def _make_admin(self) -> None:
        """Make the admin's account before anybody could take its name by signing up."""
        for name in sorted(self.admin_users):
            if self.get_user(name) is None:
                password = first_password(Path(self.admin_password_file))
                self._store(name, passwords.hashed(password), authorized=True)

    def _store(self, username: str, stored: bytes, *, authorized: bool) -> UserInfo:
        account = UserInfo(username=username, password=stored, is_authorized=authorized)
        self.db.add(account)
        self.db.commit()
        return account

    async def authenticate(self, handler: BaseHandler, data: dict[str, str]) -> str | None:
        """Return the name if the password is right.

        Raises HTTPError 429 after too many failures, and 403 for an account that waits for
        approval (told only to those who know its password).
        """
        username = self.normalize_username(data.get("username", ""))
        address, browser = client_address(handler.request), devices.known(handler, username)
        self._refuse_after_failures(username, address, browser)
        account = self.get_user(username) if self.validate_username(username) else None
        stored = account.password if account else None
        if not await passwords.matches(data.get("password", ""), stored):
            self._count_failure(username, address, browser)
            return None
        if account is None or not account.is_authorized:
            raise web.HTTPError(403, "Your account waits for the administrator's approval.")
        self._pairs.forget((username, browser or address))
        devices.remember(handler, username)
        return str(username)

    def _refuse_after_failures(self, username: str, address: str, browser: str) -> None:
        wait = self._pairs.wait((username, browser or address))
        if not browser:
            # Somebody who guesses from everywhere does not lock out the owner at home.
            wait = max(wait, self._addresses.wait(address), self._accounts.wait(username))
        if wait:
            raise too_many("Too many failed attempts", wait)

    def _count_failure(self, username: str, address: str, browser: str) -> None:
        self._pairs.count((username, browser or address))
        if not browser:
            self._addresses.count(address)
            self._accounts.count(username)

    def signup_problem(self, username: str, password: str, repeated: str) -> str:
        """Say why this account cannot be made; empty if it can."""
        if not self.validate_username(username):
            return USERNAME_RULE
        if password != repeated:
            return "The two passwords differ: type the same one twice."
        if trouble := passwords.problem(password, username):
            return trouble
        if self.get_user(username) is not None or orm.User.find(self.db, username) is not None:
            return "This user name is taken: choose another."
        return ""

    async def sign_up(self, handler: BaseHandler, username: str, password: str) -> bool:
        """Make an account that `signup_problem` has nothing against; whether it may be used now.

        The names of instructors and admins are never usable without approval, so that nobody
        becomes one by being the first to take the name.
        """
        address = client_address(handler.request)
        if wait := self._signups.wait(address):
            raise too_many("Too many new accounts from your network", wait)
        self._signups.count(address)
        stored = await handlers.in_thread(passwords.hashed, password)
        if self.get_user(username) is not None:
            raise web.HTTPError(409, "This user name is taken: choose another.")
        reserved = username in self.instructors | self.admin_users
        authorized = self.open_signup and not reserved
        self._store(username, stored, authorized=authorized)
        return authorized

    async def set_password(self, username: str, password: str) -> None:
        """Replace a password; every session and token of that sign-in ends."""
        stored = await handlers.in_thread(passwords.hashed, password)
        account = self.get_user(username)
        if account is None:
            raise web.HTTPError(404, f"There is no account named {username}.")
        account.password = stored
        self._end_sessions(username)
        if username in self.admin_users:
            await handlers.in_thread(_forget, Path(self.admin_password_file))

    def set_approval(self, username: str, *, approved: bool) -> None:
        """Let an account be used, or no longer; then its sessions and all its tokens end too.

        Raises HTTPError 400 for an administrator's, which has to stay usable.
        """
        if not approved and username in self.admin_users:
            raise web.HTTPError(400, "An administrator's account cannot be blocked.")
        self.get_user(username).is_authorized = approved
        if approved:
            self.db.commit()
        else:
            self._end_sessions(username, all_tokens=True)

    def _end_sessions(self, username: str, *, all_tokens: bool = False) -> None:
        user = orm.User.find(self.db, username)
        if user is not None:
            user.cookie_id = orm.new_token()
            for token in list(user.api_tokens):
                if token.session_id or all_tokens:
                    self.db.delete(token)
        self.db.commit()

    def add_user(self, user: orm.User) -> None:
        """Enrol everybody in every course; the Hub asks for new users, and for all at its start."""
        super().add_user(user)
        for course in self.courses:
            self._join(user, roles.learners_of(course))
            if user.name in self.instructors:
                self._join(user, roles.instructors_of(course))

    def _join(self, user: orm.User, name: str) -> None:
        group = orm.Group.find(self.db, name)
        if group is None:
            group = orm.Group(name=name)
            self.db.add(group)
        orm_user = orm.User.find(self.db, user.name)
        if orm_user is not None and group not in orm_user.groups:
            group.users.append(orm_user)
        self.db.commit()

    def get_handlers(self, app: JupyterHub) -> list[tuple[Any, ...]]:
        """Return the pages for accounts, and Milepost's style sheet."""
        del app  # the same for every Hub
        static = {"path": str(REPO / "hub" / "static")}
        return [
            (r"/login", handlers.SignInHandler),
            (r"/signup", handlers.SignUpHandler),
            (r"/change-password", handlers.ChangePasswordHandler),
            (r"/authorize", handlers.AccountsHandler),
            (r"/milepost/(.*)", CacheControlStaticFilesHandler, static),
        ]


class TooManyError(web.HTTPError):
    """A refusal that says when to come back; the Hub sends its `headers`."""

    def __init__(self, status: int, message: str, *, wait: int) -> None:
        super().__init__(status, message)
        self.headers = {"Retry-After": str(wait)}


def too_many(what: str, wait: int) -> web.HTTPError:
    """Return the refusal of somebody who has to wait for so many seconds."""
    minutes = max(1, round(wait / 60))
    unit = "minute" if minutes == 1 else "minutes"
    return TooManyError(429, f"{what}: try again in {minutes} {unit}.", wait=wait)


def first_password(file: Path) -> str:
    """Return the password in the file, which is made, readable by its owner only, if missing.

    Raises SetupError where the file holds none.
    """
    if not file.exists():
        keep(file, secrets.token_urlsafe(15) + "\n")
    password = file.read_text(encoding="ascii").strip()
    if len(password) < passwords.SHORTEST:
        raise SetupError(
            f"{file} holds no password of at least {passwords.SHORTEST} characters: "
            "remove it, and start again for a new one."
        )
    return password


def _forget(file: Path) -> None:
    file.unlink(missing_ok=True)
