"""The filter of system calls, run through a machine that is written here from the kernel's description."""

import errno
import struct

import pytest

from sandboxes.bpf import answer, assembled, if_any_bit, if_at_least, if_equal, load, unless_equal
from sandboxes.sandbox import NoSandbox
from sandboxes.seccomp import ALLOW, ERRNO, KILL, program
from sandboxes.syscalls import AARCH64, CLONE, CLONE3, DENIED, IOCTL, PERSONALITY, SOCKET, X86_64

MACHINES = [("x86_64", X86_64, 0xC000003E), ("aarch64", AARCH64, 0xC00000B7)]


def verdict(code: bytes, number: int, architecture: int, *arguments: int) -> int:
    """Run a filter on one call, as the kernel would."""
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("=IIQ6Q", number & 0xFFFFFFFF, architecture, 0, *(word & 0xFFFFFFFFFFFFFFFF for word in padded))
    steps = list(struct.iter_unpack("=HBBI", code))
    at = loaded = 0
    while True:
        kind, if_true, if_false, value = steps[at]
        at += 1
        match kind:
            case 0x20:
                (loaded,) = struct.unpack_from("=I", data, value)
            case 0x06:
                return value
            case _:
                holds = {0x15: loaded == value, 0x35: loaded >= value, 0x45: bool(loaded & value)}[kind]
                at += if_true if holds else if_false


@pytest.fixture(params=MACHINES, ids=lambda machine: machine[0])
def machine(request: pytest.FixtureRequest) -> tuple[bytes, int, int]:
    name, column, architecture = request.param
    return program(name), column, architecture


def test_ordinary_calls_are_allowed(machine):
    code, _, architecture = machine
    ordinary = {0xC000003E: (0, 1, 2, 9, 57, 59, 60, 231, 257), 0xC00000B7: (56, 57, 63, 64, 93, 94, 221, 222)}[architecture]
    assert {verdict(code, number, architecture) for number in ordinary} == {ALLOW}


def test_each_call_of_the_table_is_refused(machine):
    code, column, architecture = machine
    numbers = [row[column] for row in DENIED.values() if row[column] is not None]
    assert {verdict(code, number, architecture) for number in numbers} == {ERRNO | errno.EPERM}


def test_a_call_made_in_the_manner_of_another_machine_kills(machine):
    code, _, architecture = machine
    foreign = {0xC000003E: 0x40000003, 0xC00000B7: 0x40000028}[architecture]
    assert verdict(code, 1, foreign) == KILL


def test_the_second_manner_of_calling_on_x86_kills():
    assert verdict(program("x86_64"), 0x40000001, 0xC000003E) == KILL
    assert verdict(program("x86_64"), -1, 0xC000003E) == KILL


def test_new_processes_are_allowed_and_new_namespaces_are_not(machine):
    code, column, architecture = machine
    assert verdict(code, CLONE[column], architecture, 0x01200011) == ALLOW
    for bit in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000):
        assert verdict(code, CLONE[column], architecture, bit | 17) == ERRNO | errno.EPERM
    assert verdict(code, CLONE3[column], architecture) == ERRNO | errno.ENOSYS


def test_only_the_lower_half_of_a_terminal_request_decides(machine):
    code, column, architecture = machine
    assert verdict(code, IOCTL[column], architecture, 0, 0x5401) == ALLOW
    for request in (0x5412, 0x541C, 0x5412 | 1 << 32, 0x5412 | 0xFFFFFFFF << 32):
        assert verdict(code, IOCTL[column], architecture, 0, request) == ERRNO | errno.EPERM


def test_only_four_families_of_sockets_are_allowed(machine):
    code, column, architecture = machine
    allowed = [family for family in range(64) if verdict(code, SOCKET[column], architecture, family) == ALLOW]
    assert allowed == [1, 2, 10, 16]
    assert verdict(code, SOCKET[column], architecture, 40) == ERRNO | errno.EAFNOSUPPORT


def test_only_harmless_personalities_are_allowed(machine):
    code, column, architecture = machine
    assert verdict(code, PERSONALITY[column], architecture, 0xFFFFFFFF) == ALLOW
    assert verdict(code, PERSONALITY[column], architecture, 0x0400000) == ERRNO | errno.EPERM


def test_a_machine_without_a_filter_gets_no_sandbox():
    with pytest.raises(NoSandbox, match="riscv64"):
        program("riscv64")


def test_tests_run_their_code_only_when_they_hold():
    code = assembled((*load(0), *if_equal(3, answer(1)), *if_at_least(10, answer(2)), *if_any_bit(4, answer(3)), *answer(4)))
    assert [verdict(code, number, 0) for number in (3, 10, 11, 4, 5, 8)] == [1, 2, 2, 3, 3, 4]
    code = assembled((*load(0), *unless_equal(3, answer(1)), *answer(2)))
    assert [verdict(code, number, 0) for number in (3, 4)] == [2, 1]


def test_code_that_no_jump_can_cross_is_refused():
    with pytest.raises(ValueError, match="Step"):
        if_equal(1, answer(0) * 256)
