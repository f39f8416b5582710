"""Where an agent works: a worktree of its own in a sandbox. Nothing of it is read, written or run from outside."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sandboxes.command import MEBIBYTE, Command, Ending, Ran
from sandboxes.mirror import Intake
from sandboxes.sandbox import Sandbox
from swarm.errors import SwarmError
from swarm.evidence.ground import Ground

FILE = 2 * MEBIBYTE
"""Bytes of a file that an agent may read or write whole."""
WRITE = 'mkdir -p -- "$(dirname -- "$1")" && cat > "$1"'


class Unusable(SwarmError):
    """{why}"""


@dataclass(frozen=True)
class Bench:
    """An open sandbox around the worktree of one agent."""

    ground: Ground
    sandbox: Sandbox
    worktree: Path
    intake: Intake

    def run(self, script: str, timeout: float) -> Ran:
        """Run a script, as a shell would."""
        return self._run(("bash", "-c", script), timeout=timeout)

    def read(self, path: str) -> bytes:
        """The content of a file."""
        ran = self._run(("cat", "--", self._path(path)), keep=2 * FILE, flood=2 * FILE)
        if ran.ending is Ending.FLOODED or not ran.stdout.complete:
            raise Unusable(why=f"{path} is larger than {FILE // MEBIBYTE} MiB; look at parts of it with `run`.")
        if not ran.ok:
            raise Unusable(why=ran.stderr.text().strip() or f"{path} cannot be read.")
        return ran.stdout.head + ran.stdout.tail

    def write(self, path: str, content: bytes) -> None:
        """Give a file this content; its mode stays, and a new one is made together with its folders."""
        if len(content) > FILE:
            raise Unusable(why=f"that is more than {FILE // MEBIBYTE} MiB, the most that a file may become.")
        ran = self._run(("sh", "-c", WRITE, "sh", self._path(path)), stdin=content)
        if not ran.ok:
            raise Unusable(why=ran.stderr.text().strip() or f"{path} cannot be written.")

    def exists(self, path: str) -> bool:
        """Whether there is such a file."""
        return self._run(("test", "-f", self._path(path))).ok

    def call(self, argv: Sequence[str], timeout: float = 30.0) -> Ran:
        """Run one program of the sandbox."""
        return self._run(tuple(argv), timeout=timeout)

    def tree(self) -> str:
        """What the worktree is now, as a tree of the mirror."""
        return self.intake.bring_in()

    def _path(self, path: str) -> str:
        if not path.strip() or "\0" in path:
            raise Unusable(why="`path` is empty.")
        return path if path.startswith("/") else f"./{path}"

    def _run(
        self,
        argv: tuple[str, ...],
        *,
        timeout: float = 30.0,
        stdin: bytes = b"",
        keep: int = MEBIBYTE,
        flood: int = 64 * MEBIBYTE,
    ) -> Ran:
        environment = self.ground.rooms.environment
        inside = self.ground.rooms.backend.path_of(self.worktree)
        folders = ":".join(str(PurePosixPath(inside, folder)) for folder in environment.first)
        search = f"{PurePosixPath(environment.python).parent}:/usr/local/bin:/usr/bin:/bin"
        variables = {"PATH": search, "PYTHONPATH": folders, "PYTHONDONTWRITEBYTECODE": "1", "GIT_PAGER": "cat", "PAGER": "cat"}
        return self.sandbox.run(Command(argv=argv, timeout=timeout, environment=variables, stdin=stdin, keep=keep, flood=flood))


@contextmanager
def opened_bench(ground: Ground, tree: str) -> Iterator[Bench]:
    """Lay a tree out for one agent, with a git folder of its own over a history that ends at base."""
    rooms = ground.rooms
    history = rooms.mirror.history(ground.base)
    folder = rooms.folder / secrets.token_hex(8)
    with (
        rooms.mirror.worktree(tree, folder, history, shared=rooms.mountable) as worktree,
        rooms.backend.open(worktree, (*rooms.environment.toolchain, history.folder)) as sandbox,
    ):
        yield Bench(ground, sandbox, worktree, rooms.mirror.intake(worktree, ground.tree))
