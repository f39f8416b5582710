"""The user's repository: only read, but for references that swarm adds."""

import os
from collections.abc import Sequence
from dataclasses import field, replace
from pathlib import Path
from typing import Self

from sandboxes.git import Git, GitTrouble, decoded, execute
from sandboxes.identity import identity
from sandboxes.listing import Entry
from sandboxes.plain import plain_top
from sandboxes.values import Value

LOOK = 60.0  # seconds for a look at a repository
ANY_COMMIT = "git -c 'safe.directory=*' -c uploadpack.allowAnySHA1InWant=true -c protocol.allow=never upload-pack"


class NotARepository(GitTrouble):
    """There is no git repository at {folder}.
    Git says: {said}
    Go to a checkout, or make one with `git init` and a first commit."""

    exit_code = 2


class NotYours(GitTrouble):
    """The repository at {folder} belongs to another user, so its settings could run programs as you.
    If you trust it: git config --global --add safe.directory {folder}"""

    exit_code = 3


class NoCommit(GitTrouble):
    """The repository at {folder} has no commit {name!r}.
    Swarm starts from a commit. Make one, or name another with --base."""

    exit_code = 2


class BranchExists(GitTrouble):
    """The branch {branch} exists already, at {commit}.
    Nothing was changed.
    Delete or rename it, or let swarm choose another name."""


class RefMoved(GitTrouble):
    """{ref} is not at {expected} any more.
    Nothing was changed."""


class InTheWay(GitTrouble):
    """{path} is in the way: {reason}.
    Nothing was changed.
    {remedy}"""


class Repository(Value):
    """A repository as the user has it, bare or with a checkout, itself or a linked worktree of it."""

    top: Path
    """The top of the checkout; the git dir itself where the repository is bare."""
    git_dir: Path
    common_dir: Path
    bare: bool
    place: str = field(default="", compare=False)
    """Where the user stands in the checkout, as seen from its top; empty: at the top."""

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Find the repository around a folder."""
        folder = folder.resolve()
        if not folder.is_dir():
            raise NotARepository(folder=folder, said="there is no such folder")
        if plain := plain_top(folder, os.geteuid()):
            return cls(top=plain, git_dir=plain / ".git", common_dir=plain / ".git", bare=False, place=_place(folder, plain))
        answers = _ask_where(folder)
        bare, git_dir, common = answers[0] == "true", Path(answers[1]), Path(answers[2])
        top = git_dir if bare else _top(folder)
        place = "" if bare else _place(folder, top)
        return cls(top=top, git_dir=git_dir, common_dir=(folder / common).resolve(), bare=bare, place=place)

    @property
    def git(self) -> Git:
        """Git on this repository, for reading and for adding references."""
        return Git(self.git_dir, None if self.bare else self.top, timeout=LOOK)

    @property
    def name(self) -> str:
        """What people call it: the name of its folder."""
        return self.top.name.removesuffix(".git") or "repository"

    @property
    def identity(self) -> str:
        """A name for its place in the state folder: the same from every worktree and subfolder of it."""
        return identity(self.common_dir)

    @property
    def object_format(self) -> str:
        """The hash its objects are named by; where a repository lies plainly, git knows no other than the first."""
        if self.git_dir == self.top / ".git" and plain_top(self.top, os.geteuid()) == self.top:
            return "sha1"
        return self.git.text("rev-parse", "--show-object-format")

    @property
    def partial(self) -> bool:
        """Whether it is a partial clone, which has not all files of its own past."""
        return any(key.endswith(b".promisor") or key == b"extensions.partialclone" for key in self._settings())

    def commit(self, name: str = "HEAD") -> str:
        """Give the full name of a commit."""
        try:
            return self.git.text("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        except GitTrouble as error:
            raise NoCommit(folder=self.top, name=name) from error

    def fork(self, one: str, other: str) -> str:
        """Give the commit at which two commits went apart."""
        try:
            return self.git.text("merge-base", one, other)
        except GitTrouble as error:
            raise NoCommit(folder=self.top, name=f"{one[:12]}...{other[:12]}") from error

    def dirty(self) -> bool:
        """Whether the checkout differs from HEAD; looks without writing the index."""
        if self.bare:
            return False
        return bool(self._without_filters().run("status", "--porcelain", "-z", "--ignore-submodules=all"))

    def receive(self, mirror: Path, commit: str, ref: str) -> None:
        """Take a commit over from the mirror, under a reference of swarm's own."""
        self._fetch(mirror, f"+{commit}:{ref}")

    def create_branch(self, mirror: Path, branch: str, commit: str) -> None:
        """Take a commit over as a new branch; nobody's branch is ever moved."""
        ref = f"refs/heads/{branch}"
        self.git.run("check-ref-format", "--branch", branch)
        self.git.run("check-ref-format", ref)
        self._fetch(mirror, commit)
        try:
            self.git.run("update-ref", "-m", "swarm: branch created", ref, commit, "0" * len(commit))
        except GitTrouble as error:
            if at := self._ref(ref):
                raise BranchExists(branch=branch, commit=at) from error
            raise

    def delete_ref(self, ref: str, expected: str) -> None:
        """Take a reference away, if it still is where it is expected."""
        try:
            self.git.run("update-ref", "-m", "swarm: reference deleted", "-d", ref, expected)
        except GitTrouble as error:
            if self._ref(ref) != expected:
                raise RefMoved(ref=ref, expected=expected) from error
            raise

    def move_branch(self, ref: str, expected: str, commit: str) -> None:
        """Move a reference, if it still is where it is expected."""
        try:
            self.git.run("update-ref", "-m", f"swarm: from {expected[:12]} to {commit[:12]}", ref, commit, expected)
        except GitTrouble as error:
            if self._ref(ref) != expected:
                raise RefMoved(ref=ref, expected=expected) from error
            raise

    def keep(self, ref: str, commit: str) -> None:
        """Hold on to a commit by a reference of swarm's own."""
        self.git.run("update-ref", "-m", "swarm: kept", ref, commit)

    def head_ref(self) -> str:
        """The whole name of the branch that is checked out; empty where HEAD is detached."""
        try:
            return self.git.text("symbolic-ref", "--quiet", "HEAD")
        except GitTrouble:
            self.commit()
            return ""

    def checkouts(self) -> list[tuple[Path, str]]:
        """Every checkout of this repository with the branch that it shows; where it shows none, that is empty."""
        found = []
        for block in decoded(self.git.run("worktree", "list", "--porcelain", "-z")).split("\0\0"):
            facts = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
            if "worktree" in facts and "bare" not in facts:
                found.append((Path(facts["worktree"]), facts.get("branch", "")))
        return found

    def reaches(self, commit: str, other: str) -> bool:
        """Whether the other commit is this one or in its past."""
        return not self.git.text("rev-list", "--count", "--max-count=1", other, f"^{commit}").strip("0")

    def staged(self, paths: Sequence[str]) -> dict[str, Entry]:
        """How these paths stand in the index; what is unmerged, or is not to be looked at, stands like nothing else."""
        found = {}
        listed = self.git.run("-C", str(self.top), "--literal-pathspecs", "ls-files", "-v", "--stage", "-z", "--", *paths)
        for line in listed.split(b"\0")[:-1]:
            facts, _, path = line.partition(b"\t")
            tag, mode, oid, stage = facts.decode().split(" ")
            found[decoded(path)] = Entry(mode, oid) if (tag, stage) == ("H", "0") else Entry("", "")
        return found

    def attributes(self, paths: Sequence[str], names: Sequence[str]) -> set[str]:
        """Those of the paths to which one of these attributes is set."""
        listed = decoded(self.git.run("-C", str(self.top), "check-attr", "-z", *names, "--", *paths)).split("\0")[:-1]
        return {path for path, value in zip(listed[::3], listed[2::3], strict=True) if value not in ("unspecified", "unset")}

    def plain(self, index: Path) -> Git:
        """Git on the checkout with another index, that starts none of the programs its settings name."""
        return replace(self._without_filters(), index=index)

    def at_ref(self, ref: str) -> str:
        """The commit that a reference names; empty where there is no such reference."""
        return self._ref(ref)

    def _ref(self, ref: str) -> str:
        listed = self.git.text("for-each-ref", "--format=%(refname) %(objectname)", ref).splitlines()
        return next((line.rpartition(" ")[2] for line in listed if line.rpartition(" ")[0] == ref), "")

    def _fetch(self, mirror: Path, refspec: str) -> None:
        careful = Git(self.git_dir, settings={"fetch.fsckObjects": "true"})
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
        careful.run("fetch", *quiet, "--upload-pack", ANY_COMMIT, "--", str(mirror), refspec)

    def _settings(self) -> list[bytes]:
        return self.git.run("config", "--includes", "--name-only", "-z", "--list").split(b"\0")

    def _without_filters(self) -> Git:
        """Git that starts none of the programs this repository's own settings name for its files."""
        names = {decoded(key.rpartition(b".")[0]) for key in self._settings() if key.startswith(b"filter.")}
        off = {"clean": "", "smudge": "", "process": "", "required": "false"}
        settings = {f"{name}.{key}": value for name in sorted(names) for key, value in off.items()}
        return Git(self.git_dir, self.top, settings=settings, timeout=LOOK)


