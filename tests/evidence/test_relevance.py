from collections.abc import Mapping

import pytest

from swarm.errors import NoVerifiedFix, UsageError
from swarm.evidence.baseline import Baseline
from swarm.evidence.relevance import choose_reproductions, known_failures
from swarm.evidence.results import Outcome, TestResult

COLD = "tests/test_units.py::test_cold"


def baseline(*failing: str, passing: tuple[str, ...] = (), messages: Mapping[str, str] | None = None) -> Baseline:
    said = messages or {}
    results = {
        test: TestResult(test, Outcome.FAILED, said.get(test, "assert 1 == 2"), error="AssertionError") for test in failing
    }
    tests = (*failing, *passing)
    return Baseline(argv=(), tests=tests, passing=passing, failing=results, varying=(), exit_code=1, runs=3, seconds=1.0)


def test_all_parameters_of_a_test_that_the_issue_tells_of_show_the_bug():
    ground = baseline(f"{COLD}[20-50]", f"{COLD}[0-0]", "tests/test_moon.py::test_moon")

    chosen = choose_reproductions("test_cold says that 20 with wind of 50 feels cold", ground)

    assert chosen.tests == (f"{COLD}[20-50]", f"{COLD}[0-0]")
    assert known_failures(ground, chosen.tests) == ("tests/test_moon.py::test_moon",)


def test_a_few_words_in_common_rule_no_other_test_out_that_has_one_of_them():
    ground = baseline("tests/a.py::test_orders_ship_free", "tests/b.py::test_free_gift", "tests/c.py::test_moon")

    chosen = choose_reproductions("Orders do not ship for free", ground)

    assert chosen.tests == ("tests/a.py::test_orders_ship_free", "tests/b.py::test_free_gift")


def test_a_test_that_is_named_rules_the_others_out():
    ground = baseline("tests/a.py::test_orders", "tests/b.py::test_free_orders")

    assert choose_reproductions("orders are wrong, see test_orders", ground).tests == ("tests/a.py::test_orders",)


def test_an_issue_that_speaks_of_nothing_leaves_all_of_them():
    ground = baseline("tests/a.py::test_orders", "tests/b.py::test_moon")

    chosen = choose_reproductions("it hurts", ground)

    assert (chosen.tests, chosen.decided) == (("tests/a.py::test_orders", "tests/b.py::test_moon"), False)


def test_what_the_person_names_decides_and_has_to_be_there_and_fail():
    ground = baseline("tests/a.py::test_orders", passing=("tests/a.py::test_fine",))

    assert choose_reproductions("", ground, ["test_orders"]).tests == ("tests/a.py::test_orders",)
    with pytest.raises(UsageError, match="no test"):
        choose_reproductions("", ground, ["test_nothing"])
    with pytest.raises(NoVerifiedFix, match="does not fail on base"):
        choose_reproductions("", ground, ["test_fine"])
