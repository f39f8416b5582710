"""Every line that a failing test executes gets a score, and people are told why."""

import pytest

from swarm.code.localisation import Localisation, dstar, localise, ochiai
from swarm.code.survey import Spot, Survey, Tour
from swarm.code.suspects import read_suspects

SOURCE = b"""LIMIT = 3


def price(copies):
    if copies > 10:
        return 5
    return rebate(copies)


def rebate(copies):
    total = 0
    while total < copies:
        total += 1
    return total


class Shop:
    def open(self):
        return LIMIT
"""
PATH = "shop.py"


def tour(test: str, *lines: int, outcome: str = "passed", spots: tuple[Spot, ...] = (), message: str = "") -> Tour:
    return Tour(test, outcome, 0.01, {PATH: sum(1 << line for line in lines)}, "ValueError", message, spots)


def located(*tours: Tour, issue: str = "") -> Localisation:
    failing = [one.test for one in tours if one.outcome != "passed"]
    passing = [one.test for one in tours if one.outcome == "passed"]
    return localise(Survey(tours, {}, 0.1), failing, passing, {PATH: SOURCE}, issue)


def test_lines_that_only_failing_tests_execute_are_worst():
    found = located(tour("t1", 4, 5, 6, outcome="failed"), tour("t2", 4, 5, 7, 10, 11), tour("t3", 4, 5, 7))
    assert [one.line for one in found.lines] == [6, 4, 5]
    assert found.lines[0].reasons == ("1 of 1 failing and 0 of 2 passing tests execute it",)


def test_lines_that_were_changed_recently_are_worse_than_their_neighbours():
    tours = (tour("t1", 5, 7, outcome="failed"), tour("t2", 5, 7))
    found = localise(Survey(tours, {}, 0.1), ["t1"], ["t2"], {PATH: SOURCE}, recent={(PATH, 7): 1.0, (PATH, 17): 1.0})
    assert [one.line for one in found.lines] == [7, 5]
    assert found.lines[0].reasons[1] == "one of the last commits changed it"


def test_lines_that_no_failing_test_executes_are_not_suspected():
    found = located(tour("t1", 5, outcome="failed"), tour("t2", 17, 18))
    assert [one.line for one in found.lines] == [5]


def test_functions_are_ranked_by_the_worst_of_their_lines():
    found = located(tour("t1", 4, 5, 7, 10, 11, outcome="failed"), tour("t2", 4, 5, 6))
    assert [(one.first, one.last) for one in found.functions] == [(4, 7), (10, 14)]
    assert found.functions[0].why == "price: line 7, 1 of 1 failing and 0 of 1 passing tests execute it"


def test_the_line_that_raised_counts_more_than_the_lines_that_led_there():
    spots = (Spot("test_shop.py", 3, "test"), Spot(PATH, 7, "price"), Spot(PATH, 12, "rebate"))
    found = located(tour("t1", 4, 5, 7, 10, 11, 12, outcome="failed", spots=spots), tour("t2", 4, 5, 7, 10, 11, 12))
    assert [one.line for one in found.lines][:2] == [12, 7]
    assert "in the traceback of t1 (ValueError)" in found.lines[0].reasons


def test_where_a_test_was_interrupted_the_whole_function_is_suspected():
    spots = (Spot(PATH, 7, "price"), Spot(PATH, 13, "rebate"))
    hanging = tour("t1", 4, 5, 7, 10, 11, 12, 13, outcome="timed out", spots=spots)
    found = located(hanging, tour("t2", 4, 5, 7, 10, 11, 12, 13, 14))
    assert [one.line for one in found.lines][:5] == [13, 7, 10, 11, 12]
    assert "in rebate, where t1 was interrupted" in found.lines[2].reasons


@pytest.mark.parametrize(
    ("issue", "message", "line"),
    [
        ("`Shop.open` is wrong", "", 18),
        ("the shop: open() is wrong", "", 18),
        ("nothing is said", "open is not right", 18),
        ("rebate is wrong", "", 11),
        ("rebate is wrong, says `open`", "", 18),
    ],
)
def test_what_the_issue_or_the_failure_names_is_worse_than_the_rest(issue: str, message: str, line: int):
    lines = (5, 11, 18)
    found = located(tour("t1", *lines, outcome="failed", message=message), tour("t2", *lines), issue=issue)
    assert found.lines[0].line == line


def test_a_name_outweighs_no_difference_between_failing_and_passing_tests():
    found = located(tour("t1", 5, 6, 18, outcome="failed"), *(tour(f"g{n}", 18) for n in range(5)), issue="open() is wrong")
    assert [one.line for one in found.lines] == [5, 6, 18]


def test_neighbours_with_the_same_score_are_told_as_one_stretch():
    found = located(tour("t1", 10, 11, 12, 14, outcome="failed"), tour("t2", 14))
    assert [(one.first, one.last) for one in found.suspects()] == [(10, 12), (14, 14)]
    assert len(found.suspects(most=1)) == 1


def test_suspects_survive_being_written_down():
    suspects = located(tour("t1", 10, 11, 14, outcome="failed"), tour("t2", 14)).suspects()
    assert [(one.path, one.first, one.last, one.why) for one in read_suspects("\n".join(one.line() for one in suspects))] == [
        (one.path, one.first, one.last, one.why) for one in suspects
    ]


def test_scores_lie_between_nothing_and_one_and_grow_with_the_evidence():
    assert ochiai(0, 5, 2) == dstar(0, 5, 2) == 0
    assert ochiai(2, 0, 2) == dstar(2, 0, 2) == 1
    assert ochiai(2, 1, 2) > ochiai(2, 2, 2) > ochiai(1, 2, 2) > 0
    assert dstar(2, 1, 2) > dstar(2, 2, 2) > dstar(1, 2, 2) > 0
    spots = (Spot(PATH, 6, "price"),)
    worst = located(tour("t1", 6, outcome="failed", spots=spots), issue="`price`").lines[0]
    assert worst.score == 1


def test_passing_tests_that_fail_in_the_survey_say_nothing():
    survey = Survey((tour("t1", 5, outcome="failed"), tour("t2", 5, outcome="error")), {}, 0.1)
    found = localise(survey, ["t1", "gone"], ["t2", "gone"], {PATH: SOURCE})
    assert found.lines[0].reasons == ("1 of 1 failing and 0 of 0 passing tests execute it",)
