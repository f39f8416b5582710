"""Which environment the commands of a run get: the one that the user works in, or one built for the run."""

import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Protocol, runtime_checkable

from sandboxes.build import Builder, must_be_python
from sandboxes.command import Command
from sandboxes.environment import Environment, described, has_pytest, working
from sandboxes.installers import installer
from sandboxes.interpreters import interpreter_for
from sandboxes.recipe import Recipe, recipe_of
from sandboxes.sandbox import Backend
from sandboxes.trouble import Trouble

PATIENCE = 120.0
MODES = ("auto", "inherit", "build")


class NothingToInherit(Trouble):
    """There is no environment to inherit: no virtual environment with pytest in {top} (.venv, venv), and no other is active.
    Make one: python -m venv .venv && .venv/bin/pip install pytest
    Or let swarm build one: --env build"""

    exit_code = 7


class PoorImage(Trouble):
    """The image cannot run tests: its Python has no pytest ({said}).
    Build one that has: FROM it, then RUN python3 -m pip install pytest"""

    exit_code = 7


@runtime_checkable
class Imaged(Backend, Protocol):
    """A backend whose sandboxes may have programs of their own."""

    def environment(self) -> Environment | None:
        """Give what they bring along; None: nothing."""
        ...


def foreseen(top: Path, recipe: Recipe, mode: str = "auto", folder: str = "") -> str:
    """Say which environment a run would get, without building it; raises what would keep a run from having it."""
    prefix = working(top, folder) if mode != "build" else None
    if prefix is not None:
        return f"inherited: {described(prefix).python}"
    if mode == "inherit":
        raise NothingToInherit(top=top)
    if _needs_nothing(recipe, mode):
        return f"swarm's own: {described(Path(sys.prefix)).python}"
    must_be_python(recipe)
    interpreter = interpreter_for(recipe.python, recipe.pinned)
    source = (
        "uv.lock" if recipe.locked else ", ".join((*recipe.requirements, *(("the project itself",) if recipe.project else ())))
    )
    return f"built with {installer().name} for Python {interpreter.version}, from {source or 'pyproject.toml'}"


def at_hand(top: Path, backend: Backend, mode: str = "auto", folder: str = "") -> Environment | None:
    """The environment of the user at `top`, if every tree of the project is run with it, whatever it says that it needs."""
    prefix = working(top, folder) if mode != "build" and not isinstance(backend, Imaged) else None
    return None if prefix is None else _inherited(prefix)


def environment_for(top: Path, tree: str, builder: Builder, mode: str = "auto", folder: str = "") -> Environment:
    """The environment for a tree of the project that the user has at `top`, or in a folder of it.

    `inherit` takes the one that the user works in, `build` builds one from what the project says it needs. `auto` inherits where
    it can; a project that needs nothing is run by swarm's own Python, which has pytest. An image that the user named has it all.
    """
    return _found(top, tree, builder, mode, folder).within(folder)


def _found(top: Path, tree: str, builder: Builder, mode: str, folder: str) -> Environment:
    if isinstance(builder.backend, Imaged) and (brought := builder.backend.environment()) is not None:
        return _with_pytest(builder.backend, brought)
    mode = "build" if builder.setup and mode == "auto" else mode
    if mode != "build":
        if (prefix := working(top, folder)) is not None:
            return _inherited(prefix)
        if mode == "inherit":
            raise NothingToInherit(top=top / folder)
    recipe = recipe_of(builder.mirror, tree, folder)
    if _needs_nothing(recipe, mode):
        return described(Path(sys.prefix))
    return builder.built(tree, recipe)


def _with_pytest(backend: Backend, brought: Environment) -> Environment:
    """See that an image has what tests are run with; what else they need, they will tell."""
    with tempfile.TemporaryDirectory(prefix="swarm-image-") as empty, backend.open(Path(empty), ()) as sandbox:
        ran = sandbox.run(Command(argv=(brought.python, "-c", "import pytest, sys; print(sys.executable)"), timeout=PATIENCE))
    if not ran.ok:
        lines = ran.stderr.text().strip().splitlines() or ["it said nothing"]
        raise PoorImage(said=lines[-1])
    return replace(brought, python=ran.stdout.text().strip())  # in full, for commands with a $PATH of their own


def _needs_nothing(recipe: Recipe, mode: str) -> bool:
    return recipe.empty and mode == "auto" and has_pytest(Path(sys.prefix))


def _inherited(prefix: Path) -> Environment:
    """The user's own; what is installed editable points at a checkout that is not there inside, so the worktree comes first."""
    environment = described(prefix)
    links = sorted(_editable(prefix))
    notes = tuple(f"{link} is installed editable from elsewhere; the worktree's own files are imported instead" for link in links)
    return replace(environment, notes=notes)


def _editable(prefix: Path) -> set[str]:
    """The names of what is installed editable, by the files that installers leave for that."""
    found: set[str] = set()
    for site in prefix.glob("lib*/python3*/site-packages"):
        for file in site.glob("*.pth"):
            text = file.read_text(encoding="utf-8", errors="replace")
            if any(os.path.isabs(line.strip()) for line in text.splitlines()) or "editable" in text:  # noqa: PTH117
                found.add(file.stem.removeprefix("__editable__.").removeprefix("_editable_impl_").removeprefix("__editable___"))
    return found
