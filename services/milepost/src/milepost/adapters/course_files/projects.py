"""One project of a course, as read from its folders."""

from fnmatch import fnmatchcase
from pathlib import Path

from milepost.adapters.course_files.concepts import Page
from milepost.adapters.course_files.notebooks import check_notebook
from milepost.adapters.course_files.schema import FaultyFile, ProjectFile
from milepost.adapters.course_files.yaml_files import read_yaml
from milepost.domain.catalogue import Project, Step
from milepost.ports.courses import AuthoringError, Fault, Problem, ProjectSource


def read_project(
    course: Path, slug: str, pages: dict[str, Page]
) -> tuple[ProjectSource, list[Problem]]:
    """Return a project and what is wrong with it.

    Raises AuthoringError where project.yml is too broken to go on.
    """
    source = course / "source" / slug
    name = f"{course.name}/source/{slug}"
    file = read_yaml(source / "project.yml", f"{name}/project.yml", ProjectFile)
    faults, problems = _read_faults(course, slug, file)
    problems += check_notebook(source / file.notebook, f"{name}/{file.notebook}", file)
    problems += _check_files(source, f"{name}/project.yml", file)
    problems += _check_concepts(f"{name}/project.yml", file, pages)
    reference = course / "reference" / slug
    if not reference.is_dir():
        problems.append(Problem(f"{course.name}/reference/{slug}", "", "is missing."))
    return ProjectSource(_project(slug, file), source, reference, tuple(faults)), problems


def _project(slug: str, file: ProjectFile) -> Project:
    return Project(
        number=file.number,
        slug=slug,
        title=file.title,
        description=file.description,
        phase=file.phase,
        difficulty=file.difficulty,
        minutes=file.minutes,
        prerequisites=tuple(file.prerequisites),
        concepts=tuple(file.concepts),
        notebook=file.notebook,
        editable=tuple(file.editable),
        steps=tuple(
            Step(one.id, one.title, one.points, one.concept, tuple(one.hints)) for one in file.steps
        ),
        applications=tuple(file.applications),
    )


def _read_faults(course: Path, slug: str, file: ProjectFile) -> tuple[list[Fault], list[Problem]]:
    """Return the faulty solutions: between them, each step must be failed at least once."""
    faults: list[Fault] = []
    problems: list[Problem] = []
    steps = {step.id for step in file.steps}
    root = course / "faulty" / slug
    for folder in sorted(path for path in root.glob("*") if path.is_dir()):
        name = f"{course.name}/faulty/{slug}/{folder.name}/faulty.yml"
        try:
            faulty = read_yaml(folder / "faulty.yml", name, FaultyFile)
        except AuthoringError as error:
            problems += error.problems
            continue
        problems += [
            Problem(name, "fails", f"the project has no step {step!r}.")
            for step in sorted(set(faulty.fails) - steps)
        ]
        faults.append(Fault(folder.name, faulty.reason, frozenset(faulty.fails), folder))
    caught = frozenset[str]().union(*(fault.fails for fault in faults))
    problems += [
        Problem(f"{course.name}/faulty/{slug}", step, "no faulty solution fails this step.")
        for step in sorted(steps - caught)
    ]
    return faults, problems


def _check_files(source: Path, name: str, file: ProjectFile) -> list[Problem]:
    paths = [path for path in source.rglob("*") if not path.is_dir()]
    names = [path.relative_to(source).as_posix() for path in paths]
    problems = [
        Problem(name, "editable", f"{pattern!r} matches no file of the project.")
        for pattern in file.editable
        if not any(fnmatchcase(one, pattern) for one in names)
    ]
    return problems + [
        Problem(name, "", f"{path.name} beside it is a link; put the file itself there.")
        for path in paths
        if path.is_symlink()
    ]


def _check_concepts(name: str, file: ProjectFile, pages: dict[str, Page]) -> list[Problem]:
    problems = [
        Problem(name, "concepts", f"the book has no concept {slug!r}.")
        for slug in file.concepts
        if slug not in pages
    ]
    ids = [step.id for step in file.steps]
    for step in file.steps:
        slug, _, anchor = step.concept.partition("#")
        where = f"steps.{step.id}.concept"
        if ids.count(step.id) > 1:
            problems.append(Problem(name, f"steps.{step.id}", "two steps have this id."))
        if slug not in pages:
            problems.append(Problem(name, where, f"the book has no concept {slug!r}."))
        elif anchor not in pages[slug].anchors:
            problems.append(Problem(name, where, f"the page of {slug!r} has no anchor {anchor!r}."))
        elif slug not in file.concepts:
            problems.append(Problem(name, where, f"{slug!r} is not among the project's concepts."))
    return problems
