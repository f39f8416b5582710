"""Unittest projects, run in real sandboxes."""

from collections.abc import Callable

import pytest

from swarm.evidence.results import Outcome, TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.unittest import UnittestRunner

RunTests = Callable[..., TestRun]


def case(**bodies: str) -> str:
    """A file with one class of tests with these bodies."""
    tests = "".join(f"    def test_{name}(self):\n        {body}\n" for name, body in bodies.items())
    return f"import atexit, os, sys, time, unittest\n\n\nclass TestX(unittest.TestCase):\n{tests}"


SHOP = {
    "shop.py": "def shipping(total):\n    return 0 if total > 50 else 5\n",
    "tests/__init__.py": "",
    "tests/test_shop.py": """import unittest

from shop import shipping


class TestShipping(unittest.TestCase):
    def test_small_orders_pay(self):
        self.assertEqual(shipping(49), 5)

    def test_the_threshold_is_free(self):
        self.assertEqual(shipping(50), 0)

    @unittest.skip("not yet")
    def test_abroad(self):
        self.fail()

    @unittest.expectedFailure
    def test_known(self):
        self.assertEqual(shipping(50), 0)

    @unittest.expectedFailure
    def test_mended(self):
        self.assertEqual(shipping(51), 0)

    def test_every_order(self):
        for total in (10, 50, 60):
            with self.subTest(total=total):
                self.assertEqual(shipping(total), 5 if total < 50 else 0)

    def test_raises(self):
        raise LookupError("nothing here")
""",
}
FIXTURES = """import unittest


def setUpModule():
    {module}


class TestFirst(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        {before}

    @classmethod
    def tearDownClass(cls):
        {after}

    def setUp(self):
        {each}

    def test_a(self):
        pass

    def test_b(self):
        pass


class TestSecond(unittest.TestCase):
    def test_c(self):
        pass
"""


@pytest.fixture
def runner(rooms: Rooms) -> UnittestRunner:
    return UnittestRunner(rooms.environment.python)


def project(**lines: str) -> dict[str, str]:
    """One file of tests with these fixtures."""
    return {"test_it.py": FIXTURES.format(**{"module": "pass", "before": "pass", "after": "pass", "each": "pass", **lines})}


def outcomes(run: TestRun) -> dict[str, str]:
    return {test.rpartition("::")[2]: result.outcome.value for test, result in run.results.items()}


@pytest.mark.parametrize("walled", [False, True], ids=["host", "bubblewrap"])
def test_every_test_has_its_own_outcome(run_tests: RunTests, runner: UnittestRunner, walled: bool) -> None:
    run = run_tests(runner, SHOP, walled=walled)

    assert run.complete, run.why_incomplete
    assert outcomes(run) == {
        "test_small_orders_pay": "passed",
        "test_the_threshold_is_free": "failed",
        "test_abroad": "skipped",
        "test_known": "xfailed",
        "test_mended": "xpassed",
        "test_every_order": "failed",
        "test_raises": "failed",
    }
    assert set(run.collected) == set(run.results)
    assert run.exit_code == 1


def test_a_failure_tells_what_was_raised_and_where(run_tests: RunTests, runner: UnittestRunner) -> None:
    run = run_tests(runner, SHOP)

    threshold = run.results["tests/test_shop.py::TestShipping::test_the_threshold_is_free"]
    every = run.results["tests/test_shop.py::TestShipping::test_every_order"]
    assert threshold.error == "AssertionError"
    assert threshold.message == "AssertionError: 5 != 0"
    assert "assertEqual(shipping(50), 0)" in threshold.text
    assert [(frame.path, frame.function) for frame in threshold.frames] == [("tests/test_shop.py", "test_the_threshold_is_free")]
    assert "(total=50)" in every.message


