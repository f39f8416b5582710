"""A small assembler for the kernel's classic packet filters, as far as a filter of system calls needs one.

Code is built from the inside out: a test takes the code that runs when it holds, so no label and no jump is ever counted by hand.
"""

import struct
from collections.abc import Iterable

from sandboxes.values import Value

LOAD, IF_EQUAL, IF_AT_LEAST, IF_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
FARTHEST = 255


class Step(Value):
    """One instruction: what to do, how many steps to skip if true or if false, and its number."""

    code: int
    if_true: int
    if_false: int
    value: int


Code = tuple[Step, ...]


def load(offset: int) -> Code:
    """Look at the 32 bits at this offset of the data about the call."""
    return (Step(LOAD, 0, 0, offset),)


def answer(value: int) -> Code:
    """End with this verdict."""
    return (Step(RETURN, 0, 0, value),)


def if_equal(value: int, then: Code) -> Code:
    """Run `then` if what was loaded is this value."""
    return _test(IF_EQUAL, value, then)


def if_at_least(value: int, then: Code) -> Code:
    """Run `then` if what was loaded is this value or more."""
    return _test(IF_AT_LEAST, value, then)


def if_any_bit(mask: int, then: Code) -> Code:
    """Run `then` if what was loaded has one of these bits."""
    return _test(IF_ANY_BIT, mask, then)


def unless_equal(value: int, then: Code) -> Code:
    """Run `then` if what was loaded is another value."""
    _reachable(then)
    return (Step(IF_EQUAL, len(then), 0, value), *then)


def joined(parts: Iterable[Code]) -> Code:
    """One after the other."""
    return tuple(step for part in parts for step in part)


def assembled(code: Code) -> bytes:
    """Put the code into the form that the kernel reads."""
    return b"".join(struct.pack("=HBBI", step.code, step.if_true, step.if_false, step.value) for step in code)


def _test(kind: int, value: int, then: Code) -> Code:
    _reachable(then)
    return (Step(kind, 0, len(then), value), *then)


def _reachable(then: Code) -> None:
    if len(then) > FARTHEST:
        raise ValueError(then)
