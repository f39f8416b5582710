"""Settings that are proven before they are written, with the real command."""

import json
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from miniatures import PYTEST

from sandboxes.repository import Repository
from swarm.introducing import foretold
from swarm.settings.values import Settings, keys
from swarm.settings.writing import NotWritten, proposal, write

Swarm = Callable[..., Any]
Make = Callable[[Mapping[str, str]], Path]
SHOP = {
    "pytest.ini": PYTEST,
    "shop.py": "def shipping(total):\n    return 0 if total > 50 else 5\n",
    "test_shop.py": (
        "from shop import shipping\n\n\ndef test_small():\n    assert shipping(1) == 5\n\n\n"
        "def test_threshold():\n    assert shipping(50) == 0\n"
    ),
}
QUICK = {"SWARM_SANDBOX": "none"}
SHARED = "# ours\r\n[project]\r\nname = 'shop' # é\r\n[tool.black]\r\nline-length=7"


def test_what_is_proven_is_written_and_holds_from_then_on(make_repository: Make, swarm: Swarm) -> None:
    top = make_repository({**SHOP, "pyproject.toml": SHARED.replace("\r\n", "\n").replace("name", "version = '1'\nname")})
    (top / "pyproject.toml").write_bytes(before := SHARED.encode())
    (top / "pyproject.toml").chmod(0o640)

    told = swarm("init", "--yes", "--json", "--env", "inherit", cwd=top, env={**QUICK, "SWARM_ENV": "auto"})
    assert told.code == 7, told.err
    assert (top / "pyproject.toml").read_bytes() == before

    told = swarm("init", "--yes", "--json", cwd=top, env=QUICK)
    assert told.code == 0, told.err
    value = json.loads(told.out)
    after = (top / "pyproject.toml").read_bytes()
    assert value["written"]
    assert value["proof"] == {"passing": 1, "failing": ["test_shop.py::test_threshold"], "varying": []}
    assert after.startswith(before + b"\r\n\r\n[tool.swarm]\r\n")
    assert after.count(b"\n") == after.count(b"\r\n")
    assert tomllib.loads(after.decode())["tool"]["swarm"] == {"test": "pytest", "env": "auto"}
    assert (top / "pyproject.toml").stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in top.iterdir()) == sorted([".git", "pyproject.toml", *SHOP])

    again = swarm("init", "--yes", cwd=top, env=QUICK)
    assert (again.code, (top / "pyproject.toml").read_bytes()) == (0, after)
    assert "is left as it is" in again.out
    verified = swarm("fix", "x", "--dry-run", cwd=top, env=QUICK)
    assert verified.code == 0, verified.err


def test_nothing_is_written_where_no_test_passes(make_repository: Make, swarm: Swarm) -> None:
    top = make_repository({**SHOP, "test_shop.py": "def test_it():\n    import nowhere_to_be_found\n"})

    told = swarm("init", "--yes", cwd=top, env=QUICK)
    without = swarm("init", "--yes", cwd=make_without_tests(top), env=QUICK)

    assert (told.code, without.code) == (9, 9)
    assert "no test passes on base" in told.err
    assert "nowhere_to_be_found" in told.err
    assert not (top / ".swarm.toml").exists()


def make_without_tests(top: Path) -> Path:
    """The same repository after its tests have gone."""
    import subprocess  # noqa: PLC0415 - only here

    who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"]
    subprocess.run(["git", "rm", "-q", "test_shop.py", "pytest.ini"], cwd=top, check=True)
    subprocess.run(["git", *who, "commit", "-qm", "no tests"], cwd=top, check=True)
    return top


def test_where_nobody_agrees_only_the_proposal_is_printed(make_repository: Make, swarm: Swarm) -> None:
    top = make_repository(SHOP)

    dry = swarm("init", "--dry-run", cwd=top, env={"SWARM_SANDBOX": "none"})
    unasked = swarm("init", "--test-cmd", "pytest -q test_shop.py", cwd=top, env=QUICK)

    assert (dry.code, unasked.code) == (0, 0)
    assert tomllib.loads(dry.out) == {"test": "pytest", "env": "auto"}
    assert tomllib.loads(unasked.out)["test"] == "pytest -q test_shop.py"
    assert "no test was run" in dry.err
    assert "on base 1 tests pass, 1 fail" in unasked.err
    assert sorted(path.name for path in top.iterdir()) == sorted([".git", *SHOP])


def test_every_setting_that_is_written_has_its_meaning_before_it(make_repository: Make) -> None:
    top = make_repository(SHOP)

    found = foretold(Repository.at(top), Settings())
    write(found.proposal)

    lines = (top / ".swarm.toml").read_text().splitlines()
    known = {key.name for key in keys()}
    assert {line.split(" = ")[0].removeprefix("# ") for line in lines if " = " in line} <= known | {"# Add"}
    assert all(not line or line.startswith("#") or lines[number - 1].startswith("# ") for number, line in enumerate(lines))


@pytest.mark.parametrize("text", ["tool = {black = {x = 1}}\n", "[tool]\nswarm.agents = 3\n", "a = \n"])
def test_a_file_to_which_no_table_can_be_added_is_left_alone(text: str, tmp_path: Path) -> None:
    place = tmp_path / "pyproject.toml"
    place.write_text(text)

    with pytest.raises(NotWritten):
        write(proposal(tmp_path, {"test": "pytest"}, {}, ()))

    assert place.read_text() == text
    assert [path.name for path in tmp_path.iterdir()] == ["pyproject.toml"]


def test_a_file_that_changed_meanwhile_or_is_a_link_is_left_alone(tmp_path: Path) -> None:
    place = tmp_path / "pyproject.toml"
    place.write_text("[project]\n")
    proposed = proposal(tmp_path, {"test": "pytest"}, {}, ())
    place.write_text("[other]\n")
    with pytest.raises(NotWritten, match="changed it meanwhile"):
        write(proposed)
    place.rename(tmp_path / "elsewhere.toml")
    place.symlink_to("elsewhere.toml")
    with pytest.raises(NotWritten, match="link"):
        write(proposal(tmp_path, {"test": "pytest"}, {}, ()))

    assert (tmp_path / "elsewhere.toml").read_text() == "[other]\n"


def test_what_a_makefile_says_cannot_leave_its_comment(tmp_path: Path) -> None:
    proposed = proposal(tmp_path, {"env": "auto"}, {"env": 'evil\nsandbox = "none"\x00\u2028model = "x"'}, ())

    assert tomllib.loads(proposed.text) == {"env": "auto"}
