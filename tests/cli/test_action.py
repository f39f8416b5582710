"""The GitHub action: its scripts run for real, as the runner runs them, and nothing that anybody wrote becomes a command."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

TOP = Path(__file__).parents[2]
ACTION = yaml.safe_load((TOP / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
EVIL = "x\"; touch owned; $(touch owned) `touch owned` ' --merge\n::error::owned\n${{ github.token }}"
FILES = {
    "pytest.ini": "[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
    "shop.py": "def shipping(total):\n    return 5\n",
    "test_shop.py": "from shop import shipping\n\n\ndef test_small():\n    assert shipping(1) == 5\n",
}
RECORDER = """#!{python}
import json, os, sys
with open({place!r}, "a") as file:
    file.write(json.dumps([os.path.basename(sys.argv[0]), *sys.argv[1:]]) + "\\n")
if "--json" in sys.argv:
    print(json.dumps({told}))
sys.exit({code})
"""


class Runner:
    """What a step of a workflow finds: the runner's folders and files, and a home of its own."""

    def __init__(self, folder: Path, checkout: Path) -> None:
        self.temp, self.checkout = folder / "temp", checkout
        self.bin = self.temp / "swarm" / "bin"
        self.bin.mkdir(parents=True)
        self.output, self.summary = folder / "output", folder / "summary"
        self.calls = folder / "calls"
        (self.bin / "python").symlink_to(sys.executable)

    def install(self, name: str, told: Mapping[str, Any], code: int = 0) -> None:
        """A program that notes how it is called."""
        program = self.bin / name
        program.write_text(RECORDER.format(python=sys.executable, place=str(self.calls), told=dict(told), code=code))
        program.chmod(0o755)

    def run(self, step: str, **env: str) -> subprocess.CompletedProcess[str]:
        """Run a step as the runner would; what it is given stands in the environment only."""
        given = dict.fromkeys(STEPS[step].get("env", {}), "") | env
        surroundings = {
            **os.environ, "PATH": f"{self.bin}:{os.environ['PATH']}", "RUNNER_TEMP": str(self.temp),
            "GITHUB_OUTPUT": str(self.output), "GITHUB_STEP_SUMMARY": str(self.summary), "GITHUB_ACTION_PATH": str(TOP),
        }  # fmt: skip
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[step]["run"]],
            cwd=self.checkout, env={**surroundings, **given}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    @property
    def called(self) -> list[list[str]]:
        return [json.loads(line) for line in self.calls.read_text().splitlines()] if self.calls.exists() else []

    @property
    def outputs(self) -> dict[str, str]:
        return dict(line.split("=", 1) for line in self.output.read_text().splitlines())


@pytest.fixture
def runner(tmp_path: Path, make_repository: Callable[[Mapping[str, str]], Path]) -> Runner:
    return Runner(tmp_path / "runner", make_repository(FILES))


def test_no_script_holds_an_expression_and_every_input_and_output_is_described() -> None:
    assert all("${{" not in step["run"] and step["shell"] == "bash" for step in STEPS.values())
    assert all(each["description"] for group in ("inputs", "outputs") for each in ACTION[group].values())
    used = set(re.findall(r"inputs\.([\w-]+)", (TOP / "action.yml").read_text()))
    assert used == set(ACTION["inputs"])
    assert all("uses" not in step for step in STEPS.values())


@pytest.mark.parametrize("issue", [EVIL, "--help", "-"])
def test_whatever_the_issue_says_is_one_argument_behind_the_options(issue: str, runner: Runner) -> None:
    runner.install("swarm", {"run": "abc123", "outcome": "fixed", "branch": "swarm/it"})

    done = runner.run("Fix the issue", ISSUE=issue)

    assert done.returncode == 0, done.stderr
    assert runner.called[0] == ["swarm", "fix", "--json", "--", issue]
    assert not (runner.checkout / "owned").exists()
    assert runner.outputs["outcome"] == "fixed"
    assert runner.outputs["branch"] == "swarm/it"
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("::stop-commands::")
    assert last == f"::{first.removeprefix('::stop-commands::')}::"


def test_a_number_is_an_issue_of_this_repository(runner: Runner) -> None:
    runner.install("swarm", {})

    runner.run("Fix the issue", ISSUE="12", TRUST="true")

    assert runner.called[:2] == [["swarm", "config", "trust"], ["swarm", "fix", "--json", "--", "#12"]]


@pytest.mark.parametrize(("code", "expected"), [(0, 0), (4, 0), (5, 5), (7, 7), (9, 9)])
def test_no_verified_fix_is_an_honest_answer_and_everything_else_is_a_failure(code: int, expected: int, runner: Runner) -> None:
    (runner.bin / "swarm").write_text(f'#!/bin/sh\ntest "$1" != fix || {{ echo "{{}}"; exit {code}; }}\n')
    (runner.bin / "swarm").chmod(0o755)

    done = runner.run("Fix the issue", ISSUE="it is wrong")

    assert (runner.outputs["exit-code"], done.returncode) == (str(code), expected)


def test_what_a_result_says_cannot_add_outputs(runner: Runner) -> None:
    runner.install("swarm", {"run": "abc\nbranch=evil", "outcome": "fixed\nrun=evil", "branch": "swarm/it\nreport=/etc/passwd"})

    runner.run("Fix the issue", ISSUE="it is wrong")

    assert runner.outputs == {"exit-code": "0", "run": "", "outcome": "", "branch": ""}


def test_the_real_swarm_answers_the_action(runner: Runner) -> None:
    (runner.bin / "swarm").write_text(f'#!/bin/sh\nexec {sys.executable} -P -m swarm "$@"\n')
    (runner.bin / "swarm").chmod(0o755)

    done = runner.run("Fix the issue", ISSUE="The sum is wrong", SWARM_SANDBOX="none", SWARM_AGENTS="1")

    assert done.returncode == 0, done.stderr
    assert runner.outputs["outcome"] == "no-verified-fix"
    assert runner.outputs["exit-code"] == "4"
    assert Path(runner.outputs["report"]).read_text().startswith("<!doctype html>")
    assert "No verified fix was found" in runner.summary.read_text()


def test_the_pull_request_is_a_draft_of_the_run_and_the_token_is_in_no_argument(runner: Runner) -> None:
    runner.install("swarm", {})
    runner.install("gh", {})

    done = runner.run("Open a draft pull request", RUN="abc123", GH_TOKEN="gh-canary")

    assert done.returncode == 0, done.stderr
    assert runner.called == [["gh", "auth", "setup-git"], ["swarm", "pr", "abc123", "--yes"]]


def test_the_example_workflow_asks_for_no_more_than_it_needs_and_pins_what_it_uses() -> None:
    text = (TOP / "README.md").read_text()
    example = re.search(r"```yaml\n(name: fix.*?)```", text, re.DOTALL)
    assert example is not None
    workflow = yaml.safe_load(example[1])

    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "write", "issues": "read", "pull-requests": "write"}
    assert job["timeout-minutes"]
    checkout, swarm = job["steps"]
    assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", checkout["uses"])
    assert checkout["with"] == {"fetch-depth": 0, "persist-credentials": False}
    assert "run" not in swarm
    assert set(swarm["with"]) <= set(ACTION["inputs"])
    assert workflow[True] == {"issues": {"types": ["labeled"]}}
    assert "github.event.label.name" in job["if"]
