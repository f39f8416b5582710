"""A process that waits to be the next triage: it is asked by the real command, and gone when nobody wants it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from miniatures import PYTEST

from sandboxes.repository import Repository
from swarm.settings.values import Settings
from swarm.spares import dismiss
from swarm.triage.ready import Ready

Git = Callable[..., str]
Swarm = Callable[..., Any]
Look = Callable[[Path], dict[str, str]]
FILES = {
    "pytest.ini": PYTEST,
    "shop.py": "LIMIT = 50\n\n\ndef shipping(total):\n    if total >= LIMIT:\n        return 0\n    return 5\n",
    "test_shop.py": "from shop import shipping\n\n\ndef test_threshold():\n    assert shipping(50) == 0\n",
}
SLOW = "import time\n\nfrom shop import shipping\n\n\ndef test_slow():\n    time.sleep(60)\n    assert shipping(50) == 0\n"
PLACES = {"SWARM_SANDBOX": "none", "SWARM_TIME_BOX": "60"}
PATIENCE = 30.0
LISTENING = (
    "import sys\nfrom swarm.cli.quick import main\nsys.argv = ['swarm', 'triage', '--hook']\n"
    "try:\n    main()\nfinally:\n    print('BY HAND' if 'swarm.cli.door' in sys.modules else 'HANDED OVER', file=sys.stderr)\n"
)


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that somebody works in."""
    folder = tmp_path_factory.mktemp("active") / "venv"
    uv = (sys.executable, "-m", "uv")
    subprocess.run([*uv, "venv", "-q", "--python", sys.executable, folder], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "--compile-bytecode", "--python", folder / "bin/python", "pytest"], check=True)
    return folder


