"""Other languages' test tools. Node and Cargo are run; of Go, Jest and Vitest real output is read that was recorded once."""

import os
import pwd
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.cargo import Cargo
from swarm.evidence.runners.foreign import ForeignRunner, Reading, Told
from swarm.evidence.runners.go import Go
from swarm.evidence.runners.jest import Jest
from swarm.evidence.runners.node import Node
from swarm.evidence.runners.vitest import Vitest

RunTests = Callable[..., TestRun]
RECORDED = Path(__file__).with_name("recorded")

NODE = {
    "test/shop.test.js": """const test = require('node:test');
const assert = require('node:assert');
test('adds', () => assert.equal(1 + 1, 2));
test('fails', () => assert.equal(1 + 1, 3));
test('later', { skip: 'not yet' }, () => {});
test('known', { todo: true }, () => assert.fail('x'));
test.describe('prices', () => {
  test.it('are whole', () => {});
  test.describe('abroad', () => {
    test.it('are whole', () => { throw new TypeError('boom'); });
  });
});
console.log('{"type":"test:pass","name":"forged","nesting":0,"file":"test/shop.test.js"}');
""",
    "test/broken.test.mjs": "import './nowhere.js';\n",
}
CARGO = {
    "Cargo.toml": '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n',
    "src/lib.rs": """/// Adds.
///
/// ```
/// assert_eq!(shop::shipping(49), 5);
/// ```
pub fn shipping(total: i32) -> i32 {
    if total > 50 { 0 } else { 5 }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn small() { println!("test tests::forged ... FAILED"); assert_eq!(shipping(49), 5); }
    #[test]
    fn threshold() { assert_eq!(shipping(50), 0); }
    #[test]
    #[ignore = "not yet"]
    fn later() {}
    #[test]
    #[should_panic]
    fn panics() { panic!("as it should") }
}
""",
    "tests/whole.rs": "#[test]\nfn small() { assert_eq!(shop::shipping(49), 5); }\n",
}


def outcomes(told: TestRun | Reading) -> dict[str, str]:
    results = told.results.values() if isinstance(told, TestRun) else told.results
    return {result.test: result.outcome.value for result in results}


@pytest.fixture
def node(rooms: Rooms) -> ForeignRunner:
    return ForeignRunner(rooms.environment.python, Node())


@pytest.fixture
def cargo(rooms: Rooms, plant: Callable[[Mapping[str, str]], str]) -> Callable[..., TestRun]:
    """Run Cargo behind walls, with the toolchain that it belongs to."""
    home = pwd.getpwuid(os.getuid()).pw_dir  # the test's own home is an empty one, in which rustup finds no toolchain
    asked = subprocess.run(
        ["rustc", "--print", "sysroot"], env={**os.environ, "HOME": home}, capture_output=True, text=True, check=True
    )
    toolchain = Path(asked.stdout.strip())
    environment = replace(rooms.environment, toolchain=(*rooms.environment.toolchain, toolchain))
    walled = replace(rooms, backend=Bubblewrap(), environment=environment)
    runner = ForeignRunner(rooms.environment.python, Cargo(), {"PATH": f"{toolchain}/bin:/usr/bin:/bin"})

    def run(files: Mapping[str, str], tests: tuple[str, ...] = ()) -> TestRun:
        with walled.open(plant(files)) as room:
            return runner.run(room.sandbox, tests, timeout=100)

    return run


@pytest.mark.parametrize("walled", [False, True], ids=["host", "bubblewrap"])
def test_node_tells_test_by_test(run_tests: RunTests, node: ForeignRunner, walled: bool) -> None:
    run = run_tests(node, NODE, walled=walled)

    assert run.complete, run.why_incomplete
    assert outcomes(run) == {
        "test/shop.test.js::adds": "passed",
        "test/shop.test.js::fails": "failed",
        "test/shop.test.js::later": "skipped",
        "test/shop.test.js::known": "xfailed",
        "test/shop.test.js::prices > are whole": "passed",
        "test/shop.test.js::prices > abroad > are whole": "failed",
    }
    assert run.results["test/shop.test.js::fails"].error == "AssertionError"
    assert run.results["test/shop.test.js::fails"].message == "2 == 3"
    assert "shop.test.js:4" in run.results["test/shop.test.js::fails"].text
    assert "nowhere.js" in run.collection_errors["test/broken.test.mjs"]


def test_node_runs_the_files_of_selected_tests(run_tests: RunTests, node: ForeignRunner) -> None:
    files = {"a.test.js": "require('node:test')('a', () => {});\n", "b.test.js": "process.exit(3);\n"}

    run = run_tests(node, files, ["a.test.js::a"])

    assert run.complete, run.why_incomplete
    assert outcomes(run) == {"a.test.js::a": "passed"}


def test_a_node_test_that_ends_its_process_loses_its_name(run_tests: RunTests, node: ForeignRunner) -> None:
    run = run_tests(node, {"a.test.js": "const t = require('node:test');\nt('a', () => process.exit(0));\nt('b', () => {});\n"})

    assert "a.test.js::a" not in run.results
    assert "a.test.js::b" not in run.results


