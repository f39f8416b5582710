"""Where a triage works: the mirror, a sandbox that has proven itself, and the folder in which it remembers."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from sandboxes.choice import choose
from sandboxes.mirror import Mirror
from sandboxes.presence import present
from sandboxes.proof import Proofs
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend
from sandboxes.workplace import own_folder
from swarm.evidence.detection import best
from swarm.evidence.grounds import environment_on
from swarm.evidence.project import project_folder
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import Runner
from swarm.evidence.sources import Sources
from swarm.settings.places import LIVE, MIRROR, ORIGIN, REMEMBERED, WORKTREES, state_folder
from swarm.settings.values import Settings

if TYPE_CHECKING:
    from swarm.triage.knowledge import Knowledge  # loaded while the sandbox starts

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Workshop:
    """What tests are run with."""

    rooms: Rooms
    runner: Runner
    why: str


@dataclass
class Aside:
    """Does one thing after the other while the triage goes on."""

    pool: ThreadPoolExecutor
    patient: bool = False
    """Whether somebody is answered before the site is left."""
    begun: list[Future[None]] = field(default_factory=list)
    put_off: list[Callable[[], None]] = field(default_factory=list)

    def do(self, what: Callable[[], None]) -> None:
        """Have this done; the site is not left before it is, and not without its error."""
        self.begun.append(self.pool.submit(what))

    def do_unasked(self, what: Callable[[], None]) -> None:
        """Have this done, which no answer waits for: where somebody is answered first, it is done afterwards."""
        if self.patient:
            self.put_off.append(what)
        else:
            self.do(what)

    def finish(self) -> None:
        """Wait for all of it."""
        for what in self.put_off:
            self.do(what)
        for one in self.begun:
            one.result()


@dataclass(frozen=True)
class Site:
    """Where a triage works."""

    repository: Repository
    lasting: Mirror
    """For what is compared: whoever fixes what is broken begins with it."""
    mirror: Mirror
    """For what is tried, and is gone afterwards."""
    settings: Settings
    folder: Path
    worktrees: Path
    stop: threading.Event
    aside: "Aside"
    _backend: "Future[Backend]"
    recalled: "list[Knowledge]" = field(default_factory=list)
    """What was known when that was last looked at; nothing before."""

    @cached_property
    def backend(self) -> Backend:
        """The sandbox; waits until it has proven itself, and raises if it could not."""
        return self._backend.result()

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Whatever goes wrong meanwhile ends what runs."""
        try:
            yield
        except BaseException:
            self.stop.set()
            raise

    def workshop(self, tree: str, tell: Tell) -> Workshop:
        """Find out how the tests of a tree are run, and prepare what they need."""
        sources = Sources.in_tree(self.mirror, tree)
        folder = project_folder(sources, self.settings.project)
        environment = environment_on(self, tree, folder, tell)
        found = best(sources, environment.python, self.settings.test, environment.first, folder)
        return Workshop(Rooms(self.backend, self.mirror, environment, self.worktrees), found.runner, found.why)


@contextmanager
def opened_site(repository: Repository, settings: Settings, *, patient: bool = False) -> Iterator[Site]:
    """Open it for one repository. The sandbox proves itself meanwhile, since that takes longer than all else."""
    stop = threading.Event()
    folder = state_folder(repository.identity, os.environ)
    with ThreadPoolExecutor(1) as pool:
        backend = pool.submit(choose, settings.sandbox, stop, settings.image, Proofs(folder / REMEMBERED / "proofs"))
        with present(folder / LIVE), own_folder(folder / WORKTREES) as worktrees:
            (folder / ORIGIN).write_bytes(os.fsencode(repository.common_dir))
            lasting = Mirror.at(folder / MIRROR, repository.object_format)
            mirror = lasting.for_now(worktrees / "objects")
            site = Site(repository, lasting, mirror, settings, folder, worktrees, stop, Aside(pool, patient), backend)
            with site.guarded():
                yield site
                site.aside.finish()
