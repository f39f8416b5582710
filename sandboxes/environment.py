"""With what Python a repository's commands run, and which folders that needs. Nothing of it is executed to find out."""

import hashlib
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sandboxes.active import ACTIVE
from sandboxes.sandbox import SandboxTrouble
from sandboxes.values import Value

LINKS = 20  # how many links in a row are believed


class NoPython(SandboxTrouble):
    """No Python is to be had for the repository's commands: {reason}
    Make a virtual environment in it: python -m venv .venv && .venv/bin/pip install pytest"""


SEES_THE_MACHINES = re.compile(r"^include-system-site-packages\s*=\s*true\s*$", re.MULTILINE | re.IGNORECASE)


class Environment(Value):
    """A Python with its packages, to be mounted read-only."""

    python: str
    """The interpreter, as it is called inside and outside."""
    toolchain: tuple[Path, ...]
    """Every folder it needs to run."""
    identity: str
    """Changes when the interpreter or a package of it does."""
    first: tuple[str, ...] = (".", "src")
    """Folders of the worktree that come first on the path, so that its files are imported and no installed ones."""
    notes: tuple[str, ...] = ()
    """What the user should know of it."""
    folder: str = ""
    """The folder of the worktree in which commands run, since the project lies there; empty: the worktree itself."""

    def within(self, folder: str) -> "Environment":
        """The same for a project that lies in a folder of the worktree: its own files come before those above it."""
        if not folder:
            return self
        return replace(self, folder=folder, first=tuple(dict.fromkeys((folder, f"{folder}/src", *self.first))))


def inherited(repository_top: Path) -> Environment:
    """Take what the user works in, or else swarm's own."""
    return described(working(repository_top) or Path(sys.prefix))


def working(repository_top: Path, folder: str = "") -> Path | None:
    """Where the user works: in a virtual environment of the project, of the repository, or in the active one.

    None: pytest is in none of them.
    """
    active = [Path(prefix) for name in ACTIVE if (prefix := os.environ.get(name))]
    # `uv run` makes swarm's own environment the active one, which says nothing of the project.
    others = [prefix for prefix in active if prefix.resolve() != Path(sys.prefix).resolve()]
    own = [place / name for place in dict.fromkeys((repository_top / folder, repository_top)) for name in (".venv", "venv")]
    return next((prefix for prefix in (*own, *others) if has_pytest(prefix)), None)


def own() -> Environment:
    """Take the Python that swarm itself runs with."""
    return described(Path(sys.prefix))


def described(prefix: Path) -> Environment:
    """Take the virtual environment or the installation in this folder."""
    python = prefix / "bin" / "python"
    if not os.access(python, os.X_OK):
        python = Path(sys.executable)
    toolchain = tuple(dict.fromkeys([prefix, prefix.resolve(), *_behind(python), *_base(prefix)]))
    _check(toolchain)
    return Environment(str(python), toolchain, _identity(prefix, python))


def _behind(python: Path) -> Iterator[Path]:
    """Follow the links of an interpreter, one by one: each place on the way must be there inside as well."""
    for _ in range(LINKS):
        if not python.is_symlink():
            return
        python = Path(os.path.normpath(python.parent / python.readlink()))
        yield _installation(python)
    raise NoPython(reason=f"{python} is a link to a link, {LINKS} times over")


def _base(prefix: Path) -> Iterator[Path]:
    """Name the installation below a virtual environment: as it calls it, and where that really is."""
    settings = prefix / "pyvenv.cfg"
    if settings.is_file():
        if found := re.search(r"^home\s*=\s*(.+)$", settings.read_text(errors="replace"), re.MULTILINE):
            home = _installation(Path(found[1].strip()) / "python")
            yield home
            yield home.resolve()
    elif prefix == Path(sys.prefix):
        yield Path(sys.base_prefix)
        yield Path(sys.base_prefix).resolve()


def _installation(python: Path) -> Path:
    return python.parent.parent


def _check(toolchain: tuple[Path, ...]) -> None:
    """Refuse to show anything that is no Python: a repository may bring a `.venv` whose settings point at your home."""
    for folder in toolchain:
        if not (folder / "pyvenv.cfg").is_file() and not any(folder.glob("lib*/python3*/os.py")):
            raise NoPython(reason=f"{folder} holds no Python, but the environment names it as its own")
        if Path.home().is_relative_to(folder.resolve()) and folder.resolve() != Path("/usr"):
            raise NoPython(reason=f"{folder} holds your home folder, which nobody inside may see")


def has_pytest(prefix: Path) -> bool:
    """Whether tests can be run in this environment."""
    return os.access(prefix / "bin" / "python", os.X_OK) and any((site / "pytest").is_dir() for site in _packages(prefix))


def _packages(prefix: Path) -> Iterator[Path]:
    """Name the folders of packages that this environment sees: its own, and those of the machine if it was made so."""
    yield from prefix.glob("lib*/python3*/site-packages")
    settings = prefix / "pyvenv.cfg"
    if settings.is_file() and SEES_THE_MACHINES.search(settings.read_text(errors="replace")):
        for base in dict.fromkeys(place.resolve() for place in _base(prefix)):
            for folder in (base, base / "local"):
                yield from folder.glob("lib*/python3*/*-packages")  # Debian calls them dist-packages


def _identity(prefix: Path, python: Path) -> str:
    """Hash what says which packages are there: the list of files, with their hashes, that each brought along."""
    facts = hashlib.sha256(os.fsencode(python.resolve()))
    if (settings := prefix / "pyvenv.cfg").is_file():
        facts.update(settings.read_bytes())
    for package in sorted(package for site in _packages(prefix) for package in site.glob("*.dist-info")):
        facts.update(os.fsencode(package.name))
        for name in ("RECORD", "direct_url.json"):
            facts.update((package / name).read_bytes() if (package / name).is_file() else b"")
    return facts.hexdigest()[:16]
