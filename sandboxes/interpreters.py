"""Which of the machine's Pythons suits a project."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from sandboxes.sandbox import SandboxTrouble
from sandboxes.values import Value

VERSIONS = range(20, 6, -1)  # of Python 3, the newest first
PATIENCE = 20.0
QUESTION = (
    "import json, sys; base = getattr(sys, '_base_executable', '') or sys.executable;"
    "print(json.dumps([base, sys.base_prefix, '%d.%d.%d' % sys.version_info[:3], sys.implementation.name]))"
)


class NoSuitablePython(SandboxTrouble):
    """No Python on this machine suits the project: it asks for {wanted}, and there is {found}.
    Install one (for example with `uv python install`) so that it is in $PATH as `python3.N`,
    or use the environment that you work in: --env inherit"""


class Interpreter(Value):
    """An installed Python, not a virtual environment."""

    path: Path
    prefix: Path
    version: str
    kind: str

    @property
    def short(self) -> str:
        """Its version as people say it, such as 3.12."""
        return ".".join(self.version.split(".")[:2])


def interpreter_for(python: str, pinned: str) -> Interpreter:
    """The Python that a project asks for by name; else swarm's own; else the newest that will do."""
    from packaging.specifiers import InvalidSpecifier, SpecifierSet  # noqa: PLC0415 - most runs inherit an environment

    try:
        wanted = SpecifierSet(python, prereleases=True)
    except InvalidSpecifier:
        wanted = SpecifierSet()  # what nobody can read excludes nothing
    seen: dict[str, Interpreter] = {}
    fitting = (found for found in _found(seen) if found.version in wanted)
    first = next(fitting, None)
    if pinned and (first is None or first.short != pinned):
        first = next((found for found in fitting if found.short == pinned), first)
    if first is None:
        versions = ", ".join(sorted({found.version for found in seen.values()})) or "none"
        raise NoSuitablePython(wanted=f"Python {python}", found=versions)
    return first


def _found(seen: dict[str, Interpreter]) -> Iterator[Interpreter]:
    """Swarm's own Python, and then whatever $PATH has; what does not start is none."""
    for candidate in (getattr(sys, "_base_executable", "") or sys.executable, *_named()):
        if candidate not in seen and (found := _asked(candidate)) is not None:
            seen[candidate] = found
            yield found


def _named() -> Iterator[str]:
    # A relative folder in $PATH could be the repository's own, and this runs outside of any sandbox.
    search = os.pathsep.join(
        folder for folder in os.environ.get("PATH", os.defpath).split(os.pathsep) if Path(folder).is_absolute()
    )
    for name in (*(f"python3.{minor}" for minor in VERSIONS), "python3"):
        if place := shutil.which(name, path=search):
            yield place


def _asked(candidate: str) -> Interpreter | None:
    """What this program says of itself. None: it is no Python that works, as the stand-ins of version managers are."""
    try:
        done = subprocess.run([candidate, "-I", "-c", QUESTION], capture_output=True, check=True, timeout=PATIENCE)
        path, prefix, version, kind = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return Interpreter(Path(path), Path(prefix), version, kind)
