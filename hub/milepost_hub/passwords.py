"""Rules for passwords, and checking them without stopping the Hub's event loop."""

import asyncio
from functools import cache
from importlib.resources import files

import bcrypt

# bcrypt reads no more than this, and bcrypt 5 refuses anything longer.
LONGEST_BYTES = 72
SHORTEST = 10


def problem(password: str, username: str) -> str:
    """Say what is wrong with a new password, for the person who chose it; empty if it is fine."""
    if len(password) < SHORTEST:
        return f"Choose a password of at least {SHORTEST} characters."
    if len(password.encode()) > LONGEST_BYTES:
        return f"This password is too long: at most {LONGEST_BYTES} bytes count."
    if "\0" in password:
        return "A password cannot contain a NUL character."
    if password.lower() in common_passwords():
        return "This password is one of the most common ones: choose another."
    if username and username.lower() in password.lower():
        return "Choose a password that does not contain your user name."
    return ""


@cache
def common_passwords() -> frozenset[str]:
    """Return the passwords that are tried first by whoever guesses (nativeauthenticator's list)."""
    text = files("nativeauthenticator").joinpath("common-credentials.txt").read_text("utf-8")
    return frozenset(line.lower() for line in text.splitlines())


def hashed(password: str) -> bytes:
    """Return the password's hash with a salt of its own."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt())


@cache
def _nobodys() -> bytes:
    return hashed("nobody has this password")


async def matches(password: str, stored: bytes | None) -> bool:
    """Whether the password is the stored one; takes as long where there is no such account."""
    given = password.encode()
    usable = len(given) <= LONGEST_BYTES and b"\0" not in given
    right = await asyncio.to_thread(
        bcrypt.checkpw, given if usable else b"unusable", stored or _nobodys()
    )
    return right and usable and stored is not None