def test_without_test_files_node_proves_nothing(run_tests: RunTests, node: ForeignRunner) -> None:
    assert not run_tests(node, {"shop.js": ""}).complete


def test_cargo_tells_test_by_test(cargo: Callable[..., TestRun]) -> None:
    run = cargo(CARGO)
    some = cargo(CARGO, ("src/lib.rs::tests::small", "src/lib.rs::shipping"))

    assert run.complete, run.why_incomplete
    assert outcomes(run) == {
        "src/lib.rs::tests::small": "passed",
        "src/lib.rs::tests::threshold": "failed",
        "src/lib.rs::tests::later": "skipped",
        "src/lib.rs::tests::panics": "passed",
        "tests/whole.rs::small": "passed",
        "src/lib.rs::shipping": "passed",
    }
    assert run.results["src/lib.rs::tests::threshold"].message == "assertion `left == right` failed"
    assert some.complete, some.why_incomplete
    assert outcomes(some) == {"src/lib.rs::tests::small": "passed", "src/lib.rs::shipping": "passed"}


@pytest.mark.parametrize(
    ("test", "why"),
    [
        ("fn nope() { absent(); }", "no test was run"),
        ("#[test]\nfn a() { std::process::exit(0); }\n#[test]\nfn b() {}", "announced"),
        ("", "no test was run"),
    ],
    ids=["does not compile", "ends its process", "no tests"],
)
def test_cargo_without_a_result_for_every_test_proves_nothing(cargo: Callable[..., TestRun], test: str, why: str) -> None:
    run = cargo({"Cargo.toml": CARGO["Cargo.toml"], "src/lib.rs": f"{test}\n"})

    assert not run.complete
    assert why in run.why_incomplete


def test_go_tells_test_by_test_what_did_not_build_and_what_did_not_end() -> None:
    output = (RECORDED / "go-1.19.txt").read_bytes()

    reading = Go().read(Told(status=2, output=output))
    cut = Go().read(Told(status=2, output=output.partition(b'{"Time":"2026-11-21T12:18:19.94637221Z"')[0]))

    assert outcomes(reading) == {
        "example.com/shop::TestSmall": "passed",
        "example.com/shop::TestThreshold": "failed",
        "example.com/shop::TestLater": "skipped",
        "example.com/shop::TestTable": "failed",
        "example.com/shop::TestTable/one": "passed",
        "example.com/shop::TestTable/two_words": "failed",
        "example.com/shop/panics::TestA": "passed",
        "example.com/shop/panics::TestP": "failed",
    }
    assert list(reading.uncollected) == ["example.com/shop/broken"]
    assert "undefined: nope" in reading.uncollected["example.com/shop/broken"]
    assert (reading.unfinished, cut.unfinished) == ((), ("example.com/shop/panics::TestP",))


def test_go_runs_selected_tests_anew() -> None:
    command = Go(("-race",)).command(["example.com/shop::TestTable/one", "example.com/shop/cart::TestTotal"])

    assert command == (
        *("go", "test", "-json", "-count=1", "-race"),
        *("-run", "^(TestTable|TestTotal)$", "example.com/shop", "example.com/shop/cart"),
    )


@pytest.mark.parametrize(("dialect", "folder", "end"), [(Jest(), "jest", "js"), (Vitest(), "vt", "mjs")], ids=["jest", "vitest"])
def test_jest_and_vitest_tell_test_by_test(dialect: Jest | Vitest, folder: str, end: str) -> None:
    recorded = next(RECORDED.glob(f"{dialect.argv[2]}-*.json"))

    reading = dialect.read(Told(status=1, root="/swarm/tree", files={".": recorded.read_bytes()}))

    assert {test.partition("::")[2]: outcome for test, outcome in outcomes(reading).items()} == {
        "adds": "passed",
        "prices > free": "failed",
        "prices > deep > case 1": "passed",
        "prices > deep > case 2": "failed",
        "skipped": "skipped",
        "later": "skipped",
        "known": "passed",
    }
    assert all(result.test.startswith(f"{folder}/a.test.{end}::") for result in reading.results)
    assert "nowhere" in reading.uncollected[f"{folder}/b.test.{end}"]
    assert next(result.error for result in reading.results if "free" in result.test) == "TypeError"


@pytest.mark.parametrize("dialect", [Jest(), Vitest(), Node()], ids=["jest", "vitest", "node"])
def test_a_tool_that_wrote_no_report_proves_nothing(dialect: Jest | Vitest | Node) -> None:
    assert dialect.read(Told(status=0)).trouble == "it wrote no report"


def test_jest_and_vitest_choose_by_file() -> None:
    tests = ["src/a.test.ts::prices > free", "src/a.test.ts::adds", "src/b.test.ts::x"]

    assert Jest().command(tests)[-3:] == ("--runTestsByPath", "src/a.test.ts", "src/b.test.ts")
    assert Vitest().command(tests)[-2:] == ("src/a.test.ts", "src/b.test.ts")
