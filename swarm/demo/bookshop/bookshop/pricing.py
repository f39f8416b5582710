"""What a customer pays."""

from bookshop.money import percent_of

BULK = ((5, 5), (10, 10), (25, 15))
"""From how many copies of one book on there is how many percent off."""
DELIVERY = 350
FREE_DELIVERY_FROM = 3000


def discount(copies):
    """How many percent are off for so many copies of one book."""
    best = 0
    for threshold, percent in BULK:
        if copies >= threshold:
            best = max(best, percent)
    return best


def line_price(price, copies):
    """What so many copies of one book cost."""
    full = price * copies
    return full - percent_of(full, discount(copies))


def delivery(goods):
    """What sending goods of this worth costs."""
    return 0 if goods >= FREE_DELIVERY_FROM else DELIVERY
