"""Test tools of any kind, by their report in JUnit XML or by their exit code, run in real sandboxes."""

import sys
from collections.abc import Callable

import pytest

from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.coarse import ExitCode
from swarm.evidence.runners.foreign import ForeignRunner, Told
from swarm.evidence.runners.junit import Junit

RunTests = Callable[..., TestRun]

REPORT = """<?xml version="1.0"?>
<testsuites><testsuite name="shop">
<testcase classname="shop.Prices" name="adds" time="0.25"/>
<testcase classname="shop.Prices" name="adds" time="1,000.5"/>
<testcase file="shop/t.rb" name="fails"><failure message="5 is not 0&#10;at all" type="Mismatch">shop/t.rb:3</failure></testcase>
<testcase name="breaks"><error>no such file</error></testcase>
<testcase classname="shop.Prices" name="later"><skipped/></testcase>
</testsuite></testsuites>
"""
BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<testsuite><testcase name="&b;"/></testsuite>
"""


@pytest.fixture
def junit(rooms: Rooms) -> ForeignRunner:
    return ForeignRunner(rooms.environment.python, Junit(("/bin/sh", "tool.sh", "{report}")))


@pytest.fixture
def coarse(rooms: Rooms) -> ForeignRunner:
    return ForeignRunner(rooms.environment.python, ExitCode(("/bin/sh", "tool.sh")))


@pytest.mark.parametrize("walled", [False, True], ids=["host", "bubblewrap"])
def test_a_report_in_junit_xml_is_read_test_by_test(run_tests: RunTests, junit: ForeignRunner, walled: bool) -> None:
    run = run_tests(junit, {"tool.sh": 'cp ready.xml "$1"; exit 3', "ready.xml": REPORT}, walled=walled)

    assert run.complete, run.why_incomplete
    assert {test: result.outcome.value for test, result in run.results.items()} == {
        "shop.Prices::adds": "passed",
        "shop.Prices::adds#2": "passed",
        "shop/t.rb::fails": "failed",
        "breaks": "error",
        "shop.Prices::later": "skipped",
    }
    assert run.results["shop/t.rb::fails"].message == "5 is not 0"
    assert run.results["shop/t.rb::fails"].error == "Mismatch"
    assert run.results["shop.Prices::adds#2"].seconds == 1000.5
    assert (run.exit_code, run.coarse) == (3, False)


def test_a_report_may_be_a_folder_of_files(run_tests: RunTests, junit: ForeignRunner) -> None:
    one, two = (f'<testsuite><testcase name="{name}"/></testsuite>' for name in "ab")
    tool = f'mkdir -p "$1/deep"; echo \'{one}\' > "$1/a.xml"; echo \'{two}\' > "$1/deep/b.xml"; echo none > "$1/notes.txt"'

    run = run_tests(junit, {"tool.sh": tool})

    assert run.complete, run.why_incomplete
    assert run.passed == ("a", "b")


GOOD = "<testsuite><testcase name='a'/></testsuite>"


@pytest.mark.parametrize(
    ("tool", "why"),
    [
        ("exit 0", "it wrote no report"),
        ('ln -s /work/secret "$1"', "it wrote no report"),
        ("echo '<testsuite/>' > \"$1\"", "no test was run"),
        (f'echo "{GOOD}" > "$1"; exit 1', "exit code 1 does not fit"),
        ('echo "<testsuite><testcase name=\'a\'><failure/></testcase></testsuite>" > "$1"', "exit code 0 does not fit"),
        ('echo "<testsuite><testcase" > "$1"', "no XML"),
        ('echo "<html/>" > "$1"', "does not begin with <html>"),
        ('cp bomb.xml "$1"', "document type"),
        ('head -c 17000000 /dev/zero > "$1"', "larger than swarm reads"),
        ("for i in $(seq 500); do printf '<testsuite>'; done > \"$1\"", "deep in each other"),
        (f'echo "{GOOD}" > "$1"; kill -9 $PPID; sleep 1', "killed|exited|ended early"),
        (f'echo "{GOOD}" > "$1"; kill -SEGV $$', "crashed"),
    ],
)  # fmt: skip
def test_a_report_that_proves_nothing_makes_the_run_incomplete(
    run_tests: RunTests, junit: ForeignRunner, tool: str, why: str
) -> None:
    run = run_tests(junit, {"tool.sh": tool, "bomb.xml": BOMB})

    assert not run.complete
    assert any(one in run.why_incomplete for one in why.split("|")), run.why_incomplete


def test_what_a_tool_leaves_running_cannot_rewrite_its_report(run_tests: RunTests, junit: ForeignRunner) -> None:
    bad = "<testsuite><testcase name='a'><failure/></testcase></testsuite>"
    forger = f'while :; do sleep 0.02; echo "{GOOD}" > "$1"; done'
    tool = f'echo "{bad}" > "$1"; (trap "" HUP TERM; sleep 0.5; {forger}) & setsid sleep 50 & exit 1'

    run = run_tests(junit, {"tool.sh": tool})

    assert run.complete, run.why_incomplete
    assert run.failed == ("a",)
    assert run.seconds < 10


def test_the_tool_is_given_no_pipe_but_those_for_what_it_prints(run_tests: RunTests, rooms: Rooms) -> None:
    check = """import os
