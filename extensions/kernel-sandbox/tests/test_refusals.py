"""Orders that cannot be carried out are refused in words, before anything runs."""

import logging

import pytest
from kernel_sandbox import (
    BackendUnavailable,
    FolderTooLargeError,
    LimitError,
    Limits,
    SandboxStartError,
)
from kernel_sandbox.backends import BackendOptions, choose
from kernel_sandbox.limits import parse_bytes
from kernel_sandbox.staging import stage
from traitlets import TraitError

from conftest import require


@pytest.mark.parametrize(
    "wrong",
    [
        {"memory": -1},
        {"memory": 1e9},
        {"memory": "512M"},
        {"memory": 1 << 60},
        {"memory": True},
        {"processes": 0},
        {"processes": 10**9},
        {"disk": -1},
        {"disk": None},
        {"cpus": float("nan")},
        {"cpus": float("inf")},
        {"cpus": 0},
        {"wall_time": -1},
        {"wall_time": 1e9},
        {"wall_time": "soon"},
    ],
)
def test_a_limit_that_is_none_is_refused_by_name(wrong):
    (name,) = wrong
    with pytest.raises(LimitError, match=name):
        Limits(**wrong)


def test_bytes_are_written_as_people_do():
    assert parse_bytes("1048576") == parse_bytes("1M") == parse_bytes("1024KiB") == 1 << 20
    assert parse_bytes("2g") == 2 << 30


@pytest.mark.parametrize("text", ["", "-1", "1e9", "lots", "1.5G", "1T", "٣M", "1;M", "9" * 20])
def test_what_is_no_number_of_bytes_is_refused(text):
    with pytest.raises(LimitError, match="not a number of bytes"):
        parse_bytes(text)


@pytest.mark.parametrize(
    ("trait", "value", "error"),
    [
        ("memory", "lots", TraitError),
        ("memory", -1, LimitError),
        ("wall_time", 1e9, LimitError),
        ("processes", "many", TraitError),
    ],
)
async def test_a_wrong_limit_starts_nothing(start, trait, value, error):
    with pytest.raises(error):
        async with start("process", **{trait: value}):
            pass


async def test_a_wrong_environment_variable_is_named(start, monkeypatch):
    monkeypatch.setenv("KERNEL_SANDBOX_MEMORY", "lots")
    with pytest.raises(LimitError, match="KERNEL_SANDBOX_MEMORY"):
        async with start("process"):
            pass


async def test_environment_variables_set_limits(start, monkeypatch):
    monkeypatch.setenv("KERNEL_SANDBOX_WALL_TIME", "77.5")
    monkeypatch.setenv("KERNEL_SANDBOX_DISK", "2M")
    async with start("process") as kernel:
        assert kernel.provisioner.limits == Limits(wall_time=77.5, disk=2 << 20)


async def test_a_folder_beyond_the_disk_limit_is_refused(start, tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 3_000_000)
    with pytest.raises(FolderTooLargeError, match="disk limit"):
        async with start("process", tmp_path, disk="2M"):
            pass


def test_a_sparse_file_counts_with_its_full_size(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    with (source / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(FolderTooLargeError):
        stage(source, tmp_path / "target", most_bytes=1 << 20, owner=None)
    assert not (tmp_path / "target").exists()


def test_a_loop_of_links_ends(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "loop").symlink_to(source)
    stage(source, tmp_path / "target", most_bytes=1 << 20, owner=None)
    assert (tmp_path / "target" / "loop").is_symlink()
    assert (tmp_path / "target" / "loop").readlink() == source


async def test_a_folder_that_is_none_is_refused(start, tmp_path):
    with pytest.raises(NotADirectoryError):
        async with start("process", tmp_path / "missing"):
            pass


def test_a_backend_that_does_not_exist_is_refused():
    with pytest.raises(BackendUnavailable, match="bubblewrap, docker, process"):
        choose("podman", BackendOptions(python="python3"))


def test_a_class_that_is_no_backend_is_refused():
    with pytest.raises(BackendUnavailable, match="subclass"):
        choose("pathlib:Path", BackendOptions(python="python3"))


def test_without_bubblewrap_auto_warns_and_takes_a_process(monkeypatch, tmp_path, caplog):
    from kernel_sandbox.backends import bubblewrap  # noqa: PLC0415 - only this test looks inside

    bubblewrap._probe.cache_clear()
    monkeypatch.setenv("PATH", str(tmp_path))
    with caplog.at_level(logging.WARNING):
        assert choose("auto", BackendOptions(python="python3")).name == "process"
    assert "WITHOUT isolation" in caplog.text


def test_auto_takes_bubblewrap_where_it_works():
    require("bubblewrap")
    assert choose("auto", BackendOptions(python="python3")).name == "bubblewrap"


async def test_a_missing_image_is_nobodys_fault_but_ours(start):
    require("docker")
    with pytest.raises(BackendUnavailable, match="build it or pull it"):
        async with start("docker", image="kernel-sandbox-test:no-such-tag"):
            pass


async def test_an_interpreter_without_ipykernel_says_so(start):
    require("bubblewrap")
    with pytest.raises(SandboxStartError, match="ipykernel"):
        async with start("bubblewrap", python="/usr/bin/python3", environment={"PYTHONPATH": "/"}):
            pass


async def test_a_missing_interpreter_is_refused(start):
    require("bubblewrap")
    with pytest.raises(BackendUnavailable, match="no-such-python"):
        async with start("bubblewrap", python="/no-such-python"):
            pass


async def test_a_folder_too_deep_for_sockets_is_refused(start, tmp_path):
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    with pytest.raises(SandboxStartError, match="runtime_dir"):
        async with start("process", runtime_dir=str(deep)):
            pass


async def test_a_kernel_that_is_not_ready_in_time_is_ended(start):
    with pytest.raises(SandboxStartError, match=r"not ready within 0\.05 seconds"):
        async with start("process", start_timeout=0.05):
            pass
