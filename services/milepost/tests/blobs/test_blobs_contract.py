"""What every store of blobs does: the contract of `milepost.ports.blobs`."""

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from milepost.adapters.blobs import FolderBlobs
from milepost.ports.blobs import BlobDamagedError, BlobMissingError, Blobs


@pytest.fixture(params=["folder"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return FolderBlobs(tmp_path / "state" / "blobs")


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_put_is_got_by_its_digest(blobs: Blobs) -> None:
    digest = blobs.put(b"hello")
    assert digest == hashlib.sha256(b"hello").hexdigest()
    assert blobs.get(digest) == b"hello"


def test_an_empty_blob_is_a_blob(blobs: Blobs) -> None:
    assert blobs.get(blobs.put(b"")) == b""


def test_putting_twice_is_harmless(blobs: Blobs) -> None:
    assert blobs.put(b"twice") == blobs.put(b"twice")
    assert blobs.get(blobs.put(b"twice")) == b"twice"


def test_a_blob_that_is_not_there_is_missing(blobs: Blobs) -> None:
    with pytest.raises(BlobMissingError):
        blobs.get("0" * 64)


@pytest.mark.parametrize("digest", ["", "../../etc/passwd", "0" * 63, "A" * 64, "0" * 64 + "\n"])
def test_what_is_no_digest_is_missing_and_reaches_no_file(blobs: Blobs, digest: str) -> None:
    with pytest.raises(BlobMissingError):
        blobs.get(digest)


def test_many_threads_may_put_the_same_blob(blobs: Blobs) -> None:
    data = b"x" * 100_000
    with ThreadPoolExecutor(8) as pool:
        digests = set(pool.map(lambda _: blobs.put(data), range(40)))
    assert len(digests) == 1
    assert blobs.get(digests.pop()) == data


def test_a_blob_survives_the_process(tmp_path: Path) -> None:
    digest = FolderBlobs(tmp_path).put(b"kept")
    assert FolderBlobs(tmp_path).get(digest) == b"kept"


def test_a_damaged_blob_is_told_not_returned(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(b"right")
    (file,) = files_of(tmp_path)
    file.write_bytes(b"wrong")
    with pytest.raises(BlobDamagedError, match=digest):
        blobs.get(digest)


def test_putting_a_damaged_blob_again_mends_it(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    digest = blobs.put(b"right")
    (file,) = files_of(tmp_path)
    file.write_bytes(b"wrong")
    blobs.put(b"right")
    assert blobs.get(digest) == b"right"


def test_nothing_but_the_blob_remains(tmp_path: Path) -> None:
    digest = FolderBlobs(tmp_path).put(b"alone")
    assert [file.name for file in files_of(tmp_path)] == [digest]


def test_a_put_that_is_killed_leaves_no_half_blob(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from milepost.adapters.blobs import FolderBlobs\n"
        "blobs = FolderBlobs(Path(sys.argv[1])); print('ready', flush=True)\n"
        "for n in range(10**9): blobs.put(n.to_bytes(4, 'big') * 50_000)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, tmp_path], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    while len(files_of(tmp_path)) < 5:
        assert process.poll() is None
    process.kill()
    process.wait()
    process.stdout.close()
    blobs = FolderBlobs(tmp_path)
    stored = [file for file in files_of(tmp_path) if not file.name.startswith(".part-")]
    assert stored
    assert all(blobs.get(file.name) for file in stored)


def test_blobs_are_closed_to_other_accounts(tmp_path: Path) -> None:
    FolderBlobs(tmp_path / "blobs").put(b"private")
    (file,) = files_of(tmp_path / "blobs")
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "blobs").stat().st_mode & 0o077 == 0
