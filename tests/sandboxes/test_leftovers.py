"""What a killed swarm left, and who takes it away."""

import os
import subprocess
import sys
from pathlib import Path

from sandboxes.leftovers import label, scratch

SWEEPER = "import sys; from pathlib import Path; from sandboxes.leftovers import scratch\nwith scratch(Path(sys.argv[1])): pass"


def dead_process() -> int:
    """The number of a process that is gone."""
    with subprocess.Popen(["true"]) as process:
        return process.pid


def test_of_several_that_sweep_at_once_none_stumbles_over_another(tmp_path: Path) -> None:
    for number in range(60):
        left = tmp_path / f"{label(dead_process())}{number}left"
        (left / "deep" / "deeper").mkdir(parents=True)
        (left / "deep" / "file").write_text("x")
    sweepers = [subprocess.Popen([sys.executable, "-c", SWEEPER, str(tmp_path)], stderr=subprocess.PIPE) for _ in range(6)]

    said = [process.communicate()[1] for process in sweepers]

    assert [process.returncode for process in sweepers] == [0] * 6, said
    assert list(tmp_path.iterdir()) == []


def test_what_is_of_the_living_stays(tmp_path: Path) -> None:
    own = tmp_path / f"{label(os.getpid())}mine"
    own.mkdir()

    with scratch(tmp_path):
        pass

    assert list(tmp_path.iterdir()) == [own]
