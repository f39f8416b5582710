import pytest

from bookshop.basket import Basket
from bookshop.catalogue import Book, Catalogue
from bookshop.stock import Stock

DARKNESS = "9780441478125"
PIRANESI = "9781526622433"
MIDDLEMARCH = "9780141439549"


@pytest.fixture
def catalogue():
    return Catalogue(
        [
            Book(DARKNESS, "The Left Hand of Darkness", "Ursula K. Le Guin", 999),
            Book(PIRANESI, "Piranesi", "Susanna Clarke", 899),
            Book(MIDDLEMARCH, "Middlemarch", "George Eliot", 1050),
        ]
    )


@pytest.fixture
def stock():
    return Stock({DARKNESS: 1, PIRANESI: 3, MIDDLEMARCH: 40})


@pytest.fixture
def basket(catalogue):
    return Basket(catalogue)
