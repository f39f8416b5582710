"""From a basket to an order."""

from dataclasses import dataclass

from bookshop.money import written
from bookshop.pricing import delivery
from bookshop.stock import OutOfStock


@dataclass(frozen=True)
class Order:
    """What a customer has bought, and what it costs in pence."""

    lines: tuple
    goods: int
    delivery: int

    @property
    def total(self):
        """What the customer pays."""
        return self.goods + self.delivery

    def receipt(self):
        """The order as a text for the customer."""
        rows = [f"{copies} x {isbn}  {written(price)}" for isbn, copies, price in self.lines]
        return "\n".join([*rows, f"delivery  {written(self.delivery)}", f"total  {written(self.total)}"])


def place(basket, stock):
    """Reserve everything in the basket, or nothing of it."""
    lines = tuple(basket.lines())
    if not lines:
        raise ValueError("the basket is empty")
    done = []
    for isbn, copies, _ in lines:
        try:
            stock.reserve(isbn, copies)
        except OutOfStock:
            for other, reserved in done:
                stock.release(other, reserved)
            raise
        done.append((isbn, copies))
    goods = basket.goods()
    return Order(lines, goods, delivery(goods))
