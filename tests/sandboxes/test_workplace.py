"""Folders of dead processes are taken away, those of the living never, whoever begins or ends meanwhile."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from sandboxes.presence import absent, present
from sandboxes.workplace import leftovers, own_folder, sweep

LIVES = """
import sys
from pathlib import Path
from sandboxes.workplace import own_folder
with own_folder(Path(sys.argv[1])) as folder:
    (folder / "file").write_text("")
    print(folder, flush=True)
    sys.stdin.readline()
"""
COMES_AND_GOES = """
import sys
from pathlib import Path
from sandboxes.workplace import own_folder
for _ in range(150):
    with own_folder(Path(sys.argv[1])) as folder:
        (folder / "file").write_text("mine")
        assert (folder / "file").read_text() == "mine"
"""


@pytest.fixture
def parent(tmp_path: Path) -> Path:
    folder = tmp_path / "worktrees"
    folder.mkdir()
    return folder


def living(parent: Path) -> tuple[subprocess.Popen[str], Path]:
    process = subprocess.Popen(
        [sys.executable, "-c", LIVES, str(parent)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    return process, Path(process.stdout.readline().strip())


def test_a_folder_is_gone_with_the_end_of_its_use(parent: Path) -> None:
    with own_folder(parent) as folder:
        assert folder.is_dir()
        assert leftovers(parent) == ()

    assert [place.name for place in parent.iterdir()] == [".lock"]


def test_the_folder_of_a_killed_process_is_a_leftover_and_that_of_a_living_one_is_not(parent: Path) -> None:
    dead, left = living(parent)
    alive, own = living(parent)
    dead.kill()
    dead.communicate()

    found = leftovers(parent)
    sweep(parent)

    assert found == (left,)
    assert not left.exists()
    assert (own / "file").exists()
    alive.communicate("\n")
    assert alive.returncode == 0
    assert [place.name for place in parent.iterdir()] == [".lock"]


def test_no_living_process_loses_its_folder_while_others_begin_end_and_sweep(parent: Path) -> None:
    words = [sys.executable, "-c", COMES_AND_GOES, str(parent)]
    processes = [subprocess.Popen(words, stderr=subprocess.PIPE, text=True) for _ in range(3)]

    while any(process.poll() is None for process in processes):
        sweep(parent)

    assert [process.communicate()[1] for process in processes] == ["", "", ""]
    assert [place.name for place in parent.iterdir()] == [".lock"]


def test_a_removal_that_was_cut_off_is_finished_by_the_next(parent: Path) -> None:
    (parent / ".removing-x" / "1").mkdir(parents=True)
    (parent / ".removing-x" / "1" / "link").symlink_to("/usr")

    sweep(parent)

    assert [place.name for place in parent.iterdir()] == [".lock"]


def test_nobody_is_there_only_when_everybody_has_left(tmp_path: Path) -> None:
    mark = tmp_path / "live"
    with present(mark), present(mark), absent(mark) as nobody:
        assert not nobody
    with absent(mark) as nobody:
        assert nobody


def test_who_comes_while_nobody_is_to_be_there_waits(tmp_path: Path) -> None:
    mark, came = tmp_path / "live", threading.Event()

    def come() -> None:
        with present(mark):
            came.set()

    newcomer = threading.Thread(target=come)
    with absent(mark) as nobody:
        newcomer.start()
        assert nobody
        assert not came.wait(0.2)
    newcomer.join()

    assert came.is_set()


def test_a_mark_is_not_inherited_by_what_a_process_starts(tmp_path: Path) -> None:
    with present(tmp_path / "live"):
        child = subprocess.Popen(["sleep", "60"], close_fds=False)
    try:
        with absent(tmp_path / "live") as nobody:
            assert nobody
    finally:
        child.kill()
        child.wait()
