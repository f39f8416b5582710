import pytest

from bookshop.money import percent_of, written
from bookshop.pricing import delivery, discount, line_price


@pytest.mark.parametrize(
    ("copies", "percent"), [(1, 0), (4, 0), (5, 5), (9, 5), (10, 10), (24, 10), (25, 15), (100, 15)]
)
def test_gives_a_discount_from_a_number_of_copies_on(copies, percent):
    assert discount(copies) == percent


def test_takes_the_discount_off_the_whole_line(catalogue):
    assert line_price(999, 5) == 4745


def test_rounds_half_a_penny_up():
    assert percent_of(50, 1) == 1
    assert percent_of(49, 1) == 0


def test_delivers_free_from_thirty_pounds_on():
    assert delivery(2999) == 350
    assert delivery(3000) == 0


def test_writes_amounts_in_pounds():
    assert written(123456) == "£1234.56"
    assert written(-5) == "-£0.05"
