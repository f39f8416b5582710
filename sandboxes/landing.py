"""Moves a branch of the user from one commit to another, and the checkout with it: wholly, or not at all.

Order: everything is looked at and prepared under the index's own lock (new files lie beside their places, the new index beside
the old one), then the branch moves by compare-and-swap, then only renames and removals are left. Whoever is killed between them
leaves a state that the same landing, done again, brings to its end. No hook and no filter of the repository is run.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandboxes.files import Files, Step
from sandboxes.git import Git, GitTrouble
from sandboxes.repository import InTheWay, Repository

MARK = b"swarm is landing a fix; if it is not, `swarm merge` or `swarm undo` goes on from here\n"
"""In the index's lock, so that one that a killed landing left is known again."""
UNFINISHED = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply")


@dataclass(frozen=True, kw_only=True)
class Landing:
    """One move of a branch. Two of them must never be done at once in one repository: its owner holds a lock meanwhile."""

    repository: Repository
    mirror: Git
    """Git on the mirror, which has both commits."""
    branch: str
    before: str
    after: str

    @property
    def ref(self) -> str:
        """The branch's whole name."""
        return f"refs/heads/{self.branch}"

    def examine(self) -> None:
        """Find out whether anything is in the way, and change nothing."""
        if self._followed():
            self._files().examine(again=False)

    def land(self) -> None:
        """Do it, or put everything back. Both commits are in the user's repository by now."""
        if not self._followed():
            self.repository.move_branch(self.ref, self.before, self.after)
            return
        files = self._files()
        with self._index_held():
            again = self.repository.commit(self.ref) == self.after
            files.examine(again=again)
            with files.prepared(), self._index_prepared(files.steps) as index:
                if not again:
                    self.repository.move_branch(self.ref, self.before, self.after)
                try:
                    files.place()
                except GitTrouble:
                    if not again:
                        files.put_back()
                        self.repository.move_branch(self.ref, self.after, self.before)
                    raise
                index.run("update-index", "-q", "--refresh")
                assert index.index is not None
                index.index.replace(self.repository.git_dir / "index")

    def tidy(self) -> None:
        """Take away what a killed landing left beside the places that it had not yet changed."""
        if self._followed():
            with self._index_held():
                (self.repository.git_dir / "index.swarm").unlink(missing_ok=True)
                self._files().tidy()

    def _files(self) -> Files:
        listed = self.mirror.run("diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", self.before, self.after)
        return Files(self.repository, self.mirror, tuple(Step.read(listed)))

    def _followed(self) -> bool:
        """Whether the checkout follows: it does where the branch is checked out here, and there is a checkout."""
        repository = self.repository
        if elsewhere := [place for place, ref in repository.checkouts() if ref == self.ref and place != repository.top]:
            raise InTheWay(
                path=elsewhere[0], reason=f"it has the branch {self.branch} checked out", remedy="Go there and try again."
            )
        if repository.bare or repository.head_ref() != self.ref:
            return False
        if unfinished := [name for name in UNFINISHED if (repository.git_dir / name).exists()]:
            raise InTheWay(
                path=unfinished[0], reason="git is in the middle of something", remedy="Finish or abort it, then try again."
            )
        return True

    @contextmanager
    def _index_held(self) -> Iterator[None]:
        """Hold the index's lock, as git itself does, so that no command of the user's comes in between."""
        lock = self.repository.git_dir / "index.lock"
        mine = lock.with_name("index.swarm-lock")
        try:
            if lock.exists() and lock.read_bytes() == MARK:
                lock.unlink()
            mine.write_bytes(MARK)
            os.link(mine, lock)  # never there without its mark
        except OSError as error:
            reason = "another git command is at work" if isinstance(error, FileExistsError) else error.strerror
            raise InTheWay(path=lock, reason=reason, remedy="Wait for it to end, then try again.") from error
        finally:
            mine.unlink(missing_ok=True)
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)

    @contextmanager
    def _index_prepared(self, steps: tuple[Step, ...]) -> Iterator[Git]:
        """A copy of the index in which the new files stand: git on it."""
        copy = self.repository.git_dir / "index.swarm"
        copy.with_name("index.swarm.lock").unlink(missing_ok=True)  # whoever made it was killed: nobody else uses this name
        try:
            shutil.copyfile(self.repository.git_dir / "index", copy)
        except OSError as error:
            copy.unlink(missing_ok=True)
            raise InTheWay(path=copy, reason=error.strerror, remedy="See to it, then try again.") from error
        try:
            git = self.repository.plain(copy)
            git.run("update-index", "-z", "--index-info", stdin=b"".join(step.index_line() for step in steps))
            yield git
        finally:
            copy.unlink(missing_ok=True)


def is_at(repository: Repository, branch: str, commit: str) -> bool:
    """Whether a branch is there and at this commit."""
    return repository.at_ref(f"refs/heads/{branch}") == commit
