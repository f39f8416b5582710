"""Small projects, each with one thing wrong."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

SHOP = {
    "shop/__init__.py": "",
    "shop/prices.py": '''"""Prices."""

FREE_SHIPPING = 50


def shipping(total):
    """Orders from FREE_SHIPPING on are sent for free."""
    # the threshold itself counts
    if total > FREE_SHIPPING:
        return 0
    return 5


def discounted(price, percent):
    """The price after a discount."""
    return price - price * percent // 100
''',
    "tests/test_prices.py": """from shop.prices import discounted, shipping


def test_small_orders_pay_shipping():
    assert shipping(49) == 5


def test_large_orders_are_free():
    assert shipping(51) == 0


def test_the_threshold_is_free():
    assert shipping(50) == 0


def test_discount():
    assert discounted(200, 10) == 180
""",
    "pytest.ini": "[pytest]\npythonpath = .\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
}
"""A comparison is wrong."""

ISSUE = "Orders of exactly 50 pay shipping\n\nThe page says from 50 on it is free.\n"


@pytest.fixture
def shop(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    """A repository with a bug that one small edit fixes, and a bug report beside it."""
    folder = make_repository(SHOP)
    (folder.parent / "ISSUE.md").write_text(ISSUE)
    return folder


@pytest.fixture
def shop_without(make_repository: Callable[[Mapping[str, str]], Path]) -> Callable[..., Path]:
    """The same shop with some files replaced; None takes a file away."""

    def make(changes: Mapping[str, str | None]) -> Path:
        files = {**SHOP, **changes}
        folder = make_repository({path: text for path, text in files.items() if text is not None})
        (folder.parent / "ISSUE.md").write_text(ISSUE)
        return folder

    return make


@pytest.fixture
def healthy(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    """A repository in which nothing fails: a run ends as soon as it has seen that."""
    return make_repository({"test_it.py": "def test_it():\n    assert True\n", "pytest.ini": SHOP["pytest.ini"]})
