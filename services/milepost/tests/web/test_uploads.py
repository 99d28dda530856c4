"""What is uploaded is checked before anything is stored, and held to its limits."""

import gzip
import io
import resource
import tarfile
from collections.abc import Iterator

import pytest

from services.milepost.tests.web.support.exchange import GZIP, archive, queued, submit
from services.milepost.tests.web.support.site import Site

FIRST = "/courses/backend/projects/first-server/archive"
MEBIBYTE = 2**20


def _tar(*members: tarfile.TarInfo) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        for member in members:
            tar.addfile(member, io.BytesIO(b"x" * member.size))
    return packed.getvalue()


def _member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname, member.size = kind, link, int(kind == tarfile.REGTYPE)
    return member


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"not an archive", id="no archive"),
        pytest.param(_tar(_member("../up")), id="a way up"),
        pytest.param(_tar(_member("/etc/passwd")), id="an absolute name"),
        pytest.param(_tar(_member("a", tarfile.SYMTYPE, "/etc/passwd")), id="a link"),
        pytest.param(_tar(_member("a", tarfile.LNKTYPE, "b")), id="a hard link"),
        pytest.param(_tar(_member("a", tarfile.CHRTYPE)), id="a device"),
        pytest.param(_tar(_member("a"), _member("a")), id="a name twice"),
        pytest.param(_tar(*(_member(f"f{n}") for n in range(501))), id="too many files"),
        pytest.param(_tar(), id="no file"),
        pytest.param(gzip.compress(bytes(60 * MEBIBYTE)), id="a bomb"),
        pytest.param(archive()[:-20], id="cut off"),
    ],
)
def test_an_archive_that_breaks_a_rule_is_refused_with_the_reason(site: Site, content: bytes):
    with site.client(site.learner()) as client:
        before = queued(site)
        answer = submit(client, content=content)
        assert client.get("/submissions").json()["items"] == []
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("The archive")
    assert queued(site) == before


def test_a_release_is_held_to_the_same_rules(site: Site):
    with site.client("ines") as client:
        answer = client.put(FIRST, content=_tar(_member("../up")), headers=GZIP)
        assert answer.status_code == 422
        assert client.get(FIRST).content == archive()


def test_an_oversized_body_is_413_and_memory_stays_flat(site: Site):
    def endless() -> Iterator[bytes]:
        for _ in range(120):
            yield bytes(MEBIBYTE)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with site.client("bob") as client:
        chunked = client.post(
            "/courses/backend/projects/first-server/submissions",
            content=endless(),
            headers=GZIP | {"Idempotency-Key": "big"},
        )
        announced = submit(client, content=bytes(51 * MEBIBYTE))
        assert client.get("/auth/me").status_code == 200
    assert (chunked.status_code, announced.status_code) == (413, 413)
    assert chunked.json()["type"] == "urn:milepost:too-large"
    # The test itself held one body of 51 MiB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_nobody_uploads_a_body_before_they_are_known(site: Site):
    with site.client() as client:
        answer = submit(client, content=bytes(20 * MEBIBYTE))
    assert answer.status_code == 401


def test_an_archive_of_another_kind_is_refused(site: Site):
    with site.client("bob") as client:
        answer = client.post(
            "/courses/backend/projects/first-server/submissions",
            json={},
            headers={"Idempotency-Key": "k"},
        )
    assert answer.status_code == 415
