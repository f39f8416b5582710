"""Python's own parser, for one thread at a time.

CPython 3.11 counts how deep it is in a syntax tree for all threads together: where two of them make trees at once, and
one waits in the middle of it, the count does not come out even and the parser fails with a `SystemError`.
"""

import ast
import threading

ONE_AT_A_TIME = threading.Lock()


def module_of(source: str | bytes) -> ast.Module:
    """The tree of a whole file."""
    with ONE_AT_A_TIME:
        return ast.parse(source)


def expression_of(source: str) -> ast.Expression:
    """The tree of an expression."""
    with ONE_AT_A_TIME:
        return ast.parse(source, mode="eval")
