"""The wire archive: how the files of one project travel between a learner and the service.

A gzipped tar of regular files with relative POSIX names, at most `MAX_FILES` files and `MAX_BYTES`
of content. Everything else is refused before a single file is written. What is packed is the
same, byte for byte, whenever the files are the same, so that the SHA-256 identifies the content.
"""

import gzip
import hashlib
import io
import shutil
import tarfile
import tempfile
import zlib
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from jupyterlab_milepost.archive_folder import files_below, read_regular
from jupyterlab_milepost.archive_names import (
    DEFAULT_IGNORE,
    ArchiveError,
    check_name,
    check_tree,
)

__all__ = [
    "DEFAULT_IGNORE",
    "MAX_BYTES",
    "MAX_FILES",
    "ArchiveError",
    "Entry",
    "digest",
    "inspect",
    "pack",
    "pack_files",
    "unpack",
]

MAX_BYTES = 50 * 1024 * 1024
"""The most that an archive may hold unpacked, and weigh packed."""
MAX_FILES = 500
MEDIA_TYPE = "application/gzip"

_CHUNK = 64 * 1024
_IN_MEMORY = 4 * 1024 * 1024
_BLOCK = tarfile.BLOCKSIZE
# Beside its content a file costs a header, padding and perhaps an extended header for its name;
# the archive ends in padding. More than this is not an archive of ours, but a bomb.
_MAX_TAR_BYTES = MAX_BYTES + MAX_FILES * 8 * _BLOCK + 2 * tarfile.RECORDSIZE
# What gzip, zlib and tarfile raise on malformed input.
_MALFORMED = (tarfile.TarError, EOFError, OSError, zlib.error, ValueError, RecursionError)


@dataclass(frozen=True, slots=True)
class Entry:
    """One file of an archive: its relative POSIX name and its size in bytes."""

    name: str
    size: int


def digest(data: bytes) -> str:
    """Return the SHA-256 of an archive in hexadecimal: its name in receipts and stores."""
    return hashlib.sha256(data).hexdigest()


def pack(folder: Path, *, ignore: Collection[str] = DEFAULT_IGNORE) -> bytes:
    """Pack the regular files below `folder`, leaving out what matches the `ignore` patterns.

    Raises ArchiveError for links and special files, names that may not travel, too many files
    or too much content; the message names the file.
    """
    files: dict[str, bytes] = {}
    room = MAX_BYTES
    for name, path in files_below(folder, ignore):
        if len(files) == MAX_FILES:
            raise ArchiveError(_TOO_MANY)
        content = read_regular(path, name, room)
        room -= len(content)
        if room < 0:
            raise ArchiveError(f"{_TOO_LARGE} {name!a} is where it went over.")
        files[name] = content
    return pack_files(files)


def pack_files(files: Mapping[str, bytes]) -> bytes:
    """Pack contents given by relative POSIX name. Raises ArchiveError as `pack` does."""
    for name in files:
        check_name(name)
    check_tree(files)
    _check_amount(len(files), sum(len(content) for content in files.values()))
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0, compresslevel=6) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        for name in sorted(files):
            member = tarfile.TarInfo(name)
            member.size = len(files[name])
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(files[name]))
    data = packed.getvalue()
    if len(data) > MAX_BYTES:
        raise ArchiveError(_TOO_LARGE)
    return data


def inspect(data: bytes) -> list[Entry]:
    """Check a whole archive without writing its files, and return what it holds, in its order.

    Raises ArchiveError with the reason when the archive breaks any rule.
    """
    with _checked_tar(data) as (_, members):
        return [Entry(member.name, member.size) for member in members]


def unpack(data: bytes, folder: Path) -> list[Path]:
    """Write the files of an archive into `folder`, which is made; return their paths.

    All or nothing: the archive is checked whole before anything is written, and the folder
    appears complete or not at all. Files get mode 0644, folders 0755.

    Raises ArchiveError when the archive breaks a rule, FileExistsError when `folder` is there
    already and not empty.
    """
    with _checked_tar(data) as (tar, members):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise FileExistsError(f"{folder} is there already; archives unpack into new folders.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            for member in members:
                _write_member(tar, member, staging)
            staging.chmod(0o755)
            staging.rename(folder)
        except BaseException:
            shutil.rmtree(staging)
            raise
        return [folder / member.name for member in members]


_TOO_MANY = f"More than {MAX_FILES} files: a project may have at most {MAX_FILES}."
_TOO_LARGE = f"More than {MAX_BYTES // 1024**2} MiB: a project's files may not be larger together."


def _check_amount(files: int, content_bytes: int) -> None:
    if files > MAX_FILES:
        raise ArchiveError(_TOO_MANY)
    if content_bytes > MAX_BYTES:
        raise ArchiveError(_TOO_LARGE)


@contextmanager
def _checked_tar(data: bytes) -> Iterator[tuple[tarfile.TarFile, list[tarfile.TarInfo]]]:
    """Open an archive of which everything has been checked: size, members, names, its end."""
    if len(data) > MAX_BYTES:
        raise ArchiveError(_TOO_LARGE)
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as plain:
        try:
            size = _decompress(data, plain)
            plain.seek(0)
            tar = tarfile.TarFile(fileobj=plain, mode="r", errors="surrogateescape")
            members = _checked_members(tar)
            _check_end(plain, tar.offset, size)
        except ArchiveError:
            raise
        except _MALFORMED as error:
            raise ArchiveError(f"Not a whole tar.gz archive: {error}.") from error
        yield tar, members


def _decompress(data: bytes, plain: IO[bytes]) -> int:
    """Unzip into `plain` and return the size, giving up as soon as it is larger than any rule."""
    size = 0
    with gzip.GzipFile(fileobj=io.BytesIO(data), mode="rb") as zipped:
        while chunk := zipped.read(_CHUNK):
            size += len(chunk)
            if size > _MAX_TAR_BYTES:
                raise ArchiveError(_TOO_LARGE)
            plain.write(chunk)
    return size


def _checked_members(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    members: list[tarfile.TarInfo] = []
    total = 0
    while (member := tar.next()) is not None:
        _check_kind(member)
        check_name(member.name)
        total += member.size
        members.append(member)
        _check_amount(len(members), total)
    check_tree([member.name for member in members])
    return members


def _check_kind(member: tarfile.TarInfo) -> None:
    # TarInfo.isreg() also holds for sparse files, which claim sizes that they do not bring.
    plain_file = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
    if not plain_file:
        raise ArchiveError(
            f"{member.name[:120]!a} is not a regular file; links, folders of their own "
            "and devices may not travel."
        )
    if member.size < 0:
        raise ArchiveError(f"{member.name[:120]!a} claims a negative size.")


def _check_end(plain: IO[bytes], offset: int, size: int) -> None:
    """See that the tar ends as it must: tarfile itself takes any broken header for the end."""
    plain.seek(offset)
    padding = plain.read()
    if size - offset < 2 * _BLOCK or padding.strip(b"\0"):
        raise ArchiveError("The archive is damaged or was cut off: pack and send it again.")


def _write_member(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    target = root / member.name
    for parent in reversed(target.relative_to(root).parents[:-1]):
        folder = root / parent
        if not folder.is_dir():
            folder.mkdir()
            folder.chmod(0o755)
    source = tar.extractfile(member)
    if source is None:
        raise ArchiveError(f"{member.name!a} has no content.")
    with source, target.open("xb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
    if target.stat().st_size != member.size:
        raise ArchiveError(f"{member.name!a} is shorter than the archive says.")
    target.chmod(0o644)
