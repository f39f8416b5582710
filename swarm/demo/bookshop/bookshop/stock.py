"""How many copies of each book lie on the shelf, and how many of those are promised to somebody."""

from collections import Counter


class OutOfStock(Exception):
    """More copies were wanted than are left."""

    def __init__(self, isbn, wanted, left):
        super().__init__(f"{isbn}: {wanted} wanted, {left} left")
        self.isbn = isbn
        self.wanted = wanted
        self.left = left


class Stock:
    """The shelf."""

    def __init__(self, copies=None):
        self._copies = Counter(copies or {})
        self._reserved = Counter()

    def receive(self, isbn, copies):
        """Put copies that came in onto the shelf."""
        if copies < 1:
            raise ValueError("a delivery has at least one copy")
        self._copies[isbn] += copies

    def left(self, isbn):
        """How many copies nobody has been promised."""
        return self._copies[isbn] - self._reserved[isbn]

    def reserve(self, isbn, copies):
        """Promise copies to a customer."""
        if copies < 1:
            raise ValueError("at least one copy has to be reserved")
        left = self.left(isbn)
        if left <= copies:  # somebody else may have been faster
            raise OutOfStock(isbn, copies, left)
        self._reserved[isbn] += copies

    def release(self, isbn, copies):
        """Take a promise back."""
        self._reserved[isbn] -= min(copies, self._reserved[isbn])

    def ship(self, isbn, copies):
        """Send promised copies out."""
        self._copies[isbn] -= copies
        self._reserved[isbn] -= copies

    def running_low(self, threshold=2):
        """The books to order anew, in the order of their numbers."""
        return sorted(isbn for isbn in self._copies if self.left(isbn) <= threshold)
