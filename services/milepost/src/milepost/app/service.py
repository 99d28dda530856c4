"""The commands that run the service."""

import asyncio

from milepost import process
from milepost.app.command import Command
from milepost.app.wiring import grading, storage, web
from milepost.usecases.deps import Deps
from milepost.web.application import make_application
from milepost.web.server import serve
from milepost.worker import Worker


class _Service(Command):
    """Something that runs until it is told to stop."""

    alone = False
    quiet = False

    def work(self) -> None:
        """Open what is needed, run the parts, close."""
        deps = storage.make_deps(self.settings, alone=self.alone)
        try:
            process.run(self.parts(deps))
        finally:
            storage.close(deps)

    def parts(self, deps: Deps) -> list[process.Part]:
        """Return what runs in this process."""
        raise NotImplementedError

    def web(self, deps: Deps) -> process.Part:
        """Return the web side."""
        settings = web.web_settings(self.settings)

        async def part(stop: asyncio.Event) -> None:
            application = make_application(deps, settings)
            address, port = self.settings.ip, self.settings.port
            await serve(application, address=address, port=port, stop=stop)

        return part

    def worker(self, deps: Deps) -> process.Part:
        """Return the worker."""
        judge = grading.make_judge(self.settings, grading.course_roots(self.settings))
        return Worker(deps, judge, grading.worker_settings(self.settings)).run


class WebCommand(_Service):
    """Serve pages and API; `milepost worker` grades, woken through Redis."""

    name = "milepost-web"

    def parts(self, deps: Deps) -> list[process.Part]:
        """Return the web side alone."""
        return [self.web(deps)]


class WorkerCommand(_Service):
    """Grade submissions; as many of these as you like, on one database."""

    name = "milepost-worker"

    def parts(self, deps: Deps) -> list[process.Part]:
        """Return the worker alone."""
        return [self.worker(deps)]


class AllCommand(_Service):
    """Serve pages and API, and grade, in one process: all that one machine needs."""

    name = "milepost-all"
    alone = True

    def work(self) -> None:
        """Upgrade the schema first where this is the only process there is."""
        if self.settings.profile == "embedded":
            storage.upgrade(self.settings)
        super().work()

    def parts(self, deps: Deps) -> list[process.Part]:
        """Return web and worker; the worker's grading server is forked off first."""
        worker = self.worker(deps)
        return [worker, self.web(deps)]
