"""With what a run would be measured, as far as files tell: no test is run and no environment is built to find out."""

from dataclasses import dataclass

from sandboxes.environments import foreseen
from sandboxes.mirror import Mirror
from sandboxes.recipe import recipe_of
from sandboxes.repository import Repository
from swarm.evidence.detection import Found, best
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
    environment: str


def outlook(repository: Repository, settings: Settings) -> Outlook:
    """Look at a commit of the repository; what would keep a run from beginning is raised here as well."""
    commit = repository.commit(settings.base)
    source = Mirror(repository.common_dir)  # only to be read
    sources = Sources.in_tree(source, source.tree(commit))
    found = best(sources, PYTHON, settings.test)
    return Outlook(
        commit=commit,
        command=found.runner.name,
        why=found.why,
        setting=settings.test or _as_setting(sources, found),
        environment=_environment(repository, source, commit, settings),
    )


def _as_setting(sources: Sources, found: Found) -> str:
    return found.runner.name if best(sources, PYTHON, found.runner.name).runner == found.runner else ""


def _environment(repository: Repository, source: Mirror, commit: str, settings: Settings) -> str:
    if settings.image:
        return f"what the image {settings.image} brings"
    mode = "build" if settings.setup and settings.env == "auto" else settings.env
    completed = f", completed by `{'; '.join(settings.setup.splitlines())}`" if settings.setup else ""
    return foreseen(repository.top, recipe_of(source, commit), mode) + completed
