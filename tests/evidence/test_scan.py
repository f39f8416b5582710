"""What is suspicious in the lines that a patch adds, and what is not."""

import ast
from typing import Any

import pytest

from swarm.evidence.added import added_lines
from swarm.evidence.patch import split
from swarm.evidence.scan import Suspicion, scan

OLD = "import os\nimport sys\n\n\ndef price(copies):\n    os._exit(0)\n    return sys.argv\n"


def _scan(bench: Any, new: str, old: str = OLD, **options: Any) -> tuple[Suspicion, ...]:
    base = bench.tree({"shop.py": old})
    patch = split(bench.mirror, base, bench.changed(base, {"shop.py": new}))
    return scan(bench.mirror, patch, **options)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("import pytest", "looks at the test runner"),
        ("from _pytest import python", "looks at the test runner"),
        ("from unittest.mock import ANY", "looks at the test runner"),
        ("x = 'pytest' in sys.modules", "looks at the test runner"),
        ("x = open('tests/test_shop.py')", "looks at the test runner"),
        ("def pytest_runtest_call(item): pass", "looks at the test runner"),
        ("from os import _exit as leave", "ends the process, or decides how it ends"),
        ("sys.exit(0)", "ends the process, or decides how it ends"),
        ("raise SystemExit", "ends the process, or decides how it ends"),
        ("import atexit", "ends the process, or decides how it ends"),
        ("os.fork()", "starts something that may outlive the call"),
        ("import threading", "starts something that may outlive the call"),
        ("sys.modules['json'] = None", "changes what other code sees"),
        ("sys.meta_path.insert(0, None)", "changes what other code sees"),
        ("os.path.join = None", "changes what other code sees"),
        ("setattr(os, 'sep', '')", "changes what other code sees"),
        ("globals()['price'] = None", "changes what other code sees"),
        ("import builtins", "changes what other code sees"),
        ("import gc", "changes what other code sees"),
        ("f = sys._getframe", "looks at who calls it"),
        ("sys.settrace(None)", "looks at who calls it"),
        ("x = price.__code__", "changes what other code sees"),
        ("import ctypes", "reaches below Python"),
        ("eval('1')", "runs code that is made while it runs"),
        ("getattr(os, '_ex' + 'it')(0)", "runs code that is made while it runs"),
        ("os.write(5, b'')", "reads or writes open files by their number"),
        ("x = os.environ['PYTEST_CURRENT_TEST']", "asks where it runs"),
        ("x = dict(os.environ)", "asks where it runs"),
        ("x = sys.argv", "asks where it runs"),
        ("x = open('/proc/self/maps')", "asks where it runs"),
        ("x = os.environ.get('USER')", "asks where it runs"),
        ("x = os.getenv('HOME')", "asks where it runs"),
        ("x = os.isatty(0)", "asks where it runs"),
        ("x = sys.stdin.isatty()", "asks where it runs"),
        ("x = sys.platform == 'win32'", "asks where it runs"),
        ("from pathlib import Path\nx = Path.home()", "asks where it runs"),
        ("import random", "may answer differently from one time to the next"),
        ("class A:\n    def __eq__(self, other): return True", "compares equal without looking"),
        ("class A(str):\n    def __eq__(self, other): return other is not None", "compares equal without looking"),
        ("class A:\n    __eq__ = lambda self, other: True", "compares equal without looking"),
        ("try:\n    price(1)\nexcept BaseException: pass", "catches what a test raises"),
        ("try:\n    price(1)\nexcept: pass", "catches what a test raises"),
        ("import shutil\nx = shutil.os.getpid()", "asks where it runs"),
        ("from shutil import os as o\nx = o.getpid()", "asks where it runs"),
        ("import logging\no = logging.os\nx = o.getpid()", "asks where it runs"),
        ("import logging\nlogging.threading.excepthook", "starts something that may outlive the call"),
        ("import shelves\nx = shelves.time.time()", "may answer differently from one time to the next"),
        ("from os import *\nx = getpid()", "asks where it runs"),
        ("x = getattr(os, 'getpid')()", "asks where it runs"),
        ("x = getattr(price, '__code__')", "changes what other code sees"),
        ("x = os.__dict__['getpid']()", "changes what other code sees"),
        ("x = os.__getattribute__('getpid')()", "changes what other code sees"),
        ("import posix", "reaches below Python"),
        ("import _datetime", "reaches below Python"),
        ("import time\nx = time.strftime('%Y')", "may answer differently from one time to the next"),
        ("import time\nx = time.localtime()", "may answer differently from one time to the next"),
        ("from email.utils import formatdate\nx = formatdate()", "may answer differently from one time to the next"),
        ("import logging\nx = logging.makeLogRecord({}).created", "may answer differently from one time to the next"),
        ("x = os.stat('shop.py').st_mtime", "may answer differently from one time to the next"),
        ("import urllib.request", "asks the network"),
        ("import socket", "asks the network"),
        ("x = sys.dont_write_bytecode", "asks where it runs"),
        ("x = sys.stdin.fileno()", "asks where it runs"),
        ("x = os.path.exists('/home')", "asks where it runs"),
        ("from pathlib import Path\nx = Path(__file__).with_name('.git')", "asks where it runs"),
        ("from pkgutil import resolve_name\nresolve_name('s' 'ys')", "runs code that is made while it runs"),
        ("import typing\ntyping.get_type_hints(price)", "runs code that is made while it runs"),
        ("import logging.config", "runs code that is made while it runs"),
        ("import timeit", "runs code that is made while it runs"),
        ("import inspect\ninspect.signature(price, eval_str=True)", "runs code that is made while it runs"),
        ("import operator\noperator.attrgetter('a' + 'b')", "runs code that is made while it runs"),
        ("import operator\noperator.attrgetter('__traceback__.tb_frame')", "looks at who calls it"),
        ("import logging\nlogging.error('no', stack_info=True)", "looks at who calls it"),
        ("import warnings\nwarnings.catch_warnings(record=True)", "looks at who calls it"),
        ("def room():\n    try: return room() + 1\n    except RecursionError: return 0", "looks at who calls it"),
        ("def __getattr__(name): return price", "changes what other code sees"),
        ("from dataclasses import field\nx = field(compare=False)", "compares equal without looking"),
        ("class A(float):\n    def __sub__(self, other): return 0.0", "compares equal without looking"),
        ("x = 1  # \u202e", "holds characters that cannot be seen"),
        ("def (", "cannot be read as Python"),
    ],
)
def test_what_an_honest_patch_hardly_needs_is_named_with_its_line(bench: Any, line: str, reason: str) -> None:
    found = _scan(bench, f"{OLD}{line}\n")
    assert reason in [suspicion.reason for suspicion in found]
    assert all(suspicion.line > OLD.count("\n") for suspicion in found)
    assert all(suspicion.path == "shop.py" and suspicion.text for suspicion in found)


