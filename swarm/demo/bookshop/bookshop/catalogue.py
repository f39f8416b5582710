"""The books we sell, and how customers find them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Book:
    """A title, with its price in pence."""

    isbn: str
    title: str
    author: str
    price: int


class Catalogue:
    """All books, in the order in which they came in."""

    def __init__(self, books=()):
        self._books = {book.isbn: book for book in books}

    def __len__(self):
        return len(self._books)

    def book(self, isbn):
        """The book with this number."""
        if isbn not in self._books:
            raise KeyError(f"no such book: {isbn}")
        return self._books[isbn]

    def search(self, words):
        """The books whose title or author has all of these words in it."""
        wanted = words.lower().split()
        return [
            book
            for book in self._books.values()
            if all(word in f"{book.title} {book.author}".lower() for word in wanted)
        ]

    def page(self, number, size=10):
        """One page of the catalogue; the first has number 1."""
        if number < 1:
            raise ValueError("pages are counted from 1")
        start = (number - 1) * size
        return list(self._books.values())[start : start + size]