assert "SWARM_REPORT_FD" not in os.environ
for number in range(3, 200):
    try:
        assert not os.readlink(f"/proc/self/fd/{number}").startswith("pipe:"), number
    except FileNotFoundError:
        pass
try:
    os.listdir(f"/proc/{os.getppid()}/fd")
except PermissionError:
    pass
else:
    raise AssertionError("the wrapper's pipes can be opened by another process")
"""
    runner = ForeignRunner(rooms.environment.python, ExitCode((rooms.environment.python, "check.py")))

    run = run_tests(runner, {"check.py": check}, walled=True)

    assert run.complete, run.why_incomplete
    assert not run.failed, run.output


@pytest.mark.parametrize(("status", "outcome"), [(0, "passed"), (1, "failed"), (2, "failed")])
def test_of_any_other_command_the_exit_code_is_the_one_result_and_coarse(
    run_tests: RunTests, coarse: ForeignRunner, status: int, outcome: str
) -> None:
    run = run_tests(coarse, {"tool.sh": f"echo 100 passed; echo loud >&2; exit {status}"})

    assert run.complete, run.why_incomplete
    assert run.coarse
    assert {test: result.outcome.value for test, result in run.results.items()} == {"/bin/sh tool.sh": outcome}
    assert outcome == "passed" or "loud" in run.results["/bin/sh tool.sh"].text
    assert b"100 passed" in run.output


def test_a_command_that_is_not_there_is_no_failing_test(run_tests: RunTests, rooms: Rooms) -> None:
    absent = ForeignRunner(rooms.environment.python, ExitCode(("no-such-tool", "--all")))
    inner = ForeignRunner(rooms.environment.python, ExitCode(("/bin/sh", "-c", "no-such-tool --all")))

    assert "no-such-tool" in run_tests(absent, {"a": ""}).why_incomplete
    assert "cannot be started" in run_tests(inner, {"a": ""}).why_incomplete


def test_a_command_that_does_not_end_is_the_surroundings_business(run_tests: RunTests, coarse: ForeignRunner) -> None:
    run = run_tests(coarse, {"tool.sh": "sleep 600"}, timeout=2.0)

    assert (run.complete, run.infrastructure) == (False, True)
    assert run.seconds < 10


def test_variables_before_a_command_reach_it(run_tests: RunTests, rooms: Rooms) -> None:
    runner = ForeignRunner(rooms.environment.python, ExitCode((sys.executable, "check.py")), {"LEVEL": "7"})

    run = run_tests(runner, {"check.py": "import os\nassert os.environ['LEVEL'] == '7'\n"})

    assert run.passed
    assert runner.name.startswith("LEVEL=7 ")


def test_a_path_is_told_as_seen_from_the_worktree() -> None:
    told = Told(status=0, root="/swarm/tree")

    assert (
        told.relative("/swarm/tree/a/b.js") == told.relative("file:///swarm/tree/a/b.js") == told.relative("a/b.js") == "a/b.js"
    )
