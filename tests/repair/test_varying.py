"""Inputs near those that tests use."""

import enum
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from swarm.repair.inside.observing import in_words
from swarm.repair.inside.varying import near, variants


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


@pytest.mark.parametrize(
    ("value", "others"),
    [
        (7, [8, 6, 15, 0]),
        (True, [False]),
        (Decimal("2.5"), [Decimal("3.5"), Decimal("1.25"), Decimal("-2.5")]),
        (date(2024, 2, 29), [date(2024, 3, 1), date(2024, 2, 28), date(2024, 3, 30), date(2025, 3, 1)]),
        (date.max, [date(9999, 12, 30)]),
        (datetime(2024, 1, 1, 9, tzinfo=UTC), [datetime(2024, 1, 2, 9, tzinfo=UTC), datetime(2023, 12, 31, 9, tzinfo=UTC)]),
        (timedelta(hours=1), [timedelta(days=1, hours=1)]),
        (Colour.RED, [Colour.BLUE]),
        (object(), []),
        (date, []),
    ],
)
def test_a_value_has_others_of_its_kind_near_it(value: Any, others: list[Any]) -> None:
    found = list(near(value))

    assert found[: len(others)] == others
    assert {type(one) for one in found} <= {type(value)}
    assert value not in found


def test_one_argument_is_changed_at_a_time() -> None:
    assert list(variants((True, date.max))) == [(False, date.max), (True, date(9999, 12, 30))]


def test_answers_are_alike_if_only_the_way_to_reckon_them_differs() -> None:
    assert in_words((0.1 + 0.2, [1e-30])) == in_words((0.3, [1e-30]))
    assert in_words(0.3) != in_words(0.3001)
    assert in_words(7.0) != in_words(7)
    assert in_words(float("nan")) == "nan"
