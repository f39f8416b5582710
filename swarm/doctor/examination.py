"""The whole examination: the machine always, the repository where there is one."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandboxes.repository import NotARepository, Repository
from sandboxes.trouble import Trouble
from swarm.doctor import machine
from swarm.doctor.line import Health, Line, ok, seen, troubled, warning
from swarm.doctor.project import Project
from swarm.settings.places import state_root
from swarm.settings.sources import load
from swarm.settings.values import Settings

KEYS = (
    "ANTHROPIC_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY", "GOOGLE_API_KEY", "AZURE_API_KEY", "MISTRAL_API_KEY", "GROQ_API_KEY",
    "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY", "TOGETHERAI_API_KEY", "XAI_API_KEY", "COHERE_API_KEY", "AWS_ACCESS_KEY_ID",
)  # fmt: skip
NO_RUN = 7
SIGNS = {Health.OK: "ok", Health.WARNING: "!", Health.TROUBLE: "x"}


@dataclass(frozen=True)
class Examination:
    """All lines, and whether a run is possible."""

    lines: tuple[Line, ...]

    @property
    def exit_code(self) -> int:
        """What the shell is told: whether swarm could run here."""
        return NO_RUN if any(line.health is Health.TROUBLE for line in self.lines) else 0

    def text(self) -> str:
        """For a person: a line each, and beneath it what to do."""
        wide = max(len(line.name) for line in self.lines)
        rows = []
        for line in self.lines:
            rows.append(f"{SIGNS[line.health]:<3} {line.name:<{wide}}  {line.text}")
            rows += [f"{'':<{wide + 6}}{line.remedy}"] if line.remedy and line.health is not Health.OK else []
        return "\n".join(
            (*rows, "", "Runs are possible." if self.exit_code == 0 else "No run is possible before that is mended.")
        )

    def value(self) -> Mapping[str, object]:
        """For a program."""
        lines = [
            {"name": line.name, "health": line.health.value, "text": line.text, "remedy": line.remedy} for line in self.lines
        ]
        return {"possible": self.exit_code == 0, "exit_code": self.exit_code, "checks": lines}


def examine(folder: Path, environ: Mapping[str, str], flags: Mapping[str, object]) -> Examination:
    """Look at everything that a run in this folder would need."""
    found, repository = _repository(folder)
    told, settings = _settings(repository, environ, flags)
    state = state_root(environ)
    kinds = tuple(machine.kind_of_sandbox(name) for name in ("docker", "bubblewrap"))
    return Examination((
        *kinds,
        machine.chosen_sandbox(settings.sandbox, kinds),
        *seen("user namespaces", (machine.user_namespaces,)),
        *seen("cgroups", (machine.control_groups,)),
        *seen("disk", (lambda: machine.disk(state),)),
        *seen("state folder", (lambda: machine.state_folder(state),)),
        *seen("git", (machine.git,)),
        *seen("sqlite", (machine.sqlite,)),
        told,
        *(_project(repository, settings) if repository else (found,)),
        _keys(environ),
    ))  # fmt: skip


def _repository(folder: Path) -> tuple[Line, Repository | None]:
    try:
        return ok("repository", str(folder)), Repository.at(folder)
    except NotARepository:
        return warning("repository", f"there is none at {folder}", "Go to a checkout to have it looked at as well."), None
    except Trouble as error:
        return troubled("repository", error), None


def _settings(repository: Repository | None, environ: Mapping[str, str], flags: Mapping[str, object]) -> tuple[Line, Settings]:
    try:
        resolved = load(repository.top if repository else None, environ, flags)
    except Trouble as error:
        return troubled("settings", error), Settings()
    if guarded := resolved.guarded():
        named = ", ".join(key.name for key in guarded)
        return warning(
            "settings", f"the repository sets {named}", "Read them; a run needs `swarm config trust`."
        ), resolved.settings
    return ok("settings", "can be read"), resolved.settings


def _project(repository: Repository, settings: Settings) -> tuple[Line, ...]:
    project = Project(repository, settings)
    base = seen("repository", (project.base,))
    if base[0].health is Health.TROUBLE:
        return base
    return (
        *base,
        *seen("submodules", (project.submodules,)),
        *seen("lfs", (project.lfs,)),
        *seen("sparse checkout", (project.sparse,)),
        *seen("history", (project.history,)),
        *seen("environment", (project.environment,)),
        *seen("tests", (project.tests,)),
    )


def _keys(environ: Mapping[str, str]) -> Line:
    """Which keys of models are there, by name: nobody needs to see their values."""
    found = [name for name in KEYS if environ.get(name)]
    return ok("model keys", ", ".join(found) if found else "none; the search that needs no model works without")
