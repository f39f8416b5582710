"""Near-identical gists are recognised, and nothing else is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.blackboard.likeness import alike, marks

WORDS = st.lists(
    st.sampled_from("the loop in reader.py ends not too early `total` Cart is 3 fails when empty discount ignored".split()),
    max_size=9,
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The total is wrong in cart.py:12", "total wrong in cart.py:12."),
        ("`total()` ignores the discount", "`total()` ignores discounts"),
        ("test_total fails with AssertionError", "test_total is failing with AssertionError"),
        ("parse() doesn't close the file", "parse() does not close its file"),
        ("the reader's loop ends too early in read_all", "reader loop ended too early in read_all"),
        ("comparison in `cheapest` is turned around", "the comparison in `cheapest` is turned around"),
    ],
)
def test_these_say_the_same(one: str, other: str):
    assert alike(one, other)
    assert alike(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("total is wrong in cart.py:12", "total is wrong in cart.py:13"),
        ("total is wrong in cart.py", "total is not wrong in cart.py"),
        ("the loop ends too early", "the loop ends too late"),
        ("the reader waits for the writer", "the writer waits for the reader"),
        ("parse(a) fails", "parse(b) fails"),
        ("fails in Cart", "fails in cartItem"),
        ("`total` is wrong", "`totals` is wrong"),
        ("it fails before the loop", "it fails after the loop"),
        ("it fails", "it fails only on Windows"),
        ("off by one", "off by two"),
        ("the first element is lost", "the last element is lost"),
        ("foo_bar calls baz_qux", "baz_qux calls foo_bar"),
        ("version 1.2 breaks it", "version 1.3 breaks it"),
        ("", "total is wrong"),
    ],
)
def test_these_do_not(one: str, other: str):
    assert not alike(one, other)
    assert not alike(other, one)


@given(WORDS, WORDS)
def test_likeness_is_symmetric_and_needs_equal_marks(one: list[str], other: list[str]):
    first, second = " ".join(one), " ".join(other)
    assert alike(first, second) == alike(second, first)
    assert not alike(first, second) or marks(first) == marks(second)


@given(st.text())
def test_every_gist_is_like_itself(gist: str):
    assert alike(gist, gist)
