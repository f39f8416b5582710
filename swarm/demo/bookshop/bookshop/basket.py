"""What a customer is about to buy."""

from bookshop.pricing import line_price


class Basket:
    """Books with their numbers of copies, in the order in which they were put in."""

    def __init__(self, catalogue):
        self._catalogue = catalogue
        self._copies = {}

    def __len__(self):
        return sum(self._copies.values())

    def add(self, isbn, copies=1):
        """Put copies of a book in."""
        book = self._catalogue.book(isbn)
        self._copies[book.isbn] = self._copies.get(book.isbn, 0) + copies

    def remove(self, isbn, copies=1):
        """Take copies of a book out; when none is left, the book is out."""
        rest = self._copies.get(isbn, 0) - copies
        if rest > 0:
            self._copies[isbn] = rest
        else:
            self._copies.pop(isbn, None)

    def lines(self):
        """Each book with its copies and their price."""
        for isbn, copies in self._copies.items():
            yield isbn, copies, line_price(self._catalogue.book(isbn).price, copies)

    def goods(self):
        """What all of it costs, without delivery."""
        return sum(price for _, _, price in self.lines())
