"""Where a failure comes from."""

from hypothesis import given
from hypothesis import strategies as st

from swarm.code.functions import MODULE, functions
from swarm.code.suspects import Failure, Suspect, read_suspects, suspects, weight_of

SHOP = b"""LIMIT = 10

def discount(copies):
    return rate(copies) * 2

def rate(copies):
    return 5 if copies > LIMIT else 0

def shipping(weight):
    return 3

class Basket:
    def __init__(self):
        self.total = shipping(1)
"""
TESTS = b"""
from shop import discount, shipping, Basket

def test_discount():
    assert discount(10) == 10

def test_shipping():
    assert shipping(1) == 3

class TestBasket:
    def test_total(self, basket):
        assert basket.total == 3
"""
CONFTEST = b"import pytest\nfrom shop import Basket\n\n@pytest.fixture\ndef basket():\n    return Basket()\n"
FILES = {"tests/test_shop.py": TESTS, "tests/conftest.py": CONFTEST}
DISCOUNT, SHIPPING, TOTAL = (
    f"tests/test_shop.py::{name}" for name in ("test_discount", "test_shipping", "TestBasket::test_total")
)


def test_what_python_warns_of_is_not_repeated() -> None:
    assert functions("shop.py", b"x = '\\d' is 3\n")[0].name == MODULE


def test_functions_are_found_with_their_lines_and_owners() -> None:
    found = [(one.label, one.first, one.last) for one in functions("shop.py", SHOP)]
    assert found == [("discount", 3, 4), ("rate", 6, 7), ("shipping", 9, 10), ("Basket.__init__", 13, 14), (MODULE, 1, 14)]


def test_what_only_failing_tests_lead_to_is_most_suspicious() -> None:
    ranked = suspects({"shop.py": SHOP}, FILES, [Failure(DISCOUNT)], [SHIPPING, TOTAL])
    assert [(one.first, one.last) for one in ranked] == [(3, 4), (6, 7), (1, 14)]
    assert "1 of 1 failing and 0 of 2 passing" in ranked[0].why


def test_fixtures_and_constructors_are_part_of_the_way() -> None:
    ranked = suspects({"shop.py": SHOP}, FILES, [Failure(TOTAL)], [DISCOUNT])
    assert {(one.first, one.last) for one in ranked} == {(13, 14), (9, 10), (1, 14)}


def test_the_line_that_raised_comes_first_and_its_function_next() -> None:
    failure = Failure(DISCOUNT, (("tests/test_shop.py", 5), ("shop.py", 4), ("shop.py", 7)))
    ranked = suspects({"shop.py": SHOP}, FILES, [failure], [SHIPPING])
    assert [(one.first, one.last) for one in ranked[:3]] == [(7, 7), (6, 7), (3, 4)]
    assert weight_of(ranked, "shop.py", 7) > weight_of(ranked, "shop.py", 6) > weight_of(ranked, "shop.py", 4)
    assert weight_of(ranked, "shop.py", 10) == weight_of(ranked, "shop.py", 1) > 0
    assert weight_of(ranked, "other.py", 7) == 0


def test_parametrised_tests_are_found_by_their_function() -> None:
    assert suspects({"shop.py": SHOP}, FILES, [Failure(f"{DISCOUNT}[a::b]")], [])


def test_what_is_no_python_is_passed_over() -> None:
    assert functions("shop.py", b"def (") == ()
    assert functions("shop.py", b"\x00") == ()
    assert suspects({"shop.py": b"def ("}, FILES, [Failure(DISCOUNT, (("shop.py", 1),))], [])[0].first == 1


@given(
    st.lists(
        st.builds(
            Suspect,
            st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1),
            st.integers(1, 9999),
            st.integers(1, 9999),
            st.integers(0, 1000).map(lambda n: n / 1000),
            st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"])).map(str.strip),
        )
    )
)
def test_suspects_that_were_written_down_are_read_back(ranked: list[Suspect]) -> None:
    text = "\n".join(["Suspicious lines, worst first:", *(one.line() for one in ranked)])
    assert read_suspects(text) == tuple(ranked)
