"""The commands that fill a virtual environment: uv where it is installed, pip elsewhere."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from sandboxes.command import Command
from sandboxes.interpreters import Interpreter
from sandboxes.recipe import Recipe
from sandboxes.values import Value

TIMEOUT = 3600.0
PROGRAMS = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
"""How programs begin, on Linux and on macOS."""
NO_HISTORY = {
    "SETUPTOOLS_SCM_PRETEND_VERSION": "0.0.0",
    "PDM_BUILD_SCM_VERSION": "0.0.0",
    "POETRY_DYNAMIC_VERSIONING_BYPASS": "0.0.0",
}
"""What stands in for the tags that some projects take their version from: the copy that is built has no git."""


class Site(Value):
    """The folder in which an environment is set up, as it is seen from inside."""

    room: Path
    """The only folder that can be written."""
    tools: Path
    """A folder with `uv` in it, if there is one."""

    @property
    def venv(self) -> Path:
        """The virtual environment; it stays."""
        return self.room / "venv"

    @property
    def project(self) -> Path:
        """A copy of the project."""
        return self.room / "project"

    @property
    def scratch(self) -> Path:
        """For caches and temporary files."""
        return self.room / "scratch"

    @property
    def python(self) -> Path:
        """The interpreter of the virtual environment."""
        return self.venv / "bin" / "python"


class Installer(Protocol):
    """A way to fill a virtual environment."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def commands(self, recipe: Recipe, interpreter: Interpreter, site: Site, registry: Mapping[str, str]) -> tuple[Command, ...]:
        """Everything to run, in order."""
        ...


class Uv(Value):
    """`uv`, which is fast and reads its own lock file."""

    program: Path
    name: str = "uv"

    def commands(self, recipe: Recipe, interpreter: Interpreter, site: Site, registry: Mapping[str, str]) -> tuple[Command, ...]:
        """Everything to run, in order."""
        uv = str(site.tools / "uv")
        variables = {
            **NO_HISTORY,
            **registry,
            "TMPDIR": str(site.scratch),
            "UV_CACHE_DIR": str(site.scratch / "uv"),
            "UV_PROJECT_ENVIRONMENT": str(site.venv),
            "UV_PYTHON_DOWNLOADS": "never",
            "UV_NO_PROGRESS": "1",
            "UV_COMPILE_BYTECODE": "1",
        }

        def command(*argv: str) -> Command:
            return Command(argv=(uv, *argv), folder=_place(recipe), environment=variables, timeout=TIMEOUT)

        install = ("pip", "install", "--python", str(site.python))
        if recipe.locked:
            choices = (*_each("--extra", recipe.extras), *_each("--group", recipe.groups))
            filling = [command("sync", "--frozen", "--inexact", "--python", str(interpreter.path), *choices)]
        else:
            filling = [command(*install, *words) for words in (_wanted(recipe, site),) if words]
        return (
            command("venv", "--no-project", "--python", str(interpreter.path), str(site.venv)),
            *filling,
            command(*install, "pytest"),
        )


class Pip(Value):
    """The standard library's `venv` and the `pip` that it brings along."""

    name: str = "pip"

    def commands(self, recipe: Recipe, interpreter: Interpreter, site: Site, registry: Mapping[str, str]) -> tuple[Command, ...]:
        """Everything to run, in order."""
        variables = {
            **NO_HISTORY,
            **registry,
            "TMPDIR": str(site.scratch),
            "PIP_NO_CACHE_DIR": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

        def command(*argv: str) -> Command:
            return Command(argv=argv, folder=_place(recipe), environment=variables, timeout=TIMEOUT)

        install = (str(site.python), "-m", "pip", "install", "--progress-bar", "off")
        words = _wanted(recipe, site)
        return (
            command(str(interpreter.path), "-m", "venv", str(site.venv)),
            *((command(*install, *words),) if words else ()),
            command(*install, "pytest"),
        )


def installer(search: str | None = None) -> Installer:
    """Choose: `uv` if it is in $PATH. What version managers put there in its stead is a script, and would not run inside."""
    for folder in (os.environ.get("PATH", os.defpath) if search is None else search).split(os.pathsep):
        found = shutil.which("uv", path=folder) if Path(folder).is_absolute() else None
        if found is not None and _is_program(Path(found)):
            return Uv(Path(found))
    return Pip()


def written(recipe: Recipe, site: Site) -> Mapping[Path, str]:
    """The files that the commands read beside the project's own."""
    return {site.room / "named.txt": "\n".join(recipe.named), site.room / "constraints.txt": "\n".join(recipe.constraints)}


def _wanted(recipe: Recipe, site: Site) -> tuple[str, ...]:
    """What to install, in words that both installers understand."""
    extras = f"[{','.join(recipe.extras)}]" if recipe.extras else ""
    words = (
        *_each("-r", recipe.requirements),
        *(("-r", str(site.room / "named.txt")) if recipe.named else ()),
        *(("-e", f".{extras}") if recipe.project else ()),
    )
    return (*words, "-c", str(site.room / "constraints.txt")) if words and recipe.constraints else words


def _place(recipe: Recipe) -> str:
    """Where in the site the commands run that read the project's own files."""
    return f"project/{recipe.folder}" if recipe.folder else "project"


def _each(option: str, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for value in values for word in (option, value))


def _is_program(file: Path) -> bool:
    with file.resolve().open("rb") as opened:
        return opened.read(4) in PROGRAMS
