import pytest

from bookshop.orders import place
from bookshop.stock import OutOfStock
from conftest import DARKNESS, MIDDLEMARCH, PIRANESI


def test_an_order_costs_its_goods_and_the_delivery(basket, stock):
    basket.add(MIDDLEMARCH, 2)
    order = place(basket, stock)
    assert (order.goods, order.delivery, order.total) == (2100, 350, 2450)


def test_a_receipt_lists_every_line(basket, stock):
    basket.add(PIRANESI)
    basket.add(MIDDLEMARCH, 3)
    assert place(basket, stock).receipt().splitlines() == [
        f"1 x {PIRANESI}  £8.99",
        f"3 x {MIDDLEMARCH}  £31.50",
        "delivery  £0.00",
        "total  £40.49",
    ]


def test_an_empty_basket_is_no_order(basket, stock):
    with pytest.raises(ValueError):
        place(basket, stock)


def test_removing_all_copies_empties_the_basket(basket):
    basket.add(PIRANESI, 2)
    basket.remove(PIRANESI)
    assert len(basket) == 1
    basket.remove(PIRANESI)
    assert len(basket) == 0
    assert list(basket.lines()) == []


def test_an_order_that_cannot_be_filled_reserves_nothing(basket, stock):
    basket.add(MIDDLEMARCH, 2)
    basket.add(PIRANESI, 4)
    with pytest.raises(OutOfStock):
        place(basket, stock)
    assert stock.left(MIDDLEMARCH) == 40


def test_the_last_copy_can_be_ordered(basket, stock):
    basket.add(DARKNESS)
    place(basket, stock)
    assert stock.left(DARKNESS) == 0


def test_all_copies_can_be_ordered_at_once(basket, stock):
    basket.add(PIRANESI, 3)
    place(basket, stock)
    assert stock.left(PIRANESI) == 0
