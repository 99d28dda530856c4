"""The pages on which accounts are made, used and changed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from jupyterhub.handlers import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from jupyterhub.scopes import needs_scope
from nativeauthenticator.orm import UserInfo
from tornado import web
from tornado.escape import url_escape

from milepost_hub import passwords
from milepost_hub.headers import FORM_POLICY

CHECK_SECONDS = 0.2
Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer")


async def in_thread(
    call: Callable[Arguments, Answer], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Answer:
    """Do slow work beside the event loop, which goes on serving others."""
    return await asyncio.to_thread(call, *args, **kwargs)


class FormPage:
    """A page with a form and without inline scripts or styles."""

    def set_default_headers(self) -> None:
        """Allow no inline code on this page."""
        super().set_default_headers()  # type: ignore[misc]
        self.set_header("Content-Security-Policy", FORM_POLICY)  # type: ignore[attr-defined]


class SignInHandler(FormPage, LoginHandler):  # type: ignore[misc]
    """JupyterHub's own sign-in, with a way to sign up."""

    def _render(self, **context: object) -> Awaitable[str] | str:
        rendered: Awaitable[str] | str = super()._render(
            **context, enable_signup=self.authenticator.enable_signup
        )
        return rendered


class SignUpHandler(FormPage, BaseHandler):  # type: ignore[misc]
    """Make an account, and sign in with it at once if it may be used."""

    async def get(self) -> None:
        """Show the form."""
        self._require_open()
        if self.current_user:
            self.redirect(self.get_next_url(self.current_user))
            return
        await self._show()

    async def post(self) -> None:
        """Make the account, or say what is wrong with it."""
        self._require_open()
        username = self.authenticator.normalize_username(self.get_body_argument("username", ""))
        password = self.get_body_argument("signup_password", "", strip=False)
        repeated = self.get_body_argument("signup_password_confirmation", "", strip=False)
        if problem := self.authenticator.signup_problem(username, password, repeated):
            self.set_status(400)
            await self._show(username=username[:32], problem=problem)
        elif await self.authenticator.sign_up(self, username, password):
            user = await self.login_user({"username": username, "password": password})
            self.redirect(self.get_next_url(user))
        else:
            await self._show(waiting=True)

    def _require_open(self) -> None:
        if not self.authenticator.enable_signup:
            raise web.HTTPError(404, "Accounts are made by the administrator here.")

    async def _show(self, **context: object) -> None:
        back = url_escape(self.get_argument("next", ""))
        self.finish(await self.render_template("signup.html", next=back, **context))


class ChangePasswordHandler(FormPage, BaseHandler):  # type: ignore[misc]
    """Change the own password."""

    @web.authenticated
    async def get(self) -> None:
        """Show the form."""
        await self._show()

    @web.authenticated
    async def post(self) -> None:
        """Change the password, end all sessions and start this one anew."""
        user = self.current_user
        new = self.get_body_argument("new_password", "", strip=False)
        repeated = self.get_body_argument("new_password_confirmation", "", strip=False)
        old = self.get_body_argument("old_password", "", strip=False)
        given = {"username": user.name, "password": old}
        # Counted like a failed sign-in, so that this is no way around the lockout.
        if await self.authenticator.authenticate(self, given) is None:
            problem = "Your present password is not right."
        elif new != repeated:
            problem = "The two new passwords differ: type the same one twice."
        else:
            problem = passwords.problem(new, user.name)
        if problem:
            self.set_status(400)
            await self._show(problem=problem)
            return
        await self.authenticator.set_password(user.name, new)
        self.clear_login_cookie()
        self.set_login_cookie(user)
        await self._show(done=True)

    async def _show(self, **context: object) -> None:
        self.finish(await self.render_template("change-password.html", **context))


class AccountsHandler(FormPage, BaseHandler):  # type: ignore[misc]
    """Where an administrator approves accounts and sets forgotten passwords."""

    @needs_scope("admin:users")  # type: ignore[untyped-decorator]
    async def get(self) -> None:
        """List the accounts, those that wait first."""
        await self._show()

    @needs_scope("admin:users")  # type: ignore[untyped-decorator]
    async def post(self) -> None:
        """Approve or block one account, or give it a new password."""
        username = self.get_body_argument("username")
        action = self.get_body_argument("action")
        account = self.authenticator.get_user(username)
        if account is None:
            raise web.HTTPError(404, "There is no such account.")
        if action in {"approve", "block"}:
            self.authenticator.set_approval(username, approved=action == "approve")
            if action == "block":
                await self._stop_servers(username)
            may = "now" if action == "approve" else "no longer"
            await self._show(message=f"{username} may {may} sign in.")
        elif action == "password":
            await self._set_password(username)
        else:
            raise web.HTTPError(400, "The action is approve, block or password.")

    async def _stop_servers(self, username: str) -> None:
        user = self.find_user(username)
        for name, spawner in list(user.spawners.items()) if user else []:
            # One that is just starting or stopping ends that in its own time limit, untold.
            while spawner.pending:  # noqa: ASYNC110
                await asyncio.sleep(CHECK_SECONDS)
            if spawner.active:
                await self.stop_single_user(user, name)

    async def _set_password(self, username: str) -> None:
        password = self.get_body_argument("password", "", strip=False)
        if problem := passwords.problem(password, username):
            self.set_status(400)
            await self._show(problem=problem)
            return
        await self.authenticator.set_password(username, password)
        await self._show(message=f"{username} has a new password.")

    async def _show(self, **context: object) -> None:
        order = (UserInfo.is_authorized, UserInfo.username)
        accounts = self.db.query(UserInfo).order_by(*order).all()
        self.finish(await self.render_template("accounts.html", accounts=accounts, **context))
