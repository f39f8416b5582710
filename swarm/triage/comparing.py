"""What is compared: the index with the last commit, or whatever else was asked for."""

from collections.abc import Mapping

from sandboxes.mirror import Mirror
from sandboxes.repository import NoCommit, Repository
from sandboxes.staging import ignored_by_user, index_of, staged, working
from swarm.errors import UsageError
from swarm.values import Value


class Wish(Value, kw_only=True):
    """What the person wants to have looked at, and how thoroughly."""

    base: str = ""
    """The commit to compare with; empty: HEAD."""
    range: str = ""
    """Two commits, as `A..B`."""
    worktree: bool = False
    """The files as they lie there, staged or not."""
    time_box: float = 10.0
    """Seconds within which tests are run to find what is broken."""
    full: bool = False
    """All tests, however long they take."""


class Compared(Value):
    """Two trees of the mirror, and what to call them."""

    commit: str
    """Base, as a commit; empty where there is none yet."""
    base: str
    tree: str
    name: str
    remarks: tuple[str, ...] = ()


def compare(repository: Repository, mirror: Mirror, wish: Wish, environ: Mapping[str, str]) -> Compared:
    """Bring both sides into the mirror."""
    if wish.range:
        return _range(repository, mirror, wish)
    index = index_of(repository, environ)
    try:
        commit = repository.commit(wish.base or "HEAD")
    except NoCommit:
        if wish.base:
            raise
        empty = mirror.git.text("mktree")
        return Compared("", empty, empty, "the first commit", ("there is no commit yet that this one could break",))
    base = mirror.take(repository, commit)
    against = wish.base or f"HEAD ({commit[:10]})"
    if wish.worktree:
        lying = working(repository, mirror, commit, index, ignored_by_user(environ))
        return Compared(commit, base, lying.tree, f"your files against {against}", lying.remarks)
    looked = staged(repository, mirror, commit, index)
    merging = (repository.git_dir / "MERGE_HEAD").exists()
    remark = ("a merge is going on, so the changes of the other side count as well",) if merging else ()
    return Compared(commit, base, looked.tree, f"what is staged against {against}", (*looked.remarks, *remark))


def _range(repository: Repository, mirror: Mirror, wish: Wish) -> Compared:
    old, dots, new = wish.range.partition("..")
    if not dots or not old.strip(".") or new.startswith("."):
        raise UsageError(what=f"`{wish.range}` is no range of commits.", remedy="Name two of them: --range main..HEAD")
    if wish.base or wish.worktree:
        raise UsageError(what="A range names both sides already.", remedy="Leave out --base and --worktree.")
    first, last = repository.commit(old), repository.commit(new or "HEAD")
    return Compared(first, mirror.take(repository, first), mirror.take(repository, last), wish.range)