def test_selected_tests_are_run_alone(run_tests: RunTests, runner: UnittestRunner) -> None:
    files = {**SHOP, "tests/test_other.py": "raise SystemExit('nobody asked for this file')\n"}
    wanted = ("tests/test_shop.py::TestShipping::test_small_orders_pay", "tests/test_shop.py::TestShipping::test_known")

    run = run_tests(runner, files, wanted)

    assert run.complete, run.why_incomplete
    assert set(run.collected) == set(run.results) == set(wanted)
    assert run.exit_code == 0


def test_a_selected_test_that_is_not_there_makes_the_run_incomplete(run_tests: RunTests, runner: UnittestRunner) -> None:
    run = run_tests(runner, SHOP, ["tests/test_shop.py::TestShipping::test_gone"])

    assert not run.complete
    assert run.why_incomplete == "no test was collected"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ({"module": "raise OSError"}, {"test_a": "error", "test_b": "error", "test_c": "error"}),
        ({"before": "raise OSError"}, {"test_a": "error", "test_b": "error", "test_c": "passed"}),
        ({"before": "raise unittest.SkipTest"}, {"test_a": "skipped", "test_b": "skipped", "test_c": "passed"}),
        ({"after": "raise OSError"}, {"test_a": "passed", "test_b": "error", "test_c": "passed"}),
        ({"each": "raise OSError"}, {"test_a": "error", "test_b": "error", "test_c": "passed"}),
        ({"each": "self.addCleanup(int, 'x')"}, {"test_a": "error", "test_b": "error", "test_c": "passed"}),
    ],
)
def test_what_fails_around_a_test_is_an_error_of_the_tests_it_surrounds(
    run_tests: RunTests, runner: UnittestRunner, lines: dict[str, str], expected: dict[str, str]
) -> None:
    run = run_tests(runner, project(**lines))

    assert run.complete, run.why_incomplete
    assert outcomes(run) == expected


def test_a_file_that_cannot_be_imported_is_told_apart_from_a_failure(run_tests: RunTests, runner: UnittestRunner) -> None:
    run = run_tests(runner, {**SHOP, "tests/test_broken.py": "import nowhere_to_be_found\n"})

    assert run.complete, run.why_incomplete
    assert list(run.collection_errors) == ["tests/test_broken.py"]
    assert "nowhere_to_be_found" in run.collection_errors["tests/test_broken.py"]
    assert len(run.results) == 7


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("", "no test was collected"),
        ("import os\nos._exit(0)\n", "it ended early"),
        (case(x="os._exit(0)"), "it ended early"),
        (case(x="os.abort()"), "crashed"),
        (f"{case(x='self.fail()')}\natexit.register(os._exit, 0)\n", "unittest ended with status 1, but its process with 0"),
    ],
    ids=["no tests", "exit at import", "exit in a test", "crash", "exit code forged"],
)
def test_a_run_that_proves_nothing_is_incomplete(run_tests: RunTests, runner: UnittestRunner, body: str, why: str) -> None:
    run = run_tests(runner, {"test_it.py": body})

    assert not run.complete
    assert why in run.why_incomplete
    assert not run.infrastructure


def test_a_test_that_hangs_is_named_and_fails(run_tests: RunTests, runner: UnittestRunner) -> None:
    slow = case(a="pass", b="time.sleep(600)", c="pass")

    run = run_tests(runner, {"test_it.py": slow}, silence=2.0)

    assert run.hung == "test_it.py::TestX::test_b"
    assert outcomes(run) == {"test_a": "passed", "test_b": "failed"}
    assert (run.complete, run.infrastructure) == (False, False)
    assert run.collected[2] == "test_it.py::TestX::test_c"
    assert run.seconds < 20


def test_a_suite_that_is_slow_as_a_whole_blames_no_test(run_tests: RunTests, runner: UnittestRunner) -> None:
    slow = case(**{str(number): "time.sleep(0.2)" for number in range(50)})

    run = run_tests(runner, {"test_it.py": slow}, timeout=2.0, silence=1.5)

    assert run.hung == ""
    assert (run.complete, run.infrastructure) == (False, True)
    assert Outcome.FAILED not in {result.outcome for result in run.results.values()}