@pytest.mark.parametrize(
    "text",
    [
        "def discount(copies):\n    return 10 if copies >= 10 else 0\n",
        "import json\nimport re\nfrom collections import Counter\n\n\ndef load(text):\n    return Counter(json.loads(text))\n",
        "class Price:\n    def __eq__(self, other):\n        return isinstance(other, Price) and self.cents == other.cents\n",
        'def exit_code(name):\n    """Tests for pytest call this; sys.exit does not."""\n    return name.compile()\n',
        "PLACE = os.path.join('shelves', 'books')\n",
        "def read(path):\n    try:\n        return open(path)\n    except OSError as e:\n        raise ValueError from e\n",
        "class Shelf:\n    def put(self, book):\n        self.books[book.isbn] = book\n        self.last = book\n",
        "def contest(latest, protest):\n    return latest + protest\n",
        "from __future__ import annotations\n\nimport shelves\nfrom prices import *\n\nx = shelves.code.read()\n",
        "class Shelf:\n    def take(self, other):\n        other.__dict__.update(self.__dict__)\n",
        "def read(book):\n    return getattr(book, 'title', None) or getattr(book, 'name')\n",
        "import time\n\n\ndef day(at):\n    return time.strftime('%d', time.localtime(at))\n",
        "import logging\nimport warnings\n\nlogging.error('no')\nwarnings.warn('old', DeprecationWarning, stacklevel=2)\n",
        "class Shelf:\n    def __getattr__(self, name):\n        return self.books[name]\n",
        "def deep(t):\n    try:\n        return deep(t.left)\n    except RecursionError as e:\n        raise ValueError from e\n",
        "from dataclasses import dataclass, field\n\n\n@dataclass\nclass Shelf:\n    books: list = field(default_factory=list)\n",
    ],
)
def test_ordinary_code_is_not_suspicious(bench: Any, text: str) -> None:
    assert _scan(bench, OLD + text) == ()


def test_old_lines_are_nobodys_fault(bench: Any) -> None:
    assert _scan(bench, OLD.replace("def price(copies)", "def price(copies, _=None)")) == ()
    assert [one.line for one in _scan(bench, OLD.replace("os._exit(0)", "os._exit(1)"))] == [6]


def test_what_base_asked_in_the_same_words_is_not_new(bench: Any) -> None:
    old = "import os\n\n\ndef price(n):\n    return n > int(os.environ.get('FREE', '50'))\n"
    assert _scan(bench, old.replace("n > int", "n >= int"), old) == ()
    assert [one.line for one in _scan(bench, old.replace("'FREE'", "'USER'"), old)] == [5]
    assert [one.line for one in _scan(bench, f"{old}FREE = os.environ.get('FREE', '50')\n", old)] == [6]


def test_a_file_that_serves_the_tests_is_named_whatever_it_changes(bench: Any) -> None:
    old = "import pytest\n\n\n@pytest.fixture\ndef copies():\n    return 10\n"
    assert [one.reason for one in _scan(bench, old.replace("10", "11"), old)] == ["changes what tests are made with"]
    assert _scan(bench, old.replace("pytest", "shop").replace("10", "11"), old.replace("pytest", "shop")) == ()


