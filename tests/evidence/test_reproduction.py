"""Which reproductions count, and which prove nothing."""

from typing import Any, cast

import pytest

from swarm.evidence.ground import Ground
from swarm.evidence.reproduction import Form, NotAdmitted, Reproduction, admit
from swarm.evidence.scripts import as_test

FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": "def price(copies):\n    if copies == 3:\n        raise LookupError('three')\n    return copies\n",
    "tests/test_shop.py": "from shop.prices import price\ndef test_one(): assert price(1) == 1\n",
    "tests/unit/conftest.py": "import pytest\n@pytest.fixture\ndef two(): return 2\n",
    "tests/unit/test_two.py": "def test_two(two): assert two == 2\n",
}
IMPORT = "from shop.prices import price\n"


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    return cast("Ground", shared_bench.ground(FILES))


def _of(text: str, name: str = "bug.py") -> Reproduction:
    return Reproduction(name=name, content=(IMPORT + text).encode(), author="you")


@pytest.mark.parametrize(
    ("text", "tests"),
    [
        ("def test_bug(): assert price(2) == 4\ndef test_fine(): assert price(1) == 1\n", ("test_bug",)),
        ("def test_bug(): price(3)\n", ("test_bug",)),
        (
            "import pytest\n@pytest.mark.parametrize('n', [1, 2])\ndef test_bug(n): assert price(n) == 1\n",
            ("test_bug[2]",),
        ),
        (
            "import unittest\nclass TestBug(unittest.TestCase):\n    def test_it(self): self.assertEqual(price(2), 4)\n",
            ("TestBug::test_it",),
        ),
        ("assert price(2) == 4\n", ()),
    ],
    ids=["assertion", "exception in the project", "parameters", "unittest", "script"],
)
def test_a_failure_that_shows_a_bug_is_admitted(ground: Ground, text: str, tests: tuple[str, ...]) -> None:
    assert admit(_of(text), ground).tests == tests


def test_a_test_runs_in_the_folder_in_which_it_lies(ground: Ground) -> None:
    text = "def test_bug(two): assert price(two) == 4\n"
    assert admit(_of(text, "tests/unit/test_bug.py"), ground).tests == ("test_bug",)
    with pytest.raises(NotAdmitted, match="before it gets to its question"):
        admit(_of(text), ground)


def test_where_tests_are_a_package_a_reproduction_is_one_of_it_in_every_folder(bench: Any) -> None:
    files = {path: text for path, text in FILES.items() if "unit" not in path}
    ground = bench.ground({**files, "tests/__init__.py": ""})
    assert admit(_of("def test_bug(): assert price(2) == 4\n"), ground).tests == ("test_bug",)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def test_bug(): assert price(1) == 1\n", "passes on base"),
        ("import nowhere\ndef test_bug(): assert price(2) == 4\n", "cannot be loaded|nowhere"),
        ("def test_bug(): import nowhere\n", "before it gets to its question"),
        ("def test_bug(): assert pric(2) == 4\n", "raised by the test itself"),
        ("def test_bug(missing): assert price(2) == 4\n", "before it gets to its question"),
        ("def test_bug(): assert False\n", "no code can change"),
        ("def test_bug(): assert 1 == 2\n", "no code can change"),
        ("def test_bug(\n", "cannot be read as Python"),
        ("def test_bug(): raise ValueError('no')\n", "raised by the test itself"),
        ("import socket\ndef test_bug(): socket.create_connection(('127.0.0.1', 9), timeout=1)\n", "needs the network"),
        ("import os\ndef test_bug(): os._exit(1)\n", "ended early"),
        ("price(1)\n", "passes on base"),
        ("raise ValueError\n", "raised by the test itself"),
    ],
)
def test_a_failure_that_shows_no_bug_is_refused_with_the_reason(ground: Ground, text: str, reason: str) -> None:
    with pytest.raises(NotAdmitted, match=reason) as caught:
        admit(_of(text), ground)
    assert caught.value.exit_code == 9
    assert "bug.py" in str(caught.value)


def test_a_test_that_fails_now_and_then_is_refused(bench: Any, counter: Any) -> None:
    path = counter()
    text = f"import os\ndef test_bug():\n    open({path!r}, 'a').write('x')\n    assert os.path.getsize({path!r}) == price(2)\n"
    with pytest.raises(NotAdmitted, match="in some runs"):
        admit(_of(text), bench.ground(FILES))


def test_the_exception_of_the_issue_counts_wherever_it_is_raised(ground: Ground) -> None:
    text = "def test_bug(): price()\n"
    with pytest.raises(NotAdmitted, match="raised by the test itself"):
        admit(_of(text), ground)
    assert admit(_of(text), ground, issue="price() raises TypeError").tests == ("test_bug",)


@pytest.mark.parametrize("end", ["assert price(2) == 4\n", "import sys\nsys.exit(price(2) != 4)\n", "price(3)\n"])
def test_a_script_that_ends_badly_is_admitted_as_a_test(ground: Ground, end: str) -> None:
    found = admit(as_test(_of(f"if __name__ == '__main__':\n    {end.replace(chr(10), chr(10) + '    ')}\n")), ground)
    assert found.tests == ("test_the_script_ends_well",)
    assert found.reproduction.name == "test_bug.py"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("price(1)\n", "passes on base"),
        ("raise ValueError\n", "raised by the test itself"),
        ("assert 1 == 2\n", "no code can change"),
    ],
)
def test_a_script_that_shows_no_bug_is_no_test_either(ground: Ground, text: str, reason: str) -> None:
    with pytest.raises(NotAdmitted, match=reason):
        admit(as_test(_of(text)), ground)


def test_scripts_and_tests_are_told_apart() -> None:
    assert _of("class TestIt:\n    def test_x(self): pass\n").form is Form.TEST
    assert _of("def check(): pass\ncheck()\n").form is Form.SCRIPT
