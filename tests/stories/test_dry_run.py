"""`--dry-run`: what a run would be, told without a trace of one."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from swarm.agents.prices import Prices
from swarm.foreseeing import _dearest

Swarm = Callable[..., Any]
KEYED = {"OPENAI_API_KEY": "sk-nobody", "SWARM_SANDBOX": "none"}


def everything_below(*folders: Path) -> list[str]:
    return sorted(str(path) for folder in folders for path in folder.rglob("*") if "__pycache__" not in path.parts)


def test_a_dry_run_tells_everything_and_leaves_no_trace(shop: Path, home: Path, swarm: Swarm, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    before = everything_below(shop, home, scratch)

    told = swarm(
        "fix", "../ISSUE.md", "--dry-run", "--json", "-n", "3", "-m", "openai/gpt-4o", "--max-cost", "2", cwd=shop,
        env={**KEYED, "TMPDIR": str(scratch)},
    )  # fmt: skip

    assert told.code == 0, told.err
    assert everything_below(shop, home, scratch) == before
    value = json.loads(told.out)
    assert value["schema"] == 1
    assert value["issue"] == {"title": "Orders of exactly 50 pay shipping", "source": "ISSUE.md"}
    assert value["tests"]["command"] == "pytest"
    assert value["sandbox"] == "none"
    assert value["at_most"] == {"dollars": 2.0, "tokens": None, "seconds": 1800.0}
    assert [one["name"] for one in value["models"]] == ["openai/gpt-4o"]
    assert value["tasks"][0]["goal"] == "Find out which lines can be the cause of what fails on base"
    assert value["tasks"][-1]["kind"] == "plan"


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--base", "no-such-commit"), 2),
        (("--env", "inherit"), 7),
    ],
)
def test_what_would_stop_a_run_stops_its_dry_run_with_the_same_code(
    flags: tuple[str, ...], code: int, shop: Path, swarm: Swarm
) -> None:
    assert swarm("fix", "../ISSUE.md", "--dry-run", *flags, cwd=shop, env=KEYED).code == code


def test_commands_that_nobody_trusts_stop_a_dry_run_as_well(shop: Path, swarm: Swarm) -> None:
    (shop / ".swarm.toml").write_text('test = "pytest"\n')

    told = swarm("fix", "../ISSUE.md", "--dry-run", cwd=shop, env=KEYED)

    assert (told.code, told.out) == (3, "")
    assert "swarm config trust" in told.err


def test_the_tasks_that_are_foretold_are_those_that_a_run_begins_with(shop: Path, swarm: Swarm) -> None:
    foretold = json.loads(swarm("fix", "../ISSUE.md", "--dry-run", "--json", cwd=shop, env=KEYED).out)
    ran = json.loads(swarm("fix", "../ISSUE.md", "--json", "--quiet", "--timeout", "1", cwd=shop, env=KEYED).out)

    assert [task["kind"] for task in foretold["tasks"]] == [task["kind"] for task in ran["tasks"]]
    assert [task["goal"] for task in foretold["tasks"]][1:] == [task["goal"] for task in ran["tasks"]][1:]
    assert foretold["base"] == ran["base"]


def test_the_demo_can_be_foretold_and_lays_nothing_out(swarm: Swarm, tmp_path: Path) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    told = swarm("demo", str(tmp_path / "here"), "--dry-run", cwd=tmp_path, env={**KEYED, "TMPDIR": str(scratch)})
    streamed = swarm("demo", "--dry-run", "--output", "stream-json", cwd=tmp_path, env={**KEYED, "TMPDIR": str(scratch)})

    assert told.code == 0, told.err
    assert "nothing: no model is asked" in told.out
    assert json.loads(streamed.out)["at_most"]["dollars"] == 0
    assert list(scratch.iterdir()) == []
    assert not (tmp_path / "here").exists()


def test_the_dearest_token_may_be_one_of_a_long_prompt_or_one_that_is_kept() -> None:
    dear = Prices(prompt=4.0, completion=9.0, cached=1.0, written=5.0)

    assert _dearest(Prices(prompt=2.0, completion=3.0, cached=1.0, written=7.0)) == 7.0
    assert _dearest(Prices(prompt=2.0, completion=3.0, cached=1.0, written=2.5, dear=dear)) == 9.0
