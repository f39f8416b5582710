"""What a person is about to commit, as trees of the mirror. Their index and files are looked at, through a copy, and no more."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sandboxes.blobs import contents
from sandboxes.git import Git, GitTrouble, decoded
from sandboxes.leftovers import scratch
from sandboxes.listing import SUBMODULE, Entry
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.revision import Revision
from sandboxes.values import Value

NOTHING = "0" * 6
"""The mode of what is not there."""


class Unmerged(GitTrouble):
    """A merge is not finished: {paths} in the index still has both sides, so there is no single change to look at.
    Nothing was changed.
    Resolve it and `git add` the files, then call again."""


class NoCheckout(GitTrouble):
    """The repository at {folder} is bare: it has no index, and nothing in it is about to be committed.
    Compare two commits of it: --range A..B"""

    exit_code = 2


class Staged(Value):
    """The index, or the files, of a checkout as a tree of the mirror."""

    tree: str
    remarks: tuple[str, ...] = ()


def index_of(repository: Repository, environ: Mapping[str, str]) -> Path:
    """The index that the next commit is made from: a hook is told of another one by git."""
    if repository.bare:
        raise NoCheckout(folder=repository.top)
    told = environ.get("GIT_INDEX_FILE", "")
    return repository.top / told if told else repository.git_dir / "index"


def staged(repository: Repository, mirror: Mirror, base: str, index: Path) -> Staged:
    """What is staged against this commit of the mirror; a file that is only intended to be added is not."""
    with _copied(repository, index) as git:
        return _brought(git, mirror, base, {})


def working(repository: Repository, mirror: Mirror, base: str, index: Path, ignored: tuple[Path, ...] = ()) -> Staged:
    """What lies in the checkout against this commit: what is not staged and what is new as well, but nothing that is ignored."""
    with _copied(repository, index) as git, scratch(Path(tempfile.gettempdir())) as spare:
        objects = spare / "objects"
        objects.mkdir()
        alone = {"GIT_OBJECT_DIRECTORY": str(objects)}  # git would set the times of the user's own objects that it finds again
        beside = {**alone, "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repository.common_dir / "objects")}
        settings = {**git.settings, "core.fsync": "none"}
        if ignored:
            (spare / "ignored").write_bytes(b"\n".join(file.read_bytes() for file in ignored))
            settings["core.excludesFile"] = str(spare / "ignored")
        apart = replace(git, settings=settings)
        apart.run("-C", str(repository.top), "add", "--all", "--", ".", environment=alone)
        return _brought(apart, mirror, base, beside)


def ignored_by_user(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The user's own list of files that no repository should have, as far as git has one by default."""
    places = (environ.get("XDG_CONFIG_HOME") or Path.home() / ".config",)
    return tuple(file for place in places if (file := Path(place) / "git" / "ignore").is_file())


@contextmanager
def _copied(repository: Repository, index: Path) -> Iterator[Git]:
    """Git on a copy of the index, times and all: they tell what was changed in the very second of the last `git add`."""
    with scratch(Path(tempfile.gettempdir())) as folder:
        copy = folder / "index"
        if index.exists():
            shutil.copy2(index, copy)
        git = _apart(repository, repository.plain(copy), folder)
        if unmerged := git.run("-C", str(repository.top), "ls-files", "--unmerged", "-z"):
            paths = dict.fromkeys(decoded(line.partition(b"\t")[2]) for line in unmerged.split(b"\0")[:-1])
            raise Unmerged(paths=_some(list(paths)))
        yield git


def _apart(repository: Repository, git: Git, folder: Path) -> Git:
    """The same with copies of the files that a split index lies in: git sets their times whenever it reads them."""
    parts = list(repository.git_dir.glob("sharedindex.*"))
    if not parts:
        return git
    place = folder / "git"
    for name in ("refs", "objects/info", "info"):
        (place / name).mkdir(parents=True)
    (place / "HEAD").write_text("ref: refs/heads/none\n")
    (place / "objects/info/alternates").write_text(f"{repository.common_dir / 'objects'}\n")
    kept = [repository.common_dir / name for name in ("config", "info/exclude", "info/attributes", "info/sparse-checkout")]
    for file in kept:
        if file.is_file():
            shutil.copy2(file, place / file.relative_to(repository.common_dir))
    for file in parts:
        shutil.copy2(file, place / file.name)
    return replace(git, git_dir=place)


def _brought(git: Git, mirror: Mirror, base: str, environment: Mapping[str, str]) -> Staged:
    """Take what differs from base into the mirror; no object of it is written into the user's repository."""
    words = ("--cached", "--raw", "-r", "-z", "--no-renames", "--no-abbrev", "--ita-invisible-in-index")
    fields = git.run("diff-index", *words, base, environment=environment).split(b"\0")[:-1]
    found = {path: Entry(*facts.decode().split(" ")[1:4:2]) for facts, path in zip(fields[::2], fields[1::2], strict=True)}
    files = [entry.oid for entry in found.values() if entry.mode not in (NOTHING, SUBMODULE)]
    texts = contents(git, files, environment)
    modules = [decoded(path) for path, entry in found.items() if entry.mode == SUBMODULE]
    with Revision(mirror.git, mirror.tree(base)) as revision:
        for path, entry in found.items():
            if entry.mode == NOTHING:
                revision.remove(path)
            elif entry.mode == SUBMODULE:
                revision.place(path, entry)
            else:
                revision.add(path, entry.mode, texts[entry.oid])
        tree = revision.write()
    remark = f"{_some(modules)}: a submodule has no files here, so nothing is known of what its change breaks"
    return Staged(tree, (remark,) if modules else ())


def _some(paths: list[str]) -> str:
    """A few names, for a sentence."""
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
