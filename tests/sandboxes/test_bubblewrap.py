"""What a bubblewrap sandbox leaves behind, and how it fails."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import MEBIBYTE, Command, Ending
from sandboxes.leftovers import label
from sandboxes.limits import Limits
from sandboxes.mirror import Mirror
from sandboxes.profile import distinct
from sandboxes.removal import remove
from sandboxes.sandbox import SandboxTrouble

SWARM = """
import sys
from pathlib import Path
from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
with Bubblewrap().open(Path(sys.argv[1]), ()) as sandbox:
    print("open", flush=True)
    sandbox.run(Command(argv=("sh", "-c", "(setsid sh -c 'trap \\"\\" TERM; sleep %s; sleep %s' &) ; sleep %s")))
"""


def run(worktree: Path, *argv: str, toolchain: tuple[Path, ...] = (), limits: Limits | None = None, timeout: float = 30):
    with Bubblewrap(limits=limits or Limits()).open(worktree, toolchain) as sandbox:
        return sandbox.run(Command(argv=argv, timeout=timeout))


def test_killing_swarm_itself_ends_all_that_ran_inside(worktree: Path, processes_with):
    seconds = f"{600 + os.getpid()}.4711"
    with tempfile.TemporaryDirectory() as elsewhere:  # its scratch folder cannot be removed by the killed
        swarm = subprocess.Popen(
            [sys.executable, "-c", SWARM % (seconds, seconds, seconds), str(worktree)],
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent.parent), "TMPDIR": elsewhere},
            start_new_session=True,
        )
        with swarm:
            assert swarm.stdout is not None
            assert swarm.stdout.readline() == b"open\n"
            deadline = time.monotonic() + 10
            while len(processes_with(f"sleep\0{seconds}")) < 2 and time.monotonic() < deadline:
                time.sleep(0.02)
            assert len(processes_with(f"sleep\0{seconds}")) == 2
            os.kill(swarm.pid, signal.SIGKILL)
    deadline = time.monotonic() + 1
    while processes_with(seconds) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert processes_with(seconds) == []


def test_what_a_killed_swarm_left_is_cleared_by_the_next(worktree: Path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    mine, foreign = (Path(tempfile.gettempdir()) / f"{label(owner)}0123" for owner in (dead.pid, os.getppid()))
    for folder in (mine, foreign):
        (folder / "mounts" / "0").mkdir(parents=True)
    try:
        assert run(worktree, "true").ok
        assert (mine.exists(), foreign.exists()) == (False, True)
    finally:
        remove(foreign)


def test_after_every_kind_of_end_no_process_mount_group_or_folder_is_left(worktree: Path, processes_with):
    def left() -> tuple[object, ...]:
        mounts = [line for line in Path("/proc/self/mountinfo").read_text().splitlines() if label() in line]
        groups = sorted(
            str(place) for kind in ("memory", "pids") for place in Path("/sys/fs/cgroup", kind).glob(f"**/{label()}*")
        )
        return mounts, groups, sorted(Path(tempfile.gettempdir()).glob(f"{label()}*")), sorted(Path("/proc/self/fd").iterdir())

    before = left()
    scripts = {
        "true": Ending.EXITED,
        "exit 3": Ending.EXITED,
        "kill -9 $$": Ending.KILLED,
        "yes": Ending.FLOODED,
        "sleep 99": Ending.TIMED_OUT,
    }
    for _ in range(4):
        for script, ending in scripts.items():
            with Bubblewrap().open(worktree, ()) as sandbox:
                ran = sandbox.run(Command(argv=("sh", "-c", f"(setsid sleep 98 &); {script}"), timeout=0.3, flood=MEBIBYTE))
            assert ran.ending is ending
    with contextlib.suppress(KeyError), Bubblewrap().open(worktree, ()):
        raise KeyError
    assert left() == before
    assert processes_with("sleep\x0098") == []


def test_two_worktrees_are_strangers_to_each_other(tmp_path: Path):
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "file").write_text(folder.name)
    with Bubblewrap().open(one, ()) as first, Bubblewrap().open(two, ()) as second:
        first.run(Command(argv=("sh", "-c", "echo x > /tmp/planted; echo x > $HOME/planted; echo x > planted")))
        ran = second.run(Command(argv=("sh", "-c", "cat file; ls -A /tmp $HOME . | grep planted")))
    assert ran.stdout.text() == "two"
    assert not (two / "planted").exists()


def test_each_command_finds_fresh_scratch_and_the_same_files(worktree: Path):
    with Bubblewrap().open(worktree, ()) as sandbox:
        sandbox.run(Command(argv=("sh", "-c", "echo x > /tmp/gone; echo x > kept")))
        assert sandbox.run(Command(argv=("sh", "-c", "ls /tmp .; ls /tmp"))).stdout.text().split() == [".:", "kept", "/tmp:"]


def test_a_toolchain_is_seen_at_its_own_path_and_cannot_be_written(worktree: Path, tmp_path: Path):
    tools = tmp_path / "deep" / "tools"
    tools.mkdir(parents=True)
    (tools / "hammer").write_text("#!/bin/sh\necho bang\n")
    (tools / "hammer").chmod(0o777)
    ran = run(worktree, "sh", "-c", f"{tools}/hammer; echo x >> {tools}/hammer; ls {tmp_path}", toolchain=(tools,))
    assert ran.stdout.text() == "bang\ndeep\n"
    assert "Read-only file system" in ran.stderr.text()


def test_a_toolchain_that_is_not_there_is_trouble_before_anything_runs(worktree: Path):
    with pytest.raises(SandboxTrouble, match="no folder /no/such/place"):
        run(worktree, "true", toolchain=(Path("/no/such/place"),))


def test_a_worktree_that_is_not_there_is_trouble_before_anything_runs(tmp_path: Path):
    with pytest.raises(SandboxTrouble, match="there is no folder"):
        run(tmp_path / "nowhere", "true")


def test_folders_that_are_shown_anyway_or_inside_another_are_mounted_once():
    given = [Path("/usr/lib/python3"), Path("/opt/x/y"), Path("/opt/x"), Path("/opt/x"), Path("/opt/xy")]
    assert distinct(given) == (Path("/opt/x"), Path("/opt/xy"))


def test_files_of_a_worktree_can_be_changed_inside_and_are_read_back_outside(mirror: Mirror, checkout, tmp_path: Path):
    checkout.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    tree = mirror.take(checkout.repository, checkout.commit())
    script = "echo more >> README; rm shop/cart.py; mkdir -m 700 new; umask 077; echo secret > new/file; mv run.sh new/"
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        ran = run(worktree, "sh", "-ec", script)
        assert ran.ok, ran.stderr.text()
        after = mirror.bring_in(worktree, tree)
    assert mirror.paths(after) == ("README", "new/file", "new/run.sh")
    assert mirror.read(after, "README") == b"a shop\nmore\n"
    assert not (tmp_path / "w").exists()


def test_a_folder_of_files_that_nobody_may_read_is_removed_all_the_same(mirror: Mirror, checkout, tmp_path: Path):
    tree = mirror.take(checkout.repository, checkout.commit())
    deep = "import os\nfor i in range(1500):\n    os.mkdir('d'); os.chdir('d')\n"
    with mirror.worktree(tree, tmp_path / "w") as worktree:
        (worktree / "deep.py").write_text(deep)
        ran = run(
            worktree,
            "sh",
            "-ec",
            "/usr/bin/env python3 deep.py 2>/dev/null || true; mkdir -p a/b; chmod 000 a/b; chmod 500 a; chmod 500 .",
        )
        assert ran.ok, ran.stderr.text()
    assert not (tmp_path / "w").exists()


def test_a_program_of_another_machine_is_killed(worktree: Path, toolchain: tuple[Path, ...]):
    program = """
