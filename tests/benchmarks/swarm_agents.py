"""Swarm's side of the comparison: so many coders in one process, each with a sandbox, a worktree and a durable conversation."""

import json
import sys
import threading
from pathlib import Path

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.environment import inherited
from sandboxes.mirror import Mirror
from swarm.agents.budget import UnderWay
from swarm.agents.coder import Coder
from swarm.agents.exchange import Wanted, opened_exchange
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.blackboard.tasks import NewTask
from swarm.desk import WorkerDesk
from swarm.evidence.baseline import Baseline
from swarm.evidence.footing import stand
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner


def main(folder: Path, base_url: str, count: int) -> None:
    """Let so many agents do a task each."""
    wanted = Wanted(("openai/gpt-4o",), base_url, money=True, tokens=False, form="auto")
    with opened_exchange(wanted, {"OPENAI_API_KEY": "k"}) as exchange:
        mirror = Mirror.at(folder / "mirror.git")
        tree = mirror.put(mirror.git.text("mktree", stdin=""), {"a.py": b"x = 1\n"})
        base = mirror.commit(tree, [], "begin")
        rooms = Rooms(Bubblewrap(), mirror, inherited(folder), folder / "worktrees")
        baseline = Baseline(argv=(), tests=(), passing=(), failing={}, varying=(), exit_code=0, runs=1, seconds=1.0)
        runner = PytestRunner(rooms.environment.python)
        ground = Ground(base=base, tree=tree, rooms=rooms, runner=runner, baseline=baseline)
        store = SqliteStore.open(folder / "state")
        run = store.start_run(NewRun(title="t", issue="t", source="b", base=base, sandbox="bubblewrap", workers=count)).name
        spending = UnderWay()

        def work(number: int) -> None:
            claimed = store.claim(run, f"w{number}", ("code",), lease_seconds=600)
            assert claimed is not None
            task, lease = claimed
            desk = WorkerDesk(
                store=store,
                lease=lease,
                agent="coder",
                footing=stand(ground),
                issue="t",
                called_off=lambda: False,
                gist_budget=4000,
            )
            Coder(exchange, spending).work(task, desk)

        for number in range(count):
            store.add_task(run, NewTask(kind="code", goal=f"agent-{number};", payload=json.dumps({"number": number})))
        threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
