"""What a repository is like, and with what its tests would be run."""

from dataclasses import dataclass
from functools import cached_property

from sandboxes.environments import foreseen
from sandboxes.git import GitTrouble, decoded
from sandboxes.listing import SUBMODULE, Entry, entries
from sandboxes.mirror import Mirror
from sandboxes.recipe import recipe_of
from sandboxes.repository import Repository
from swarm.doctor.line import Line, ok, warning
from swarm.evidence.detection import best
from swarm.evidence.project import project_folder
from swarm.evidence.sources import Sources
from swarm.settings.values import Settings


@dataclass(frozen=True)
class Project:
    """A repository at the commit that a run would start from."""

    repository: Repository
    settings: Settings

    @cached_property
    def _commit(self) -> str:
        return self.repository.commit(self.settings.base)

    @cached_property
    def _source(self) -> Mirror:
        return Mirror(self.repository.common_dir)  # only to be read

    @cached_property
    def _tree(self) -> dict[bytes, Entry]:
        return dict(entries(self._source.git.run("ls-tree", "-r", "-z", "--full-tree", self._commit)))

    @cached_property
    def _sources(self) -> Sources:
        return Sources.in_tree(self._source, self._source.tree(self._commit))

    @cached_property
    def _folder(self) -> str:
        return project_folder(self._sources, self.settings.project)

    def base(self) -> Line:
        """The commit to start from."""
        dirty = "; what is not committed is left alone" if self.repository.dirty() else ""
        return ok("repository", f"{self.repository.top}, base {self._commit[:12]}{dirty}")

    def submodules(self) -> Line:
        """Whether folders of the tree belong to other repositories."""
        found = sorted(decoded(path) for path, entry in self._tree.items() if entry.mode == SUBMODULE)
        if not found:
            return ok("submodules", "none")
        text = (
            f"{len(found)} ({', '.join(found[:3])}{', …' if len(found) > 3 else ''}): their folders are empty in every worktree"
        )
        return warning("submodules", text, "Tests that need them fail on base as well, and do not count.")

    def lfs(self) -> Line:
        """Whether some files are only pointers to their content."""
        kept = [path for path in self._tree if path.rpartition(b"/")[2] == b".gitattributes"]
        if not any(b"filter=lfs" in self._source.read(self._commit, decoded(path)) for path in kept):
            return ok("lfs", "not used")
        text = "some files are kept by Git LFS: worktrees hold their pointers, never their content"
        return warning("lfs", text, "Tests that need the content fail on base as well, and do not count.")

    def sparse(self) -> Line:
        """Whether the user's checkout holds only a part of the tree."""
        if self._configured("--type=bool", "--get", "core.sparseCheckout") == "true":
            return ok("sparse checkout", "yours holds a part of the tree; worktrees hold all of it")
        return ok("sparse checkout", "no")

    def history(self) -> Line:
        """Whether all that base reaches is there."""
        if self._configured("--get-regexp", r"^(extensions\.partialclone|remote\..*\.promisor)$"):
            text = "a partial clone: files that were never fetched are missing, and swarm does not fetch"
            return warning("history", text, "If a run says that an object is missing: git fetch --refetch --no-filter")
        if (self.repository.common_dir / "shallow").exists():
            return warning("history", "a shallow clone: agents see only the newest commits", "git fetch --unshallow")
        return ok("history", "complete")

    def environment(self) -> Line:
        """With which Python and which packages tests would be run."""
        recipe = recipe_of(self._source, self._commit, self._folder)
        return ok("environment", foreseen(self.repository.top, recipe, self.settings.env, self._folder))

    def tests(self) -> Line:
        """How tests would be run."""
        found = best(self._sources, "python", self.settings.test, folder=self._folder)
        return ok("tests", f"{found.runner.name}: {found.why}")

    def _configured(self, *question: str) -> str:
        try:
            return self.repository.git.text("config", "--includes", *question)
        except GitTrouble:
            return ""  # git's way to say that it is not set
