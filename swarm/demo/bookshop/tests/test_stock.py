import pytest

from bookshop.stock import OutOfStock
from conftest import DARKNESS, MIDDLEMARCH, PIRANESI


def test_reserved_copies_are_not_left(stock):
    stock.reserve(MIDDLEMARCH, 4)
    assert stock.left(MIDDLEMARCH) == 36


def test_released_copies_are_left_again(stock):
    stock.reserve(PIRANESI, 2)
    stock.release(PIRANESI, 5)
    assert stock.left(PIRANESI) == 3


def test_refuses_to_reserve_more_than_there_is(stock):
    with pytest.raises(OutOfStock, match="4 wanted, 3 left"):
        stock.reserve(PIRANESI, 4)
    assert stock.left(PIRANESI) == 3


def test_refuses_to_reserve_what_is_promised_to_others(stock):
    stock.reserve(PIRANESI, 2)
    with pytest.raises(OutOfStock):
        stock.reserve(PIRANESI, 2)


def test_refuses_to_reserve_nothing(stock):
    with pytest.raises(ValueError):
        stock.reserve(PIRANESI, 0)


def test_shipping_takes_copies_off_the_shelf(stock):
    stock.reserve(MIDDLEMARCH, 10)
    stock.ship(MIDDLEMARCH, 10)
    assert stock.left(MIDDLEMARCH) == 30


def test_a_delivery_puts_copies_onto_the_shelf(stock):
    stock.receive(DARKNESS, 5)
    assert stock.left(DARKNESS) == 6


def test_tells_what_runs_low(stock):
    assert stock.running_low() == [DARKNESS]
    assert stock.running_low(threshold=3) == [DARKNESS, PIRANESI]
