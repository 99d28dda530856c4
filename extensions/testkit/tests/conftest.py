"""A learner's folder to write files into, and a Learner who reads it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from milepost_testkit import Learner, LocalTransport

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "project"


@pytest.fixture
def write(folder: Path) -> Callable[[str, str], Path]:
    def written(name: str, text: str) -> Path:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    return written


@pytest.fixture
def transport(folder: Path) -> Iterator[LocalTransport]:
    folder.mkdir(exist_ok=True)
    transport = LocalTransport(folder)
    yield transport
    transport.close()


@pytest.fixture
def learner(transport: LocalTransport) -> Learner:
    return Learner(transport)


@pytest.fixture
def golden() -> Callable[[str, BaseException], None]:
    """Hold a message against tests/golden/<name>.txt."""

    def compare(name: str, error: BaseException) -> None:
        assert f"{error}\n" == (GOLDEN / f"{name}.txt").read_text()

    return compare
