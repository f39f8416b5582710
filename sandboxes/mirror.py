"""Swarm's own bare copy of the user's repository: what runs start from, and where all that agents make is kept."""

import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import field, replace
from pathlib import Path
from typing import Self

from sandboxes.git import Git, decoded, encoded
from sandboxes.history import History
from sandboxes.importer import Caps, Importer, folders_of
from sandboxes.leftovers import scratch
from sandboxes.listing import PLAIN, Change, Entry, changes, entries
from sandboxes.lock import locked
from sandboxes.privileges import outsider
from sandboxes.removal import remove
from sandboxes.repository import ANY_COMMIT, Repository
from sandboxes.revision import Revision
from sandboxes.seen import Seen, forget
from sandboxes.shared import Shared
from sandboxes.values import Value

TREES = ".trees"
RAW = "* -text !eol -ident -filter -working-tree-encoding !diff !merge\n"  # every file in a worktree is the very blob
OWN_NAME = re.compile("[0-9a-f]{40,64}")
LISTED = 4  # trees whose entries are remembered: what a run begins with is asked for again and again
HERE = {"core.fsync": "all,-index"}  # its indexes live only as long as a call


class Mirror(Value):
    """A bare repository that is never collected, with the objects of one user's repository that runs need."""

    folder: Path
    passing: Path | None = None
    """Where what is made goes that nobody needs in the end; None: everything stays."""
    _listed: dict[str, Mapping[bytes, Entry]] = field(default_factory=dict, compare=False, repr=False)
    _trees: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """The trees of commits by their own names, which never change."""
    _taken: set[str] = field(default_factory=set, compare=False, repr=False)

    @classmethod
    def at(cls, folder: Path, object_format: str = "sha1") -> Self:
        """Open the mirror in this folder; make it first, if it is not there."""
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        mirror = cls(folder.resolve())
        with locked(mirror._beside(".lock")):
            if not folder.exists():
                mirror._make(object_format)
        return mirror

    def _make(self, object_format: str) -> None:
        with tempfile.TemporaryDirectory(dir=self.folder.parent, prefix=".mirror-") as scratch:
            new = Path(scratch) / "mirror.git"
            new.mkdir()
            Git(new).run("init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", "--initial-branch=none")
            for key in ("gc.auto", "maintenance.auto"):
                Git(new).run("config", key, "0")
            (new / "info").mkdir()
            (new / "info" / "attributes").write_text(RAW)
            new.rename(self.folder)

    def _beside(self, suffix: str) -> Path:
        return self.folder.with_name(self.folder.name + suffix)

    def for_now(self, folder: Path) -> Self:
        """The same mirror for somebody whose own trees nobody needs afterwards: they go into this folder, unsynced."""
        folder.mkdir(parents=True)
        return replace(self, passing=folder, _listed={})

    @property
    def git(self) -> Git:
        """Git on the mirror, which never sees a work tree."""
        if self.passing is None:
            return self._lasting
        beside = {"GIT_OBJECT_DIRECTORY": str(self.passing), "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(self.folder / "objects")}
        return replace(self._lasting, settings={"core.fsync": "none"}, variables=beside)

    @property
    def _lasting(self) -> Git:
        return Git(self.folder, settings=HERE)

    def take(self, repository: Repository, commit: str) -> str:
        """Copy all that this commit reaches, and nothing else; give its tree."""
        ref = f"refs/swarm/base/{commit}"
        if commit not in self._taken and not self._has(ref):
            with locked(self._beside(".lock")):
                if not self._has(ref):
                    quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
                    depth = ("--depth=1",) if repository.partial else ("--update-shallow",)  # of the past, files may be missing
                    options = (*quiet, *depth, "--upload-pack", ANY_COMMIT)
                    self._lasting.run("fetch", *options, "--", str(repository.common_dir), f"+{commit}:{ref}")
        self._taken.add(commit)
        return self.tree(commit)

    def _has(self, ref: str) -> bool:
        return bool(self.git.text("for-each-ref", "--format=%(objectname)", "--count=1", ref))

    def tree(self, commit: str) -> str:
        """Give the tree of a commit (or of a tree: itself)."""
        if commit not in self._trees:
            tree = self.git.text("rev-parse", "--verify", "--end-of-options", f"{commit}^{{tree}}")
            if not OWN_NAME.fullmatch(commit):
                return tree
            self._trees[commit] = tree
        return self._trees[commit]

    def history(self, commit: str) -> History:
        """Give what this commit reaches as a repository that can be shown to an agent; made once, then kept."""
        made = History(self._beside(".history") / commit, commit)
        with locked(self._beside(".history.lock")):
            if not made.folder.exists():
                made.make(self.folder)
        return made

    @contextmanager
    def worktree(self, tree: str, folder: Path, history: History | None = None, *, shared: bool = False) -> Iterator[Path]:
        """Lay a tree out in a new folder, and take it away in the end, whatever became of it.

        With a history it gets a git folder of its own; the sandbox must then show `history.folder` as part of the toolchain.
        A shared one may be a mount, over files that other worktrees lie on as well: only what this process and its children
        look at, in a folder that `workplace.sweep` clears after a crash.
        """
        folder.mkdir(parents=True)
        try:
            with self._shared(tree, folder, history, shared=shared) as done:
                if not done:
                    self._lay_out(tree, folder, history)
                self._look(folder, tree)
                yield folder
        finally:
            forget(folder)
            remove(folder)

    def _shared(self, tree: str, folder: Path, history: History | None, *, shared: bool) -> AbstractContextManager[bool]:
        if not shared:
            return nullcontext(False)
        return Shared(self.git, self._beside(TREES), self._lasting).beneath(self.tree(tree), folder, history)

    def _lay_out(self, tree: str, folder: Path, history: History | None) -> None:
        with scratch(Path(tempfile.gettempdir())) as folder_of_index:
            index = folder_of_index / "index"
            git = replace(self.git, work_tree=folder, index=index)
            git.run("read-tree", tree)
            git.run("checkout-index", "--all", "--quiet", *(("--index",) if history else ()))
            if history:
                history.plant(folder, index)
        if who := outsider(folder):  # before anybody looks how it is, for that would be a change
            who.take(folder)

    def _look(self, worktree: Path, tree: str) -> None:
        """Note how it is before anybody has it."""
        name = self.tree(tree)
        Seen.look(worktree, name, folders_of(self._entries(name))).keep(worktree)

    def bring_in(self, worktree: Path, like: str, caps: Caps | None = None) -> str:
        """Take over an agent's files as a tree; `like` is the tree the worktree began with."""
        return self.intake(worktree, like, caps).bring_in()

    def intake(self, worktree: Path, like: str, caps: Caps | None = None) -> "Intake":
        """A way to take over the files of one worktree again and again; git is asked only once what they were to begin with."""
        tree = self.tree(like)
        return Intake(self.git, worktree, tree, self._entries(tree), caps or Caps())

    def _entries(self, tree: str) -> Mapping[bytes, Entry]:
        """Everything in a tree; what was given by its own name is remembered, since what that stands for never changes."""
        known = self._listed.get(tree)
        if known is None:
            known = dict(entries(self.git.run("ls-tree", "-r", "-z", "--full-tree", tree)))
            if len(self._listed) >= LISTED:
                self._listed.clear()
            if OWN_NAME.fullmatch(tree):
                self._listed[tree] = known
        return known

    def put(self, tree: str, files: Mapping[str, bytes]) -> str:
        """Give the tree with these files replaced or added; a replaced file keeps its mode."""
        present = self._entries(tree)
        with Revision(self.git, tree) as revision:
            for path, data in files.items():
                before = present.get(encoded(path))
                mode = before.mode if before is not None and before.mode.startswith("100") else PLAIN
                revision.add(encoded(path), mode, data)
            return revision.write()

    def apply(self, tree: str, diff: bytes) -> str:
        """Give the tree with a unified diff applied: all of it, at the very places that it names, or not at all."""
        with tempfile.TemporaryDirectory(prefix="swarm-index-") as scratch:
            git = replace(self.git, index=Path(scratch) / "index")
            git.run("read-tree", tree)
            git.run("apply", "--cached", "--whitespace=nowarn", "-", stdin=diff)
            return git.text("write-tree")

    def with_paths(self, onto: str, source: str, paths: Sequence[str]) -> str:
        """Give the tree `onto` with these files or folders as they are in `source`: absent where they are absent there."""
        wanted = [encoded(path).rstrip(b"/") for path in paths]
        there = self._entries(source)
        with Revision(self.git, onto) as revision:
            for path in wanted:
                revision.remove(path)
            for path, entry in there.items():
                if any(path == want or path.startswith(want + b"/") for want in wanted):
                    revision.place(path, entry)
            return revision.write()

    def changes(self, old: str, new: str) -> tuple[Change, ...]:
        """Tell which paths differ between two trees."""
        return tuple(changes(self.git.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", old, new)))

    def diff(self, old: str, new: str) -> bytes:
        """Give the difference of two trees as a plain unified diff."""
        plain = ("--no-color", "--no-renames", "--no-ext-diff", "--no-textconv", "--full-index", "--unified=3")
        return self.git.run("diff-tree", "-r", "-p", *plain, "--src-prefix=a/", "--dst-prefix=b/", old, new)

    def paths(self, tree: str) -> tuple[str, ...]:
        """List the files of a tree."""
        return tuple(decoded(path) for path in self._entries(tree))

    def files(self, tree: str) -> dict[str, Entry]:
        """Everything in a tree, by its path."""
        return {decoded(path): entry for path, entry in self._entries(tree).items()}

    def read(self, tree: str, path: str) -> bytes:
        """Give the content of one file of a tree."""
        return self.git.run("cat-file", "blob", f"{tree}:{path}")

    def read_all(self, tree: str, suffix: str = "") -> dict[str, bytes]:
        """Give the content of every file of a tree whose name ends so, in one call; links and submodules have none."""
        wanted = [(path, entry.oid) for path, entry in self._entries(tree).items() if entry.mode.startswith("100")]
        wanted = [(path, oid) for path, oid in wanted if path.endswith(encoded(suffix))]
        told = memoryview(
            self.git.run("cat-file", "--batch=%(objectsize)", stdin="".join(f"{oid}\n" for _, oid in wanted).encode())
        )
        files, at = {}, 0
        for path, _ in wanted:
            begin = at + bytes(told[at : at + 32]).index(b"\n") + 1
            at = begin + int(told[at:begin]) + 1
            files[decoded(path)] = bytes(told[begin : at - 1])
        return files

    def commit(
        self, tree: str, parents: Sequence[str], message: str, *, author: str = "swarm <swarm@localhost>", at: float | None = None
    ) -> str:
        """Make a commit of a tree; with `at` (seconds since the epoch) the same call makes the same commit again."""
        name, _, address = author.removesuffix(">").rpartition(" <")
        environment = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": address}
        if at is not None:
            environment |= dict.fromkeys(("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"), f"@{int(at)} +0000")
        onto = [word for parent in parents for word in ("-p", parent)]
        return self.git.text("commit-tree", *onto, "-F", "-", tree, stdin=message.encode(), environment=environment)

    def merged(self, onto: str, commit: str) -> tuple[str, tuple[str, ...]]:
        """The tree of both commits together, and the paths on which they do not agree."""
        told = self.git.run("merge-tree", "--stdin", "--name-only", "--no-messages", stdin=f"{onto} {commit}\n".encode())
        clean, tree, *paths = decoded(told).rstrip("\0").split("\0")
        return tree, () if clean == "1" else tuple(dict.fromkeys(path for path in paths if path))

    def stat(self, old: str, new: str) -> bytes:
        """Tell how many lines of which files differ between two trees."""
        return self.git.run("diff-tree", "-r", "--stat=80", "--no-color", "--no-renames", "--no-ext-diff", old, new)

    def keep(self, ref: str, commit: str) -> None:
        """Hold on to a commit by a reference."""
        self.git.run("update-ref", ref, commit)


class Intake(Value):
    """A worktree, and the tree that it began with."""

    git: Git
    worktree: Path
    tree: str
    entries: Mapping[bytes, Entry]
    caps: Caps

    def bring_in(self) -> str:
        """The files as they are now, as a tree; where nothing changed, no git is needed to say so."""
        with Revision(self.git, self.tree) as revision:
            Importer(self.entries, revision, self.caps, Seen.of(self.worktree, self.tree)).compare(self.worktree)
            return revision.write()
