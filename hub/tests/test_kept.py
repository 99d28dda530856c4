"""Files that are made once: nothing that ends a start half-way leaves a bad one behind."""

import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from milepost_hub.authenticator import first_password
from milepost_hub.deployment import deployment_name
from milepost_hub.errors import SetupError


def test_the_first_password_is_made_once_for_its_owner_only(tmp_path: Path):
    file = tmp_path / "hub" / "admin-password"
    password = first_password(file)
    assert len(password) >= 20
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert first_password(file) == password
    assert [entry.name for entry in file.parent.iterdir()] == ["admin-password"]


@pytest.mark.parametrize("content", ["", "\n", "too short"])
def test_a_file_without_a_password_is_no_empty_password(tmp_path: Path, content: str):
    file = tmp_path / "admin-password"
    file.write_text(content)
    with pytest.raises(SetupError, match=r"admin-password holds no password.*remove it"):
        first_password(file)


def test_a_full_disk_leaves_no_file(tmp_path: Path):
    def no_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

    make = (
        "import sys; from pathlib import Path; from milepost_hub.kept import keep; "
        "keep(Path(sys.argv[1]), 'content')"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", make, tmp_path / "kept"],
        preexec_fn=no_room, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "File too large" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_platforms_name_is_made_once_and_a_damaged_one_is_told(tmp_path: Path):
    name = deployment_name(tmp_path)
    assert deployment_name(tmp_path) == name
    (tmp_path / "hub" / "deployment").write_text("")
    with pytest.raises(SetupError, match="eight hexadecimal digits"):
        deployment_name(tmp_path)