def _place(folder: Path, top: Path) -> str:
    """A folder as seen from the top; one that lies elsewhere, as inside of a git dir, is none."""
    return "" if folder == top or not folder.is_relative_to(top) else folder.relative_to(top).as_posix()


def _ask_where(folder: Path) -> list[str]:
    question = ("rev-parse", "--is-bare-repository", "--absolute-git-dir", "--git-common-dir")
    return _discover(folder, question).splitlines()


def _top(folder: Path) -> Path:
    return Path(_discover(folder, ("rev-parse", "--show-toplevel")).removesuffix("\n"))


def _discover(folder: Path, question: tuple[str, ...]) -> str:
    """Let git look for the repository; one of another owner only if the user's own settings trust it."""
    bare = ("-c", "safe.bareRepository=all")
    try:
        return _answer((*bare, *question), folder)
    except GitTrouble as error:
        said = str(error.facts.get("said", ""))
        if "dubious ownership" not in said:
            raise NotARepository(folder=folder, said=said.splitlines()[0]) from error
    try:
        trust = tuple(part for place in _trusted(folder) for part in ("-c", f"safe.directory={place}"))
        return _answer((*bare, *trust, *question), folder)
    except GitTrouble as error:
        raise NotYours(folder=folder) from error


def _answer(args: tuple[str, ...], folder: Path) -> str:
    return decoded(execute(args, {}, b"", folder, LOOK))


def _trusted(folder: Path) -> list[str]:
    """Read, from the user's own settings only, which foreign repositories they trust."""
    xdg = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "git" / "config"
    given = os.environ.get("GIT_CONFIG_GLOBAL")
    files = [Path(given)] if given is not None else [xdg, Path.home() / ".gitconfig"]
    found = []
    for file in (Path("/etc/gitconfig"), *files):
        try:
            answer = execute(("config", "--file", str(file), "-z", "--get-all", "safe.directory"), {}, b"", folder, LOOK)
        except GitTrouble:
            continue  # no such file or setting: no trust
        found += [decoded(place) for place in answer.split(b"\0") if place]
    return found