import ctypes, mmap, os
if os.uname().machine == "x86_64":
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(b"\\xb8\\x14\\x00\\x00\\x00\\xcd\\x80\\xc3")  # the 32-bit way to ask for one's own number
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    print(ctypes.CFUNCTYPE(ctypes.c_int)(address)(), flush=True)
else:
    os.kill(os.getpid(), 31)
"""
    ran = run(worktree, sys.executable, "-c", program, toolchain=toolchain)
    assert (ran.ending, ran.exit_code) == (Ending.KILLED, 128 + signal.SIGSYS)
    assert ran.stdout.text() == ""


def test_a_sandbox_that_cannot_be_made_is_trouble_and_no_result(worktree: Path):
    with Bubblewrap().open(worktree, ()) as sandbox, pytest.raises(SandboxTrouble, match="no-such-folder"):
        sandbox.run(Command(argv=("true",), folder="no-such-folder"))


def test_the_core_of_a_crash_is_nowhere_written(worktree: Path):
    run(worktree, "sh", "-c", "kill -SEGV $$")
    assert not list(worktree.iterdir())


def test_sandboxes_start_within_the_time_a_person_does_not_notice(worktree: Path):
    with Bubblewrap().open(worktree, ()) as sandbox:
        times = sorted(sandbox.run(Command(argv=("true",))).seconds for _ in range(20))
    assert times[10] < 0.2, times  # generous, for a busy machine; a benchmark measures the real figure
