"""The wire archive: what comes through whole, and what is refused before anything is written."""

import gzip
import io
import os
import random
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from jupyterlab_milepost.archive import (
    MAX_BYTES,
    MAX_FILES,
    ArchiveError,
    digest,
    inspect,
    pack,
    pack_files,
    unpack,
)

Change = Callable[[tarfile.TarInfo], None]


def member(name: str = "a.txt", content: bytes = b"x", **attributes) -> tuple:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for attribute, value in attributes.items():
        setattr(info, attribute, value)
    return info, content


def tar_of(*members: tuple, style=tarfile.PAX_FORMAT) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=style, errors="surrogateescape") as tar:
        for info, content in members:
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return plain.getvalue()


def archive_of(*members: tuple, style=tarfile.PAX_FORMAT) -> bytes:
    return gzip.compress(tar_of(*members, style=style), mtime=0)


def refusal(data: bytes, folder: Path) -> str:
    """Unpack, expect a refusal, see that nothing at all was written; return the reason."""
    target = folder / "deep" / "target"
    with pytest.raises(ArchiveError) as caught:
        unpack(data, target)
    assert list(folder.iterdir()) == []
    with pytest.raises(ArchiveError):
        inspect(data)
    return str(caught.value)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "app" / "deep").mkdir(parents=True)
    (folder / "project.ipynb").write_text("{}")
    (folder / "app" / "main.py").write_bytes(b"print('hello')\n")
    (folder / "app" / "deep" / "data.bin").write_bytes(bytes(range(256)) * 700)
    (folder / "größe, 大小.txt").write_text("ok")
    (folder / "empty").write_bytes(b"")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_project_comes_back_byte_for_byte(project, tmp_path):
    written = unpack(pack(project), tmp_path / "copy")

    assert contents(tmp_path / "copy") == contents(project)
    assert sorted(written) == sorted(p for p in (tmp_path / "copy").rglob("*") if p.is_file())
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_inspect_lists_names_and_sizes(project):
    assert {entry.name: entry.size for entry in inspect(pack(project))} == {
        name: len(content) for name, content in contents(project).items()
    }


def test_the_same_files_give_the_same_digest_whatever_their_age_mode_and_order(project, tmp_path):
    first = pack(project)
    copy = tmp_path / "copy"
    for name in reversed(list(contents(project))):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_bytes((project / name).read_bytes())
        (copy / name).chmod(0o755)
        os.utime(copy / name, (1, 1))

    assert pack(copy) == first
    assert digest(first) == digest(pack_files(contents(project)))


def test_random_trees_survive_a_round_trip(tmp_path):
    dice = random.Random(2)
    for turn in range(40):
        files = {
            "/".join(
                dice.choice(["a", "b", "ä b", "longer-name"]) + str(dice.randrange(1000))
                for _ in range(dice.randrange(1, 5))
            ): dice.randbytes(dice.choice([0, 1, 511, 512, 513, 5000]))
            for _ in range(dice.randrange(1, 12))
        }
        unpack(pack_files(files), tmp_path / str(turn))
        assert contents(tmp_path / str(turn)) == files


def test_files_are_written_0644_and_folders_0755_whatever_the_archive_and_umask_say(tmp_path):
    before = os.umask(0o077)
    try:
        unpack(archive_of(member("bin/run", mode=0o6777)), tmp_path / "out")
    finally:
        os.umask(before)

    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*")}
    assert modes == {"out": 0o755, "bin": 0o755, "run": 0o644}


def test_unpacking_into_an_empty_folder_is_allowed(tmp_path):
    (tmp_path / "out").mkdir()
    unpack(archive_of(member()), tmp_path / "out")
    assert contents(tmp_path / "out") == {"a.txt": b"x"}


def test_unpacking_never_touches_a_folder_that_holds_files(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("mine")
    with pytest.raises(FileExistsError):
        unpack(archive_of(member()), tmp_path / "out")
    assert contents(tmp_path) == {"out/mine": b"mine"}


def test_archives_of_other_tar_formats_are_read(tmp_path):
    for style in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT):
        data = archive_of(member("x" * 90 + "/" + "y" * 90), style=style)
        assert inspect(data)[0].name == "x" * 90 + "/" + "y" * 90


