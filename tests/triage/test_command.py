"""The real command: what it prints, what it remembers, and what it leaves when it is cut off."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from miniatures import PYTEST

Git = Callable[..., str]
Look = Callable[[Path], dict[str, str]]
Swarm = Callable[..., Any]
QUICK = {"SWARM_SANDBOX": "none", "SWARM_TIME_BOX": "60"}
SLOW = "import time\nfrom shop import shipping\n\n\ndef test_slow():\n    time.sleep(60)\n    assert shipping(1)\n"
HEAVY = ("git", "docker", "pytest", "unidiff", "apsw", "textual", "rich", "tree_sitter", "jinja2", "concurrent.futures.thread")
WAITED_FOR = ("click", "dataclasses", "inspect", "tempfile", "sandboxes.git", "swarm.errors", "swarm.settings.values")
"""What takes longer to load than an answer takes to be found."""
LATER = (
    *("git", "docker", "tree_sitter", "unidiff", "packaging", "configparser", "ctypes", "socket", "difflib", "zipfile"),
    *("swarm.evidence.runners.cargo", "swarm.evidence.runners.go", "swarm.evidence.runners.jest", "swarm.evidence.runners.junit"),
    *("importlib.resources", "sandboxes.probe", "sandboxes.mounts", "sandboxes.docker.backend", "swarm.evidence.patch"),
)
"""What a triage needs once its first sandbox is being started, or not at all."""
FILES = {
    "pytest.ini": PYTEST,
    "shop.py": "LIMIT = 50\n\n\ndef shipping(total):\n    if total >= LIMIT:\n        return 0\n    return 5\n",
    "test_shop.py": "from shop import shipping\n\n\ndef test_threshold():\n    assert shipping(50) == 0\n",
}


@pytest.fixture
def shop(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    return make_repository(FILES)


def edit(top: Path, git: Git, old: str, new: str) -> None:
    text = (top / "shop.py").read_text()
    assert old in text
    (top / "shop.py").write_text(text.replace(old, new))
    git(top, "add", "shop.py")


def loaded_by_triage(top: Path) -> tuple[int, list[str], str]:
    program = (
        "import sys\nfrom swarm.cli.quick import main\nsys.argv = ['swarm', 'triage', '--time-box', '60']\n"
        "try:\n    main()\nfinally:\n    print('LOADED', *sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=top, capture_output=True, text=True, check=False, env={**os.environ, **QUICK}
    )
    return done.returncode, done.stderr.split("LOADED")[1].split(), done.stdout


def test_the_second_time_the_answer_is_known_and_nothing_heavy_is_loaded_to_give_it(
    shop: Path, git: Git, fingerprint: Look
) -> None:
    edit(shop, git, ">= LIMIT", "> LIMIT")
    before = fingerprint(shop)

    first = loaded_by_triage(shop)
    again = loaded_by_triage(shop)

    assert first[0] == again[0] == 4
    assert "shop.py:5 breaks test_shop.py::test_threshold" in first[2]
    assert "AssertionError: assert 5 == 0" in first[2]
    assert len(first[2].splitlines()) <= 10
    assert again[2] == first[2]
    assert "git" in first[1]
    assert [name for name in (*HEAVY, *WAITED_FOR) if name in again[1]] == []
    assert fingerprint(shop) == before
    edit(shop, git, "> LIMIT", "> LIMIT - 1")
    assert loaded_by_triage(shop)[0] == 0, "another index is another question"


def test_until_the_first_sandbox_is_started_nothing_is_loaded_that_can_wait(shop: Path, git: Git, swarm: Swarm) -> None:
    edit(shop, git, ">= LIMIT", "> LIMIT")
    assert swarm("triage", cwd=shop, env=QUICK).code == 4  # from now on the repository is known
    program = (
        "import sys\nfrom swarm.cli.quick import main\n"
        "def look(frame, event, _):\n"
        "    if event == 'call' and frame.f_code.co_name == 'early':\n"
        "        sys.setprofile(None)\n"
        "        print('LOADED', *sorted(sys.modules), file=sys.stderr)\n"
        "sys.argv = ['swarm', 'triage', '--time-box', '50']\nsys.setprofile(look)\nmain()\n"
    )
    asked = [sys.executable, "-c", program]
    done = subprocess.run(asked, cwd=shop, capture_output=True, text=True, check=False, env={**os.environ, **QUICK})

    assert done.returncode == 4, done.stderr
    loaded = done.stderr.split("LOADED")[1].split()
    assert "swarm.triage.warmth" in loaded
    assert [name for name in LATER if name in loaded] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_cut_off_in_the_middle_it_leaves_every_byte_as_it_was(
    shop: Path, git: Git, fingerprint: Look, home: Path, number: signal.Signals
) -> None:
    (shop / "test_shop.py").write_text(SLOW)
    git(shop, "add", "-A")
    edit(shop, git, ">= LIMIT", "> LIMIT")
    (shop / "shop.py").write_text("not staged\n")
    before = fingerprint(shop)
    command = [sys.executable, "-m", "swarm", "triage"]
    surroundings = {**os.environ, **QUICK}
    with subprocess.Popen(command, cwd=shop, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=surroundings) as process:
        deadline = time.monotonic() + 60
        while not list(home.glob("state/swarm/*/worktrees/*/*/shop.py")):
            assert process.poll() is None, "it ended too early"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.send_signal(number)
        code = process.wait()

    assert code == (130 if number is signal.SIGINT else -number)
    assert fingerprint(shop) == before


def test_nothing_staged_is_clean_and_the_first_commit_cannot_break_anything(
    shop: Path, git: Git, swarm: Swarm, tmp_path: Path
) -> None:
    said = swarm("triage", "--json", cwd=shop, env=QUICK)
    answer = json.loads(said.out)
    assert (said.code, answer["verdict"], answer["hunks"], answer["schema"]) == (0, "clean", 0, 1)
    new = tmp_path / "new"
    new.mkdir()
    git(new, "init", "-q")
    (new / "test_it.py").write_text("def test_it():\n    assert False\n")
    git(new, "add", "-A")
    assert swarm("triage", cwd=new, env=QUICK).code == 0


def test_a_range_of_commits_is_compared_whatever_is_staged(shop: Path, git: Git, swarm: Swarm) -> None:
    edit(shop, git, ">= LIMIT", "> LIMIT")
    git(shop, "commit", "-qm", "wrong")
    edit(shop, git, "> LIMIT", "# staged\n        total\n        >= LIMIT".replace("# staged\n        total\n        ", ""))

    said = swarm("triage", "--range", "HEAD~1..HEAD", "--output", "github", cwd=shop, env=QUICK)

    assert said.code == 4, said.err
    assert "::error file=shop.py,line=5,endLine=5,title=swarm triage%3A guilty::This change breaks" in said.out
    assert swarm("triage", "--range", "HEAD", cwd=shop, env=QUICK).code == 2


def test_what_ran_when_time_was_up_is_named(shop: Path, git: Git, swarm: Swarm) -> None:
    edit(shop, git, "    return 5", "    __import__('time').sleep(600)")
    (shop / "test_shop.py").write_text(FILES["test_shop.py"].replace("shipping(50)", "shipping(5)"))
    git(shop, "add", "-A")

    said = swarm("triage", "--time-box", "15", "--sandbox", "none", cwd=shop)

    assert said.code == 9
    assert "time was up while test_shop.py::test_threshold ran: --time-box SECONDS or --full" in said.out


def test_where_no_test_can_be_run_with_the_change_or_without_nothing_is_known(shop: Path, git: Git, swarm: Swarm) -> None:
    (shop / "conftest.py").write_text("raise RuntimeError('no session for you')\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "broken")
    edit(shop, git, ">= LIMIT", "> LIMIT")

    said = swarm("triage", cwd=shop, env=QUICK)

    assert said.code == 9, said.out
    assert "failed before as well: the whole test session" in said.out


def test_the_files_as_they_lie_there_can_be_looked_at(shop: Path, swarm: Swarm, fingerprint: Look) -> None:
    (shop / "shop.py").write_text(FILES["shop.py"].replace(">=", ">"))
    before = fingerprint(shop)

    said = swarm("triage", "--worktree", "--json", cwd=shop, env=QUICK)

    (blame,) = json.loads(said.out)["guilty"]
    assert said.code == 4
    assert (blame["tests"], blame["sets"][0][0]["path"]) == (["test_shop.py::test_threshold"], "shop.py")
    assert fingerprint(shop) == before


def test_the_commit_that_first_broke_a_test_is_found_though_the_test_is_younger(shop: Path, git: Git, swarm: Swarm) -> None:
    for number in range(6):
        text = (shop / "shop.py").read_text()
        text = text.replace(">= LIMIT", "> LIMIT") if number == 3 else text
        (shop / "shop.py").write_text(f"{text}# {number}\n")
        git(shop, "commit", "-qam", f"change {number}")
    guilty = git(shop, "rev-parse", "HEAD~2")
    (shop / "test_more.py").write_text("from shop import shipping\n\n\ndef test_more():\n    assert shipping(50) == 0\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "a test")

    said = swarm("triage", "--bisect", "test_more.py::test_more", "--json", cwd=shop, env=QUICK)

    answer = json.loads(said.out)
    assert said.code == 4, said.err
    assert (answer["commit"], answer["subject"], answer["skipped"]) == (guilty, "change 3", [])
    assert answer["tried"] <= 7


def test_examples_in_docstrings_are_tests_as_well(
    make_repository: Callable[[Mapping[str, str]], Path], git: Git, swarm: Swarm
) -> None:
    example = 'def shipping(total):\n    """\n    >>> shipping(50)\n    0\n    """\n    return 0 if total >= 50 else 5\n'
    top = make_repository({"pytest.ini": PYTEST.replace("addopts =", "addopts = --doctest-modules"), "shop.py": example})
    edit(top, git, ">= 50", "> 50")

    said = swarm("triage", cwd=top, env=QUICK)

    assert said.code == 4, said.err
    assert "shop.py:6 breaks shop.py::shop.shipping" in said.out
    assert "`shipping(50)` should show '0', but shows '5'" in said.out


def test_the_image_and_the_lines_of_set_up_that_fixes_have_are_what_a_triage_has(shop: Path, git: Git, swarm: Swarm) -> None:
    edit(shop, git, ">= LIMIT", "> LIMIT")

    elsewhere = swarm("triage", cwd=shop, env={"SWARM_SANDBOX": "bubblewrap", "SWARM_IMAGE": "no-such/image:7"})
    failing = swarm("triage", cwd=shop, env={**QUICK, "SWARM_SETUP": "echo nothing will do; exit 3"})

    assert (elsewhere.code, failing.code) == (7, 7)
    assert "the image no-such/image:7 needs a container engine" in elsewhere.err
    assert "nothing will do" in failing.err
