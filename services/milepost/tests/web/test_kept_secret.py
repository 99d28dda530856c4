"""The secret that cookies are signed with."""

import stat
from pathlib import Path

import pytest
from milepost.app.wiring.web import kept_secret
from milepost.config import SettingsError


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path):
    file = tmp_path / "milepost" / "cookie-secret"
    secret = kept_secret(file)
    assert len(secret) == 32
    assert kept_secret(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [entry.name for entry in file.parent.iterdir()] == ["cookie-secret"]


def test_an_empty_secret_is_refused_with_what_to_do(tmp_path: Path):
    (tmp_path / "cookie-secret").write_bytes(b"")
    with pytest.raises(SettingsError, match="cookie-secret is damaged: remove it"):
        kept_secret(tmp_path / "cookie-secret")
