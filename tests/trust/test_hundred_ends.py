"""A hundred sandboxes end in every way there is; whoever starts next finds no trace of them."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.mirror import Mirror
from sandboxes.mounted import mounted_below
from sandboxes.repository import Repository
from sandboxes.shared import WORTH
from sandboxes.workplace import own_folder

ROUNDS, ENDED, HELD = 10, 6, 4
LIVES = """
import sys, threading
from contextlib import ExitStack
from pathlib import Path
from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.mirror import Mirror
from sandboxes.workplace import own_folder
mirror, parent, tree, word = Mirror(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3], sys.argv[4]
ends = ["true", "exit 3", "kill -9 $$", "yes", "(setsid sleep " + word + " &); sleep " + word, "rm -r *; exit 1"]
with own_folder(parent) as folder, ExitStack() as stack:
    def room(name):
        worktree = stack.enter_context(mirror.worktree(tree, folder / name, shared=True))
        return stack.enter_context(Bubblewrap().open(worktree, ()))
    for number, script in enumerate(ends):
        with mirror.worktree(tree, folder / f"e{number}", shared=True) as worktree, Bubblewrap().open(worktree, ()) as sandbox:
            sandbox.run(Command(argv=("sh", "-c", script), timeout=0.3, flood=1000000))
            print("ended", flush=True)
    for number in range(4):
        script = "touch here; trap '' TERM; (setsid sleep " + word + " &); sleep " + word
        threading.Thread(target=room(f"h{number}").run, args=(Command(argv=("sh", "-c", script)),), daemon=True).start()
    while len(list(folder.glob("h*/here"))) < 4:
        pass
    print("held", flush=True)
    threading.Event().wait()
"""


def processes_with(word: str) -> list[str]:
    found = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in found.splitlines() if f"sleep {word}" in line]


def of_the_dead(pids: list[int]) -> list[str]:
    """Everything anywhere that bears the number of one of these processes."""
    name = re.compile(rf"swarm-\d+-({'|'.join(map(str, pids))})-")
    places = [*Path(tempfile.gettempdir()).iterdir(), *Path("/sys/fs/cgroup").glob("**/swarm-*")]
    return [str(place) for place in places if name.match(place.name)]


def test_of_a_hundred_sandboxes_nothing_is_left_after_the_next_start(
    make_repository: Callable[[Mapping[str, str]], Path], tmp_path: Path
):
    user = Repository.at(make_repository({f"f{number}": "x" for number in range(WORTH)}))
    mirror, parent, word = Mirror.at(tmp_path / "state/mirror.git"), tmp_path / "state/worktrees", f"{os.getpid()}.4711"
    tree, pids = mirror.take(user, user.commit()), []
    for _ in range(ROUNDS):
        words = [sys.executable, "-c", LIVES, str(mirror.folder), str(parent), tree, word]
        with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as life:
            assert life.stdout is not None
            assert [life.stdout.readline().strip() for _ in range(ENDED + 1)] == ["ended"] * ENDED + ["held"]
            assert len(processes_with(word)) >= HELD
            life.kill()
        pids.append(life.pid)
    left_by_the_last = of_the_dead(pids)
    with (
        own_folder(parent) as folder,
        mirror.worktree(tree, folder / "w") as worktree,
        Bubblewrap().open(worktree, ()) as sandbox,
    ):
        assert sandbox.run(Command(argv=("true",))).ok
        assert [place.name for place in folder.iterdir() if not place.name.startswith(".")] == ["w"]
        assert len([place for place in parent.iterdir() if place.is_dir()]) == 1
    deadline = time.monotonic() + 5
    while processes_with(word) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert left_by_the_last, "the killed left something, or this proves nothing"
    assert processes_with(word) == []
    assert mounted_below(tmp_path) == []
    assert of_the_dead(pids) == []
    assert [place.name for place in parent.iterdir()] == [".lock"]
