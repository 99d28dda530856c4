"""The only place that chooses adapters: from settings to the parts that run."""

import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import structlog

from milepost.adapters.blobs import FolderBlobs
from milepost.adapters.bus import LocalBus, RedisBus
from milepost.adapters.course_files import CourseFolders
from milepost.adapters.nbgrader.builder import ReleaseBuilder
from milepost.adapters.nbgrader.course_root import CourseRoots
from milepost.adapters.nbgrader.judge import NbgraderJudge
from milepost.adapters.nbgrader.sandbox import SandboxSettings
from milepost.adapters.sql import migrate
from milepost.adapters.sql.store import SqlStore
from milepost.config import Milepost, SettingsError
from milepost.usecases.deps import Deps
from milepost.web.settings import WebSettings
from milepost.worker import WorkerSettings

log = structlog.get_logger(__name__)

_PRELOADED = ("milepost.app",)


def upgrade(settings: Milepost) -> None:
    """Bring the database to this version's schema."""
    settings.state_folder.mkdir(parents=True, exist_ok=True)
    migrate.upgrade(settings.database_url)


def make_deps(settings: Milepost, *, alone: bool) -> Deps:
    """Return the ports. `alone` says that web and worker share this process.

    Raises SettingsError, and SchemaError where the database is of another version.
    """
    if not alone and not settings.redis_url:
        raise SettingsError(
            "MILEPOST_REDIS_URL is not set: web and worker in processes of their own wake each "
            "other through Redis. Set it, or run `milepost all`."
        )
    migrate.check(settings.database_url)
    return Deps(
        store=SqlStore(settings.database_url),
        bus=RedisBus(settings.redis_url) if settings.redis_url else LocalBus(),
        blobs=FolderBlobs(settings.state_folder / "blobs"),
        now=lambda: datetime.now(UTC),
    )


def close(deps: Deps) -> None:
    """Let go of what `make_deps` opened."""
    deps.bus.close()
    deps.store.close()


def course_roots(settings: Milepost) -> CourseRoots:
    """Return where nbgrader finds courses."""
    return CourseRoots(settings.course_roots, settings.gradebook_url)


def throw_away_roots(folder: Path) -> CourseRoots:
    """Return course roots that nobody will miss."""
    return CourseRoots(folder, f"sqlite:///{folder}/{{course}}/gradebook.db?timeout=60")


def make_sources(settings: Milepost) -> CourseFolders:
    """Return the authors' folders."""
    return CourseFolders(settings.courses_folder, settings.book_folder)


def make_builder(roots: CourseRoots) -> ReleaseBuilder:
    """Return what makes releases."""
    return ReleaseBuilder(roots)


def make_judge(settings: Milepost, roots: CourseRoots) -> NbgraderJudge:
    """Return the judge, ready to fork gradings.

    Raises SandboxUnavailableError, SettingsError.
    """
    sandbox = SandboxSettings(
        backend=settings.sandbox,
        image=settings.sandbox_image,
        python=settings.learner_interpreter,
        memory=settings.sandbox_memory,
        disk=settings.sandbox_disk,
        processes=settings.sandbox_processes,
        cpus=settings.sandbox_cpus,
        cell_seconds=settings.cell_seconds,
        notebook_seconds=settings.notebook_seconds,
    )
    _check_containment(settings, sandbox.chosen())
    judge = NbgraderJudge(roots, sandbox, preload=_PRELOADED)
    judge.prepare()
    return judge


def worker_settings(settings: Milepost) -> WorkerSettings:
    """Return what the worker is told."""
    return WorkerSettings(
        slots=settings.slots, lease_seconds=settings.lease_seconds, tries=settings.tries
    )


def web_settings(settings: Milepost) -> WebSettings:
    """Return what the web side is told. Raises OSError where the secret cannot be kept."""
    prefix = os.environ.get("JUPYTERHUB_SERVICE_PREFIX") or "/services/milepost/"
    secret = _kept_secret(settings.state_folder / "cookie-secret")
    return WebSettings(cookie_secret=secret, prefix=prefix)


def _check_containment(settings: Milepost, backend: str) -> None:
    log.info("sandbox.chosen", backend=backend)
    if backend != "process":
        return
    if not settings.loopback_only:
        raise SettingsError(
            "Learners' code would run as plain processes, which contain nothing, on a platform "
            "that others can reach: install bubblewrap, or set MILEPOST_SANDBOX=docker."
        )
    log.warning("sandbox.contains_nothing", advice="Install bubblewrap, or use Docker.")


def _kept_secret(path: Path) -> bytes:
    """Return the secret in the file, which the first process to come here makes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    return path.read_bytes()
