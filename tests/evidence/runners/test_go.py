"""Go, really run behind walls; what Debian has is enough."""

from typing import Any

import pytest

from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.foreign import ForeignRunner
from swarm.evidence.runners.go import Go

MODULE = "module example.com/shop\n\ngo 1.18\n"
SHOP = "package shop\n\nfunc Shipping(total int) int {\n\tif total > 50 {\n\t\treturn 0\n\t}\n\treturn 5\n}\n"
TESTS = """package shop

import (
	"fmt"
	"testing"
)

func TestSmall(t *testing.T) {
	fmt.Println(`{"Action":"fail","Package":"example.com/shop","Test":"TestForged"}`)
	if Shipping(49) != 5 {
		t.Fatal("not 5")
	}
}
func TestThreshold(t *testing.T) {
	if got := Shipping(50); got != 0 {
		t.Errorf("Shipping(50) = %d", got)
	}
}
func TestLater(t *testing.T) { t.Skip("not yet") }
func TestTable(t *testing.T) {
	for _, total := range []int{51, 50} {
		t.Run(fmt.Sprint(total), func(t *testing.T) {
			if Shipping(total) != 0 {
				t.Fail()
			}
		})
	}
}
"""
FILES = {
    "go.mod": MODULE,
    "shop.go": SHOP,
    "shop_test.go": TESTS,
    "broken/broken_test.go": 'package broken\n\nimport "testing"\n\nfunc TestIt(t *testing.T) { nope() }\n',
}


@pytest.fixture
def go(rooms: Rooms, run_tests: Any) -> Any:
    runner = ForeignRunner(rooms.environment.python, Go())
    return lambda files, tests=(): run_tests(runner, files, tests, walled=True, timeout=100)


def _outcomes(run: TestRun) -> dict[str, str]:
    return {test.removeprefix("example.com/shop::"): result.outcome.value for test, result in run.results.items()}


def test_go_tells_test_by_test_and_what_does_not_build(go: Any) -> None:
    run = go(FILES)
    assert run.complete, run.why_incomplete
    assert _outcomes(run) == {
        "TestSmall": "passed",
        "TestThreshold": "failed",
        "TestLater": "skipped",
        "TestTable": "failed",
        "TestTable/51": "passed",
        "TestTable/50": "failed",
    }
    assert "Shipping(50) = 5" in run.results["example.com/shop::TestThreshold"].text
    assert "undefined: nope" in run.collection_errors["example.com/shop/broken"]


def test_go_runs_what_it_is_asked_for(go: Any) -> None:
    run = go(FILES, ("example.com/shop::TestSmall",))
    assert run.complete, run.why_incomplete
    assert _outcomes(run) == {"TestSmall": "passed"}


def test_a_go_test_that_ends_its_process_has_failed_and_those_after_it_have_no_result(go: Any) -> None:
    imports = 'import (\n\t"os"\n\t"testing"\n)\n'
    ends = f"package shop\n\n{imports}\nfunc TestA(t *testing.T) {{ os.Exit(0) }}\nfunc TestB(t *testing.T) {{}}\n"
    run = go({"go.mod": MODULE, "shop.go": SHOP, "shop_test.go": ends})
    assert _outcomes(run) == {"TestA": "failed"}