@pytest.fixture
def shop(
    make_repository: Callable[[Mapping[str, str]], Path],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    venv: Path,
) -> Iterator[Path]:
    for name, value in {**PLACES, "VIRTUAL_ENV": str(venv)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CI", raising=False)
    yield make_repository(FILES)
    for remembered in home.glob("state/swarm/*/triage/spares"):
        dismiss(remembered)
    assert until(lambda: not spares(home)), "a spare outlived its test"


def until(true: Callable[[], object]) -> object:
    deadline = time.monotonic() + PATIENCE
    while not (found := true()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def doors(home: Path) -> list[Path]:
    return list(home.glob("state/swarm/*/triage/spares/*.door"))


def spares(home: Path) -> list[int]:
    """The processes that wait, or have been called, in this home."""
    found = []
    for entry in Path("/proc").iterdir() if Path("/proc").exists() else ():
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
        except OSError:
            continue
        if b"swarm.cli.spare" in words and any(word.startswith(os.fsencode(home)) for word in words):
            found.append(int(entry.name))
    return found


def edit(top: Path, git: Git, old: str, new: str) -> None:
    text = (top / "shop.py").read_text()
    assert old in text
    (top / "shop.py").write_text(text.replace(old, new))
    git(top, "add", "shop.py")


def looked(top: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """A triage as a hook has it, and at the end of its standard error whether it did the work itself."""
    return subprocess.run(
        [sys.executable, "-c", LISTENING], cwd=top, capture_output=True, text=True, check=False, env={**os.environ, **env}
    )


def waited_for(top: Path, home: Path, git: Git) -> Path:
    """The door of the spare that a first triage, of an innocent change, has left."""
    edit(top, git, "total >= LIMIT", "not total < LIMIT")
    first = looked(top)
    assert (first.returncode, first.stdout, first.stderr.splitlines()) == (0, "", ["BY HAND"])
    assert until(lambda: doors(home))
    return doors(home)[0]


def test_the_next_triage_is_handed_over_and_is_what_it_would_have_been(
    shop: Path, home: Path, git: Git, swarm: Swarm, fingerprint: Look, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWARM_SANDBOX", "bubblewrap")
    waited_for(shop, home, git)
    edit(shop, git, "not total < LIMIT", "total > LIMIT")
    before = fingerprint(shop)

    handed = looked(shop)

    alone = looked(shop, SWARM_SPARE="0")
    assert (handed.returncode, handed.stderr) == (4, "HANDED OVER\n")
    assert "shop.py:5 breaks test_shop.py::test_threshold" in handed.stdout
    assert (alone.returncode, alone.stderr) == (4, "BY HAND\n")
    assert handed.stdout.splitlines()[1:] == alone.stdout.splitlines()[1:]  # the first line tells the time that it took
    assert fingerprint(shop) == before
    assert until(lambda: doors(home)), "it has left another one"
    cleared = swarm("gc", cwd=shop)
    assert (cleared.code, spares(home), doors(home)) == (0, [], [])
    assert "live run" not in cleared.out


def test_whoever_asks_under_other_circumstances_does_it_himself(shop: Path, home: Path, git: Git, venv: Path) -> None:
    waited_for(shop, home, git)
    edit(shop, git, "not total < LIMIT", "total > LIMIT")

    spoken = looked(shop, LC_ALL="C")
    (site,) = venv.glob("lib/python3*/site-packages")
    (site / "new.py").write_text("")
    installed = looked(shop)

    assert (spoken.returncode, spoken.stderr) == (4, "BY HAND\n")
    assert (installed.returncode, installed.stderr) == (4, "BY HAND\n")
    assert until(lambda: len(spares(home)) == 1), "there is one at a time"


def test_who_finds_his_spare_dead_or_loses_it_does_it_himself(shop: Path, home: Path, git: Git) -> None:
    door = waited_for(shop, home, git)
    os.kill(spares(home)[0], signal.SIGKILL)
    edit(shop, git, "not total < LIMIT", "total > LIMIT")
    alone = looked(shop)
    assert (alone.returncode, alone.stderr) == (4, "BY HAND\n")
    assert until(lambda: door.exists() and len(spares(home)) == 1), "another one has taken its place"
    (shop / "test_shop.py").write_text(SLOW.replace("time.sleep(60)", "time.sleep(0.2)"))
    git(shop, "add", "-A")
    (waiting,) = spares(home)

    with subprocess.Popen(
        [sys.executable, "-c", LISTENING], cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert until(lambda: not doors(home)), "it has been called"
        os.kill(waiting, signal.SIGKILL)
        out, err = process.communicate()

    assert (process.returncode, err) == (4, "BY HAND\n")
    assert "breaks test_shop.py::test_slow" in out


def test_none_is_left_where_none_is_wanted(shop: Path, home: Path, git: Git, swarm: Swarm) -> None:
    edit(shop, git, "total >= LIMIT", "not total < LIMIT")

    ends = [swarm("triage", cwd=shop).code, *(looked(shop, **env).returncode for env in ({"CI": "true"}, {"SWARM_SPARE": "0"}))]

    assert (ends, spares(home)) == ([0, 0, 0], []), "nor by whoever speaks into a pipe"


def test_a_commit_is_refused_by_a_spare_too(shop: Path, home: Path, git: Git, swarm: Swarm) -> None:
    assert swarm("init", "--hook", cwd=shop).code == 0
    edit(shop, git, "total >= LIMIT", "not total < LIMIT")
    git(shop, "commit", "-qm", "innocent")
    assert until(lambda: doors(home))
    (waiting,) = spares(home)
    edit(shop, git, "not total < LIMIT", "total > LIMIT")

    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    refused = subprocess.run(["git", *who, "commit", "-qm", "guilty"], cwd=shop, capture_output=True, text=True, check=False)

    assert refused.returncode != 0
    assert "shop.py:5 breaks test_shop.py::test_threshold" in refused.stdout + refused.stderr
    assert until(lambda: waiting not in spares(home)), "it has served, and serves once"


def test_of_two_who_ask_at_once_one_does_it_himself(shop: Path, home: Path, git: Git) -> None:
    waited_for(shop, home, git)
    edit(shop, git, "not total < LIMIT", "total > LIMIT")
    command = [sys.executable, "-c", LISTENING]

    both = [subprocess.Popen(command, cwd=shop, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]

    said = [one.communicate() for one in both]
    assert [one.returncode for one in both] == [4, 4]
    assert all("shop.py:5 breaks test_shop.py::test_threshold" in out for out, _ in said)
    assert "HANDED OVER\n" in {err for _, err in said}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_who_is_cut_off_has_his_spare_cut_off(
    shop: Path, home: Path, git: Git, fingerprint: Look, number: signal.Signals, code: int
) -> None:
    waited_for(shop, home, git)
    (shop / "test_shop.py").write_text(SLOW)
    git(shop, "add", "-A")
    before = fingerprint(shop)
    (waiting,) = spares(home)

    with subprocess.Popen([sys.executable, "-m", "swarm", "triage", "--hook"], cwd=shop, stderr=subprocess.DEVNULL) as process:
        assert until(lambda: not doors(home)), "it has been called"
        time.sleep(1)
        process.send_signal(number)
        assert process.wait() == code

    assert until(lambda: waiting not in spares(home))
    assert until(lambda: not list(home.glob("state/swarm/*/worktrees/*/*")))
    assert fingerprint(shop) == before


def test_nobody_waits_for_ever(shop: Path, home: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWARM_SPARE", "0.03")
    waited_for(shop, home, git)

    assert until(lambda: not spares(home))

    assert doors(home) == []
    assert [place for place in home.glob("state/swarm/*/worktrees/*") if place.is_dir()] == []


def test_a_site_is_for_one_repository_and_one_way_of_testing(shop: Path, tmp_path: Path) -> None:
    here, there = Repository.at(shop), Repository.at(shop)
    settings = Settings(sandbox="none")
    with Ready.opened(here, settings) as ready:
        assert ready.fits(there, Settings(sandbox="none", time_box=5.0))
        assert not ready.fits(there, Settings(sandbox="none", test="pytest -x"))
        (tmp_path / "other").mkdir()
        subprocess.run(["git", "init", "-q", tmp_path / "other"], check=True)
        assert not ready.fits(Repository.at(tmp_path / "other"), settings)


def test_what_goes_wrong_after_the_answer_is_kept(shop: Path, home: Path, git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    logs = home / "logs"
    logs.mkdir()
    monkeypatch.setenv("TMPDIR", str(logs))
    waited_for(shop, home, git)
    (kept,) = home.glob("state/swarm/*/triage/reach-*.lock")
    kept.unlink()
    kept.mkdir()  # what it has learned cannot be written any more
    edit(shop, git, "not total < LIMIT", "total > LIMIT")

    handed = looked(shop)

    assert (handed.returncode, handed.stderr) == (4, "HANDED OVER\n")
    assert until(lambda: [log for log in logs.glob("swarm-error-*.log") if "IsADirectoryError" in log.read_text()])


def test_where_nobody_can_be_left_to_wait_the_verdict_is_what_it_is(shop: Path, home: Path, git: Git) -> None:
    edit(shop, git, "total >= LIMIT", "total > LIMIT")
    first = looked(shop, SWARM_SPARE="0")
    (remembered,) = home.glob("state/swarm/*/triage")
    (remembered / "spares").write_text("in the way")

    assert (first.returncode, looked(shop).returncode, spares(home)) == (4, 4, [])
