"""Who works on a run: one process at a time, which holds a mark that the kernel lets go of however the process ends."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandboxes.presence import absent
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import UsageError
from swarm.settings.places import RUNNING


@contextmanager
def alone(folder: Path, run: Run) -> Iterator[None]:
    """Be the only process that works on this run: a second one would take the tasks of the first for abandoned."""
    mark = folder / f"{run.name}{RUNNING}"
    with absent(mark) as nobody:
        if not nobody:
            what = f"Run {run.name} is going on in another process."
            raise UsageError(what=what, remedy=f"`swarm watch {run.name}` shows it; `swarm stop {run.name}` ends it.")
        try:
            yield
        finally:
            mark.unlink(missing_ok=True)


def resumable(store: Store, folder: Path, name: str) -> Run:
    """The run of this name, if it was interrupted and nobody works on it."""
    run = store.run(name)
    if run.ended is not None:
        raise UsageError(what=f"Run {run.name} has ended: {run.outcome}.", remedy="Begin another one with `swarm fix`.")
    with alone(folder, run):
        return run


def stoppable(store: Store, folder: Path, name: str) -> Run:
    """The run of this name, if somebody works on it: a wish that is left for a later process would stop that one."""
    run = store.run(name)
    if run.ended is not None:
        raise UsageError(what=f"Run {run.name} has ended: {run.outcome}.", remedy="There is nothing to stop.")
    with absent(folder / f"{run.name}{RUNNING}") as nobody:
        if nobody:
            remedy = f"There is nothing to stop; `swarm resume {run.name}` goes on with it."
            raise UsageError(what=f"No process works on run {run.name}.", remedy=remedy)
    return run
