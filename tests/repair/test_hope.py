"""What no small edit can bring is not searched for."""

import pytest

from swarm.code.survey import Spot, Survey, Tour
from swarm.repair.hope import hopeless

SOURCES = {"shop.py": b"def price(copies):\n    return copies\n"}
IN_TEST, IN_SOURCE = Spot("test_shop.py", 3, "test"), Spot("shop.py", 2, "price")


def tour(message: str, *spots: Spot) -> Tour:
    return Tour("t", "failed", 0.1, {}, "TypeError", message, spots)


@pytest.mark.parametrize(
    "message",
    [
        "AttributeError: module 'shop' has no attribute 'rebate'",
        "TypeError: price() got an unexpected keyword argument 'rebate'",
        "NameError: name 'rebate' is not defined",
    ],
)
def test_what_a_test_uses_and_the_source_does_not_have_cannot_be_found(message: str) -> None:
    seen = Survey((tour(message, IN_TEST),), {}, 0.1)
    assert hopeless(seen, ["t"], SOURCES) == "the failing tests use rebate, which the source does not have anywhere"


@pytest.mark.parametrize(
    ("message", "spots"),
    [
        ("AttributeError: module 'shop' has no attribute 'price'", (IN_TEST,)),
        ("AttributeError: 'int' object has no attribute 'rebate'", (IN_TEST, IN_SOURCE)),
        ("AssertionError: assert 1 == 2", (IN_TEST,)),
    ],
)
def test_what_may_be_a_slip_is_searched_for(message: str, spots: tuple[Spot, ...]) -> None:
    assert hopeless(Survey((tour(message, *spots),), {}, 0.1), ["t"], SOURCES) == ""