@pytest.mark.parametrize(
    "kind",
    [
        tarfile.SYMTYPE,
        tarfile.LNKTYPE,
        tarfile.CHRTYPE,
        tarfile.BLKTYPE,
        tarfile.FIFOTYPE,
        tarfile.DIRTYPE,
        tarfile.CONTTYPE,
        tarfile.GNUTYPE_SPARSE,
        b"Z",
    ],
)
def test_a_link_device_folder_or_sparse_file_is_refused(kind, tmp_path):
    data = archive_of(member("a.txt", b"", type=kind, linkname="/etc/passwd"))
    assert "not a regular file" in refusal(data, tmp_path)


def test_a_sparse_file_in_a_pax_header_is_refused(tmp_path):
    headers = {"GNU.sparse.size": str(2**60), "GNU.sparse.map": "0,1"}
    data = archive_of(member("a.txt", b"x", pax_headers=headers))
    assert "not a regular file" in refusal(data, tmp_path)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("/etc/cron.d/x", "absolute"),
        ("C:/x", "absolute"),
        ("c:x", "absolute"),
        ("../x", r"'..'"),
        ("a/../../x", r"'..'"),
        ("a/..", r"'..'"),
        ("..\\x", "backslash"),
        ("a\\b", "backslash"),
        ("./a", "'.'"),
        ("a//b", "empty part"),
        ("a\x00b", "control"),
        ("a\nb", "control"),
        ("a\x1b[2Jb", "control"),
        ("a\x7fb", "control"),
        ("a\x85b", "control"),
        ("a\u200bb", "invisible"),
        ("a\ufeffb", "invisible"),
        ("gnp.\u202eyp", "invisible"),
        ("a\u2028b", "invisible"),
        ("a\udcffb", "undecodable"),
        ("a" * 256, "part longer"),
        ("/".join(["a" * 100] * 6), "longer than 512"),
    ],
)
def test_a_name_that_is_not_plain_and_relative_is_refused(name, reason, tmp_path):
    data = archive_of(member(name, pax_headers={"path": name}))
    assert reason in refusal(data, tmp_path)


def test_an_empty_name_is_refused(tmp_path):
    assert "empty" in refusal(archive_of(member("", b"")), tmp_path)


def test_the_same_name_twice_is_refused(tmp_path):
    assert "twice" in refusal(archive_of(member("a"), member("a")), tmp_path)


def test_names_that_differ_in_case_are_different_files(tmp_path):
    unpack(archive_of(member("a"), member("A")), tmp_path / "out")
    assert set(contents(tmp_path / "out")) == {"a", "A"}


@pytest.mark.parametrize("names", [("a", "a/b"), ("a/b", "a"), ("x/y/z", "x/y", "q")])
def test_a_file_where_a_folder_is_needed_is_refused(names, tmp_path):
    assert "to be a folder" in refusal(archive_of(*map(member, names)), tmp_path)


def test_as_many_files_as_allowed_pass_and_one_more_is_refused(tmp_path):
    members = [member(f"f{number}", b"") for number in range(MAX_FILES + 1)]
    assert len(inspect(archive_of(*members[:-1]))) == MAX_FILES
    assert "More than 500 files" in refusal(archive_of(*members), tmp_path)


def test_more_content_than_allowed_is_refused(tmp_path):
    half = MAX_BYTES // 2
    data = archive_of(member("a", bytes(half)), member("b", bytes(half)), member("c", b"x"))
    assert "More than 50 MiB" in refusal(data, tmp_path)


def test_a_gzip_bomb_is_given_up_while_reading(tmp_path):
    layer = gzip.compress(bytes(1024**2), mtime=0)
    bomb = layer * 4096  # 4 GiB unpacked, in 4 MiB
    assert "More than 50 MiB" in refusal(bomb, tmp_path)


def test_a_packed_archive_over_the_limit_is_refused_unread(tmp_path):
    assert "More than 50 MiB" in refusal(bytes(MAX_BYTES + 1), tmp_path)


@pytest.mark.parametrize("size", [2**33, 2**62, -1, -512])
def test_a_header_that_lies_about_the_size_is_refused(size, tmp_path):
    info, _ = member("a.txt", b"")
    info.size = size
    header = info.tobuf(tarfile.GNU_FORMAT)
    refusal(gzip.compress(header + b"x" * 512 + bytes(10240)), tmp_path)


