"""The filter of system calls under which everything in a sandbox runs, its first process included."""

import errno
from functools import cache

from sandboxes import syscalls
from sandboxes.bpf import Code, answer, assembled, if_any_bit, if_at_least, if_equal, joined, load, unless_equal
from sandboxes.sandbox import NoSandbox

ALLOW, KILL, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
NUMBER, ARCHITECTURE, FIRST, SECOND = 0, 4, 16, 24  # offsets in the data; of each argument only its lower half
X32 = 0x40000000
NEW_NAMESPACE = 0x7E020000
TYPES_INTO_TERMINAL = (0x5412, 0x541C)  # TIOCSTI, TIOCLINUX
FAMILIES = (1, 2, 10, 16)  # AF_UNIX, AF_INET, AF_INET6, and AF_NETLINK, by which libraries list interfaces
PERSONALITIES = (0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF)
MACHINES = {"x86_64": (syscalls.X86_64, 0xC000003E), "aarch64": (syscalls.AARCH64, 0xC00000B7)}


def denied(number: int) -> Code:
    """End with this error number."""
    return answer(ERRNO | number)


@cache
def program(machine: str) -> bytes:
    """Make the filter for a kind of machine."""
    if machine not in MACHINES:
        raise NoSandbox(reason=f"swarm has no filter of system calls for {machine} machines", remedy="Run it on x86-64 or ARM64.")
    column, architecture = MACHINES[machine]
    return assembled(joined((_right_machine(architecture, column), *_calls(column), answer(ALLOW))))


def _right_machine(architecture: int, column: int) -> Code:
    foreign = if_at_least(X32, answer(KILL)) if column == syscalls.X86_64 else ()
    return (*load(ARCHITECTURE), *unless_equal(architecture, answer(KILL)), *load(NUMBER), *foreign)


def _calls(column: int) -> list[Code]:
    numbers = [row[column] for row in syscalls.DENIED.values()]
    return [
        *(if_equal(number, denied(errno.EPERM)) for number in numbers if number is not None),
        if_equal(syscalls.CLONE3[column], denied(errno.ENOSYS)),  # its flags lie in memory; libraries then use clone
        if_equal(syscalls.CLONE[column], (*load(FIRST), *if_any_bit(NEW_NAMESPACE, denied(errno.EPERM)), *answer(ALLOW))),
        if_equal(syscalls.IOCTL[column], (*load(SECOND), *_none_of(TYPES_INTO_TERMINAL))),
        if_equal(syscalls.SOCKET[column], (*load(FIRST), *_only(FAMILIES, errno.EAFNOSUPPORT))),
        if_equal(syscalls.PERSONALITY[column], (*load(FIRST), *_only(PERSONALITIES, errno.EPERM))),
    ]


def _none_of(values: tuple[int, ...]) -> Code:
    return (*joined(if_equal(value, denied(errno.EPERM)) for value in values), *answer(ALLOW))


def _only(values: tuple[int, ...], error: int) -> Code:
    return (*joined(if_equal(int(value), answer(ALLOW)) for value in values), *denied(error))
