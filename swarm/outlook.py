"""With what a run would be measured, as far as files tell: no test is run and no environment is built to find out."""

from dataclasses import dataclass

from sandboxes.environments import foreseen
from sandboxes.mirror import Mirror
from sandboxes.recipe import recipe_of
from sandboxes.repository import Repository
from swarm.evidence.detection import Found, best
from swarm.evidence.project import project_folder
from swarm.evidence.runners.python import typed
from swarm.evidence.sources import Sources
from swarm.settings.values import Settings

PYTHON = "python"
"""The interpreter as a command calls it; where it lies is known once there is an environment."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """How the tests of a commit would be run."""

    commit: str
    command: str
    why: str
    setting: str
    """The command as a setting that means the same when it is read; empty: none does."""
    project: str
    """The folder that has to be named as well, since it is not found from the top."""
    environment: str


def outlook(repository: Repository, settings: Settings) -> Outlook:
    """Look at a commit of the repository; what would keep a run from beginning is raised here as well."""
    commit = repository.commit(settings.base)
    source = Mirror(repository.common_dir)  # only to be read
    sources = Sources.in_tree(source, source.tree(commit))
    folder = project_folder(sources, settings.project)
    found = best(sources, PYTHON, settings.test, folder=folder)
    return Outlook(
        commit=commit,
        command=found.runner.name,
        why=found.why,
        setting=settings.test or _as_setting(sources, found, folder),
        project=folder if settings.project else "",
        environment=_environment(repository, source, commit, settings, folder),
    )


def _as_setting(sources: Sources, found: Found, folder: str) -> str:
    command = found.runner.name.removeprefix(typed({}, folder=folder))
    return command if best(sources, PYTHON, command, folder=folder).runner == found.runner else ""


def _environment(repository: Repository, source: Mirror, commit: str, settings: Settings, folder: str) -> str:
    if settings.image:
        return f"what the image {settings.image} brings"
    mode = "build" if settings.setup and settings.env == "auto" else settings.env
    completed = f", completed by `{'; '.join(settings.setup.splitlines())}`" if settings.setup else ""
    return foreseen(repository.top, recipe_of(source, commit, folder), mode, folder) + completed