def test_a_class_that_is_found_in_two_files_is_run_as_two(run_tests: RunTests, runner: UnittestRunner) -> None:
    files = {
        "test_a.py": "import unittest\nclass TestBase(unittest.TestCase):\n    def test_x(self):\n        pass\n",
        "test_b.py": "from test_a import TestBase\n",
        "test_c.py": "import unittest\nfrom test_a import TestBase\n"
        "def load_tests(loader, tests, pattern):\n    return unittest.TestSuite([TestBase('test_x'), TestBase('test_x')])\n",
    }

    whole = run_tests(runner, files)
    one = run_tests(runner, files, ["test_c.py::TestBase::test_x#2", "test_b.py::TestBase::test_x"])

    assert whole.complete, whole.why_incomplete
    assert set(whole.passed) == {
        "test_a.py::TestBase::test_x",
        "test_b.py::TestBase::test_x",
        "test_c.py::TestBase::test_x",
        "test_c.py::TestBase::test_x#2",
    }
    assert set(one.passed) == {"test_b.py::TestBase::test_x", "test_c.py::TestBase::test_x#2"}


def test_asynchronous_tests_are_told_apart_from_their_fixtures(run_tests: RunTests, runner: UnittestRunner) -> None:
    text = """import unittest


class TestLater(unittest.IsolatedAsyncioTestCase):
    async def test_fails(self):
        self.assertEqual(1, 2)

    async def test_passes(self):
        pass


class TestNever(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        raise OSError

    async def test_errs(self):
        pass
"""
    run = run_tests(runner, {"test_it.py": text})

    assert run.complete, run.why_incomplete
    assert outcomes(run) == {"test_fails": "failed", "test_passes": "passed", "test_errs": "error"}


def test_folders_without_a_package_are_searched_each_by_itself(run_tests: RunTests, rooms: Rooms) -> None:
    test = f"from shop import shipping\n{case(x='shipping(1)')}"
    files = {"src/shop.py": SHOP["shop.py"], "tests/unit/test_a.py": test, "tests/slow/test_b.py": test}
    runner = UnittestRunner(rooms.environment.python, starts=("tests/unit", "tests/slow"))

    run = run_tests(runner, files)

    assert run.complete, run.why_incomplete
    assert run.passed == ("tests/unit/test_a.py::TestX::test_x", "tests/slow/test_b.py::TestX::test_x")


def test_tests_can_be_named_by_module_and_class(run_tests: RunTests, rooms: Rooms) -> None:
    runner = UnittestRunner(rooms.environment.python, names=("tests.test_shop.TestShipping.test_small_orders_pay",))

    run = run_tests(runner, SHOP)

    assert run.complete, run.why_incomplete
    assert run.passed == ("tests/test_shop.py::TestShipping::test_small_orders_pay",)


def test_a_module_of_the_project_cannot_take_the_reporters_place(run_tests: RunTests, runner: UnittestRunner) -> None:
    poison = "import os\nos._exit(0)\n"
    files = {**SHOP, "json.py": poison, "unittest.py": poison, "traceback.py": poison, "sitecustomize.py": poison}

    run = run_tests(runner, files)

    assert len(run.results) == 7, run.why_incomplete


def test_what_a_test_prints_is_no_evidence_and_does_no_harm(run_tests: RunTests, runner: UnittestRunner) -> None:
    text = case(x="print('OK' * 10_000_000); self.fail('\\x00 ünïcode \\ud800')")

    run = run_tests(runner, {"test_it.py": text})

    assert run.complete, run.why_incomplete
    assert run.results["test_it.py::TestX::test_x"].outcome is Outcome.FAILED
    assert len(run.output) < 3_000_000
