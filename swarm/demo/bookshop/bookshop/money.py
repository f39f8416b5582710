"""Amounts in pence: the till has no use for fractions of them."""


def percent_of(amount, percent):
    """A percentage of an amount, rounded half up."""
    return (amount * percent + 50) // 100


def written(amount):
    """An amount as customers read it."""
    sign = "-" if amount < 0 else ""
    pounds, pence = divmod(abs(amount), 100)
    return f"{sign}£{pounds}.{pence:02d}"
