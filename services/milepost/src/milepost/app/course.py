"""The commands for authors and instructors: list, build and check courses."""

import asyncio
import tempfile
import time
from pathlib import Path

from traitlets import Bool, Unicode
from traitlets.config import Config

from milepost.app.command import Command
from milepost.app.wiring import grading, storage
from milepost.config import SettingsError
from milepost.ports.courses import CourseSource, ProjectSource
from milepost.usecases.build_course import build_course
from milepost.usecases.check_course import Finding, check_course


class _CourseCommand(Command):
    """A command about the courses that are named, or all."""

    def chosen(self, *, default_all: bool) -> list[CourseSource]:
        """Read the courses named on the command line, without a name all of them."""
        sources = grading.make_sources(self.settings)
        slugs = self.extra_args or (sources.slugs() if default_all else [])
        if not slugs:
            known = ", ".join(sources.slugs()) or f"none in {self.settings.courses_folder}"
            raise SettingsError(f"Name a course, or say --all. There are: {known}.")
        return [sources.read(slug) for slug in slugs]


class ListCommand(_CourseCommand):
    """List the courses that there are, with their projects."""

    name = "milepost-course-list"

    def work(self) -> None:
        """Print one line a course and project."""
        for source in self.chosen(default_all=True):
            self.say(f"{source.course.slug}  {source.course.title}")
            for project in source.course.projects:
                steps = f"{len(project.steps)} steps, {project.points:g} points"
                self.say(f"  {project.number:>2}  {project.slug}  {project.title} ({steps})")


class BuildCommand(_CourseCommand):
    """Release courses to learners: `milepost course build SLUG`, or `--all`."""

    name = "milepost-course-build"
    everything = Bool(False, help="Build every course.").tag(config=True)
    flags = {  # noqa: RUF012 - as traitlets has it
        "all": (Config({"BuildCommand": {"everything": True}}), "Build every course.")
    }

    def work(self) -> None:
        """Build, and say what was released."""
        courses = self.chosen(default_all=self.everything)
        deps = storage.make_deps(self.settings, alone=True)
        try:
            builder = grading.make_builder(grading.course_roots(self.settings))
            for source in courses:
                built = build_course(deps, source, builder)
                released = ", ".join(built.released) or "nothing"
                self.say(f"{built.course}: released {released}; {len(built.unchanged)} unchanged.")
        finally:
            storage.close(deps)


class CheckCommand(_CourseCommand):
    """Prove courses: reference solutions pass, starters do not, faulty solutions are caught."""

    name = "milepost-course-check"
    project = Unicode("", help="Check this project only.").tag(config=True)
    aliases = {**Command.aliases, "project": "CheckCommand.project"}  # noqa: RUF012 - as traitlets has it

    def work(self) -> None:
        """Check, print a line a trial, and fail where one did."""
        courses = self.chosen(default_all=True)
        failed = [finding for source in courses for finding in self._check(source)]
        if failed:
            self.say(f"{len(failed)} trials did not go as they should.")
            self.exit(1)

    def _check(self, source: CourseSource) -> list[Finding]:
        projects = self._projects(source)
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="milepost-check-") as name:
            findings = asyncio.run(self._findings(source, projects, Path(name)))
        took = time.monotonic() - started
        bad = [finding for finding in findings if finding.problems]
        self.say(f"{source.course.slug}: {len(findings)} trials, {len(bad)} bad, {took:.0f} s.")
        return bad

    async def _findings(
        self, source: CourseSource, projects: list[ProjectSource], folder: Path
    ) -> list[Finding]:
        roots = grading.throw_away_roots(folder)
        judge = grading.make_judge(self.settings, roots)
        found = check_course(
            source,
            projects,
            builder=grading.make_builder(roots),
            judge=judge,
            at_once=self.settings.slots,
        )
        findings = []
        try:
            async for finding in found:
                findings.append(finding)
                self._report(finding)
        finally:
            await judge.close()
        return findings

    def _report(self, finding: Finding) -> None:
        mark = "BAD" if finding.problems else "ok "
        self.say(f"{mark} {finding.project} {finding.trial} ({finding.seconds:.1f} s)")
        for problem in finding.problems:
            self.say(f"      {problem}")

    def _projects(self, source: CourseSource) -> list[ProjectSource]:
        if not self.project:
            return list(source.projects)
        try:
            return [source.project(self.project)]
        except KeyError:
            known = ", ".join(project.slug for project in source.course.projects)
            raise SettingsError(
                f"{source.course.slug} has no project {self.project!r}; it has: {known}."
            ) from None


class CourseCommand(Command):
    """Work with courses."""

    name = "milepost-course"
    subcommands = {  # noqa: RUF012 - as traitlets has it
        "list": (ListCommand, "list courses and their projects"),
        "build": (BuildCommand, "release courses to learners"),
        "check": (CheckCommand, "prove that tests tell right from wrong"),
    }
