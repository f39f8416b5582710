"""What an agent reads and writes, it reads and writes inside, whatever the tool: nobody outside follows its paths."""

from pathlib import Path

import pytest

from sandboxes.environment import own
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend
from swarm.agents.bench import Bench, Unusable
from swarm.evidence.ground import Ground
from swarm.evidence.rooms import Rooms


def test_no_tool_leads_out_of_the_sandbox(shop: Path, tmp_path: Path, backend: Backend, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CANARY_KEY", "canary-4711")
    secret = tmp_path / "secret"
    secret.write_text("canary-4711")
    user, mirror, environment = Repository.at(shop), Mirror.at(tmp_path / "state/mirror.git"), own()
    tree = mirror.take(user, user.commit())
    rooms = Rooms(backend, mirror, environment, tmp_path / "state")
    with rooms.open(tree) as room:
        ground = Ground(base=user.commit(), tree=tree, rooms=rooms, runner=None, baseline=None)  # tools ask for neither
        bench = Bench(ground, room.sandbox, room.worktree, ground.rooms.mirror.intake(room.worktree, ground.tree))
        assert bench.run(f"ln -s {secret} link; ln -s /etc/shadow shadow; ln -s / root", 30).ok
        for path in ("/etc/shadow", "../../secret", str(secret), "link", "shadow", f"root{secret}", "/proc/1/environ"):
            with pytest.raises(Unusable):
                bench.read(path)
        surroundings = bench.read("/proc/self/environ") + bench.run("cat /proc/[0-9]*/environ", 30).stdout.head
        for path in (str(secret), "link", "../../secret"):
            try:
                bench.write(path, b"overwritten")
            except Unusable:
                continue
        assert mirror.changes(tree, bench.tree()) == (), "links that lead out stay out"

    assert b"canary" not in surroundings
    assert secret.read_text() == "canary-4711"
