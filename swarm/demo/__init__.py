"""The demo: a small bookshop with a bug, a bug report, and a history, laid out as a real git repository."""

import tempfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from sandboxes.git import Git
from swarm.errors import UsageError

AUTHOR = {
    "GIT_AUTHOR_NAME": "Ada Bookseller",
    "GIT_AUTHOR_EMAIL": "ada@bookshop.example",
    "GIT_COMMITTER_NAME": "Ada Bookseller",
    "GIT_COMMITTER_EMAIL": "ada@bookshop.example",
}
ISSUE = "ISSUE.md"
HISTORY = (
    (
        "2025-02-03T09:12:00+0000",
        "Start with the catalogue and its prices",
        ("README", "pyproject", "__init__", "money", "cat", "pric"),
    ),
    ("2025-02-10T16:40:00+0000", "Keep stock, with copies reserved for customers", ("stock", "basket", "conftest", "test_stock")),
    ("2025-02-18T11:05:00+0000", "Place orders", ("orders", "test_cat", "test_pric")),
    ("2025-03-04T08:31:00+0000", "Test that the last copies of a book can be ordered", ("",)),
)
"""When, what, and the beginnings of the names of the files that came with it."""


def lay_out(folder: Path | None) -> tuple[Path, Path]:
    """Write the repository and the bug report into a folder, a new temporary one if none is given, and tell where they are."""
    folder = folder.absolute() if folder else Path(tempfile.mkdtemp(prefix="swarm-demo-"))
    repository, issue = folder / "bookshop", folder / ISSUE
    try:
        repository.mkdir(parents=True)
    except OSError as error:
        raise UsageError(
            what=f"{repository} cannot be made: {error.strerror}.", remedy="Name a folder that is not there yet."
        ) from error
    files = dict(_files(resources.files("swarm.demo") / "bookshop"))
    issue.write_bytes(files.pop(ISSUE))
    git_dir = repository / ".git"
    git_dir.mkdir()
    Git(git_dir).run("init", "--quiet", "--template=", "--initial-branch=main")
    git = Git(git_dir, repository)
    git.run("config", "core.bare", "false")  # git was told of no work tree, so that it would not note down where it lies
    for date, message, beginnings in HISTORY:
        _write(repository, {path: files.pop(path) for path in list(files) if Path(path).name.startswith(beginnings)})
        git.run("add", "--all")
        when = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        git.run("commit", "--quiet", "--message", message, environment={**AUTHOR, **when})
    return repository, issue


def must_be_free(folder: Path | None) -> None:
    """See that the demo could be put there."""
    if folder is not None and (folder / "bookshop").exists():
        raise UsageError(what=f"{folder / 'bookshop'} is there already.", remedy="Name a folder that is not there yet.")


def _files(place: Traversable, under: str = "") -> Iterator[tuple[str, bytes]]:
    """Every file below a place, by its path; not what running them left behind."""
    for entry in sorted(place.iterdir(), key=lambda entry: entry.name):
        if entry.is_file() and not entry.name.endswith(".pyc"):
            yield under + entry.name, entry.read_bytes()
        elif entry.is_dir() and entry.name != "__pycache__":
            yield from _files(entry, f"{under}{entry.name}/")


def _write(repository: Path, files: dict[str, bytes]) -> None:
    for path, content in files.items():
        place = repository / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