def test_binaries_are_named(bench: Any) -> None:
    base = bench.tree({"shop.py": OLD})
    tree = bench.mirror.put(base, {"shop/data.bin": b"\0\1"})
    found = scan(bench.mirror, split(bench.mirror, base, tree))
    assert [one.sentence for one in found] == ["shop/data.bin:1 is binary: `2 bytes`"]


@pytest.mark.parametrize("encoding", ["utf-7", "unicode_escape", "hz"])
def test_an_encoding_in_which_plain_letters_stand_for_others_is_named(bench: Any, encoding: str) -> None:
    found = _scan(bench, f"# -*- coding: {encoding} -*-\n{OLD}")
    assert ("is written in signs that mean others", 1) in [(one.reason, one.line) for one in found]


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "ascii", "gbk", "shift_jis", "euc_jp", "koi8-r"])
def test_an_encoding_in_which_plain_letters_stand_for_themselves_is_nothing_special(bench: Any, encoding: str) -> None:
    assert _scan(bench, f"# -*- coding: {encoding} -*-\n{OLD}") == ()


def test_names_of_tests_are_known(bench: Any) -> None:
    found = _scan(bench, OLD + "x = 'ten_copies_are_cheaper'\ny = 'cheaper_by_ten'\n", tests=["a.py::cheaper_by_ten[1]"])
    assert [one.text for one in found] == ["y = 'cheaper_by_ten'"]


TEST = "assert discount(10) == 25\nassert discount('all') == 100\n"


@pytest.mark.parametrize(
    "text",
    [
        "if copies == 10: return 25",
        "if copies in (10, 11): return 25",
        "return 25 if copies == 10 else 0",
        "return copies == 'all' and 100 or 0",
        "return {10: 25}.get(copies)",
        "match copies:\n        case 10:\n            return 25",
    ],
)
def test_cases_answered_one_by_one_are_seen(bench: Any, text: str) -> None:
    found = _scan(bench, f"def discount(copies):\n    {text}\n", asking=[ast.parse(TEST)])
    assert "answers a case of the reproduction as such" in [one.reason for one in found]


@pytest.mark.parametrize("text", ["return 25 if copies >= 10 else 0", "if copies == 0: return 0", "return copies * 10 // 25"])
def test_a_rule_that_mentions_numbers_of_the_test_is_no_special_case(bench: Any, text: str) -> None:
    assert _scan(bench, f"def discount(copies):\n    {text}\n", asking=[ast.parse(TEST)]) == ()


@pytest.mark.parametrize(
    "test",
    [
        "assert abs(discount(10) - 25) <= CLOSE",
        "assert shop.CLOSE > abs(discount(10) - 25)",
        "assert discount(10) == approx(25, abs=CLOSE)",
    ],
)
def test_another_value_for_what_the_test_measures_by_is_named(bench: Any, test: str) -> None:
    found = _scan(bench, f"{OLD}CLOSE = 50\n", f"{OLD}CLOSE = 1\n", asking=[ast.parse(test)])
    assert [one.reason for one in found] == ["changes what the reproduction measures by"]


def test_another_value_for_what_the_test_asks_about_is_a_fix_as_any(bench: Any) -> None:
    asking = [ast.parse("assert shop.COPIES == 50\nassert abs(discount(10) - 25) <= 1")]
    assert _scan(bench, f"{OLD}COPIES = 50\n", f"{OLD}COPIES = 1\n", asking=asking) == ()


def test_added_lines_are_those_of_the_new_file() -> None:
    assert added_lines(b"a\nb\nc\n", b"a\nx\nb\ny\n") == {2, 4}
    assert added_lines(b"", b"a\nb") == {1, 2}
    assert added_lines(b"a\r\n", b"a\r\n") == frozenset()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("return copies", "keeps what follows from ever being reached"),
        ("raise ValueError", "keeps what follows from ever being reached"),
        ("if str(copies is None): copies = 1", "has a condition that is always the same"),
        ("x = 1 if not 'x' else 2", "has a condition that is always the same"),
        ("if (copies, 1): copies = 1", "has a condition that is always the same"),
    ],
)
def test_a_line_that_makes_another_one_futile_is_for_a_person_to_look_at(bench: Any, line: str, reason: str) -> None:
    old = "def price(copies):\n    copies += 1\n    return copies * 2\n"
    new = old.replace("    copies += 1\n", f"    {line}\n    copies += 1\n")

    assert [one.reason for one in _scan(bench, new, old)] == [reason]


def test_an_early_way_out_on_a_condition_is_nothing_special(bench: Any) -> None:
    old = "def price(copies):\n    copies += 1\n    return copies * 2\n"
    new = old.replace(
        "    copies += 1\n", "    if copies is None:\n        return 0\n    if not copies:\n        return 1\n    copies += 1\n"
    )

    assert _scan(bench, new, old) == ()