def test_a_chain_of_extended_headers_is_refused(tmp_path):
    info = tarfile.TarInfo("././@LongLink")
    info.type = tarfile.GNUTYPE_LONGNAME
    info.size = 2
    link = info.tobuf() + b"a\0".ljust(512, b"\0")
    refusal(gzip.compress(link * 20000 + bytes(1024)), tmp_path)


@pytest.mark.parametrize("data", [b"", b"no gzip", b"\x1f\x8b", gzip.compress(b"no tar" * 200)])
def test_what_is_no_archive_is_refused(data, tmp_path):
    refusal(data, tmp_path)


def test_an_archive_cut_off_anywhere_is_refused(tmp_path):
    data = archive_of(member("a", random.Random(1).randbytes(3000)), member("b"))
    for end in range(0, len(data), 97):
        refusal(data[:end], tmp_path)


def test_a_tar_cut_off_at_a_block_is_refused(tmp_path):
    plain = tar_of(member("a", b"x" * 600), member("b"))
    for blocks in range(6):
        refusal(gzip.compress(plain[: blocks * 512]), tmp_path)


def test_a_broken_second_header_is_not_taken_for_the_end(tmp_path):
    plain = bytearray(tar_of(member("a"), member("b")))
    plain[1024 + 20] ^= 0xFF
    assert "damaged" in refusal(gzip.compress(plain), tmp_path)


def test_anything_after_the_end_is_refused(tmp_path):
    refusal(archive_of(member()) + b"more", tmp_path)
    refusal(gzip.compress(tar_of(member("a")) + tar_of(member("b"))), tmp_path)


def test_no_corruption_of_a_tar_raises_anything_but_a_refusal(tmp_path):
    plain = tar_of(member("app/main.py", b"x" * 700), member("ä" * 120), member("b" * 140))
    dice = random.Random(3)
    for turn in range(600):
        broken = bytearray(plain)
        for _ in range(dice.choice([1, 1, 2, 8, 40])):
            broken[dice.randrange(len(broken))] = dice.choice([0, 255, dice.randrange(256)])
        data = gzip.compress(broken, compresslevel=1)
        target = tmp_path / str(turn)
        try:
            written = unpack(data, target)
        except ArchiveError:
            assert not target.exists()
        else:
            assert all(path.resolve().is_relative_to(target) for path in written)
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".")]


def test_packing_refuses_a_link_and_names_it(project):
    (project / "app" / "passwords").symlink_to("/etc/passwd")
    with pytest.raises(ArchiveError, match=r"app/passwords' is a link"):
        pack(project)


def test_packing_refuses_a_link_to_a_folder_and_a_pipe(project):
    (project / "loop").symlink_to(project)
    with pytest.raises(ArchiveError, match="is a link"):
        pack(project)
    (project / "loop").unlink()
    os.mkfifo(project / "pipe")
    with pytest.raises(ArchiveError, match="not a regular file"):
        pack(project)


def test_packing_leaves_out_what_tools_leave_behind(project):
    expected = contents(project)
    for name in (".ipynb_checkpoints/p.ipynb", "app/__pycache__/m.pyc", ".git/config", "x.pyc"):
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_bytes(b"junk")
    (project / ".venv").symlink_to("/usr")

    assert {entry.name for entry in inspect(pack(project))} == set(expected)


def test_the_patterns_to_leave_out_can_be_given(project):
    names = {entry.name for entry in inspect(pack(project, ignore=["app", "*.txt"]))}
    assert names == {"project.ipynb", "empty"}


def test_packing_refuses_too_many_files_too_much_content_and_odd_names(tmp_path):
    many = tmp_path / "many"
    many.mkdir()
    for number in range(MAX_FILES + 1):
        (many / str(number)).touch()
    with pytest.raises(ArchiveError, match="More than 500 files"):
        pack(many)

    large = tmp_path / "large"
    large.mkdir()
    with (large / "data").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    with pytest.raises(ArchiveError, match=r"More than 50 MiB.*'data'"):
        pack(large)

    odd = tmp_path / "odd"
    odd.mkdir()
    (odd / "a\\b").touch()
    with pytest.raises(ArchiveError, match="backslash"):
        pack(odd)


def test_packing_a_folder_that_is_not_there_says_so(tmp_path):
    with pytest.raises(ArchiveError, match="There is no folder"):
        pack(tmp_path / "nowhere")
