"""Which tests a change can reach, by what they reached before and by what files import."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace

import pytest

from swarm.code.blocks import MODULE, blocks
from swarm.code.impact import Choice, Footprint, Reason, Trace, chosen, footprint, lost
from swarm.code.snapshot import Snapshot

FILES = {
    "shop/__init__.py": "",
    "shop/prices.py": """from shop import rates

LIMIT = 50


def shipping(total):
    return rates.of(total)


def tax(total):
    return total
""",
    "shop/rates.py": "def of(total):\n    return total\n",
    "shop/lonely.py": "def alone():\n    return 1\n",
    "data/rates.json": "{}",
    "tests/test_prices.py": """from shop.prices import shipping


def test_shipping():
    assert shipping(1)


def test_tax():
    pass
""",
    "tests/test_lonely.py": "import shop.lonely\n\n\ndef test_alone():\n    pass\n",
}
SHIPPING, TAX, ALONE = "tests/test_prices.py::test_shipping", "tests/test_prices.py::test_tax", "tests/test_lonely.py::test_alone"
TRACES = {
    SHIPPING: Trace(
        {"shop/prices.py": (6,), "shop/rates.py": (1,), "tests/test_prices.py": (4,)}, ("data/rates.json",), ("data",)
    ),
    TAX: Trace({"tests/test_prices.py": (8,), "shop/prices.py": (10,)}),
    ALONE: Trace({"tests/test_lonely.py": (4,)}),
    "": Trace({}, ("pytest.ini",)),
}


def snapshot(files: Mapping[str, str]) -> Snapshot:
    names = {path: hashlib.sha1(text.encode()).hexdigest() for path, text in files.items()}
    tree = hashlib.sha1(repr(sorted(names.items())).encode()).hexdigest()
    return Snapshot(tree, names, lambda path: files[path].encode(), lambda path: blocks(files[path].encode()))


BEFORE = snapshot(FILES)
KNOWN = {test: footprint(test, BEFORE, TRACES, passed=True, seconds=0.1) for test in (SHIPPING, TAX, ALONE)}
TESTS = ("tests/test_prices.py", "tests/test_lonely.py", "tests/test_new.py")


def after(known: Mapping[str, Footprint] = KNOWN, **changes: str | None) -> Choice:
    files = {**FILES, **{path.replace("__", "/").replace("_dot_", "."): text for path, text in changes.items()}}
    now = snapshot({path: text for path, text in files.items() if text is not None})
    return chosen(known, TESTS, BEFORE, now)


def edited(path: str, old: str, new: str) -> dict[str, str]:
    assert old in FILES[path]
    return {path.replace("/", "__").replace(".", "_dot_"): FILES[path].replace(old, new)}


def test_nothing_changed_reaches_nobody() -> None:
    assert after() == Choice({}, (), 3)


@pytest.mark.parametrize(
    ("path", "old", "new", "wanted"),
    [
        ("shop/rates.py", "return total", "return 2 * total", (SHIPPING,)),
        ("shop/prices.py", "def tax(total):\n    return total", "def tax(total):\n    return -total", (TAX,)),
        ("shop/lonely.py", "return 1", "return 2", ()),
        ("data/rates.json", "{}", "[]", (SHIPPING,)),
        ("shop/rates.py", "def of(total):\n", "def of(total):\n    # as it is\n\n", ()),
        ("tests/test_lonely.py", "    pass", "    assert 1", (ALONE,)),
    ],
)
def test_an_edit_of_a_function_or_of_data_reaches_those_that_used_it(
    path: str, old: str, new: str, wanted: tuple[str, ...]
) -> None:
    choice = after(**edited(path, old, new))

    assert (choice.tests, dict(choice.files)) == (wanted, {})
    assert choice.spared == 3 - len(wanted)


@pytest.mark.parametrize(
    "changes",
    [
        edited("shop/prices.py", "LIMIT = 50", "LIMIT = 60"),
        edited("shop/prices.py", "def tax(total)", "def tax(total, rate)"),
        {"shop__rates_dot_py": None},
        {"tests__conftest_dot_py": "import pytest\n"},
        {"pytest_dot_ini": "[pytest]\n"},
        {"lib__shop__rates_dot_py": "def of(total):\n    return 0\n"},
    ],
    ids=["a constant", "a signature", "a module is gone", "a new conftest", "new settings", "a new module of an imported name"],
)
def test_what_is_outside_of_functions_reaches_every_test_of_the_files_that_import_it(changes: dict[str, str | None]) -> None:
    choice = after(**changes)

    assert choice.files["tests/test_prices.py"] is Reason.REACHES


def test_a_new_file_in_a_folder_that_a_test_lists_reaches_it() -> None:
    assert after(data__more_dot_json="{}").tests == (SHIPPING,)


def test_a_test_that_failed_or_starts_processes_is_run_whatever_changed() -> None:
    failed = {ALONE: footprint(ALONE, BEFORE, TRACES, passed=False, seconds=0)}
    opaque = {ALONE: footprint(ALONE, BEFORE, {**TRACES, ALONE: Trace({}, opaque=True)}, passed=True, seconds=0)}

    assert after(failed).tests == (ALONE,)
    assert after(opaque).tests == ()
    assert after(opaque, README="text").tests == (ALONE,)


def test_tests_that_were_never_run_are_chosen_by_their_imports_and_by_what_they_name() -> None:
    fresh: dict[str, Footprint] = {}
    choice = after(fresh, **edited("shop/rates.py", "return total", "return 1"))
    assert choice.files == {"tests/test_prices.py": Reason.IMPORTS, "tests/test_lonely.py": Reason.UNKNOWN}
    assert after(fresh, shop__lonely_dot_py=None).files["tests/test_lonely.py"] is Reason.IMPORTS
    assert after(fresh, tests__test_new_dot_py="def test_it(): pass\n").files["tests/test_new.py"] is Reason.IMPORTS


def test_what_an_import_runs_counts_for_whoever_imports_it() -> None:
    traces = {**TRACES, "shop/prices.py": Trace({"shop/lonely.py": (0, 1)})}
    known = {SHIPPING: footprint(SHIPPING, BEFORE, traces, passed=True, seconds=0)}

    assert after(known, **edited("shop/lonely.py", "return 1", "return 2")).tests == (SHIPPING,)


def test_blocks_are_functions_methods_and_the_rest_and_comments_are_none() -> None:
    source = b"""import os.path
from . import near


class A:
    SIZE = 1

    @staticmethod
    def m():
        def inner():
            return 1
        return inner
"""
    found = blocks(source)

    assert [(one.name, one.first, one.last) for one in found.functions] == [("A.m", 8, 12)]
    assert (found.at(6), found.at(11)) == (MODULE, "A.m")
    assert found.imports == ("os.path", ".", ".near")
    assert blocks(source.replace(b"return 1", b"return 1  # one")) == found
    assert blocks(source.replace(b"SIZE = 1", b"SIZE = 2")).module != found.module
    assert not blocks(b"def broken(:\n").readable


def test_a_test_that_failed_on_another_state_is_not_run_again_once_that_is_gone() -> None:
    wrong = snapshot({**FILES, "shop/rates.py": "def of(total):\n    return 0\n"})
    failed = footprint(SHIPPING, wrong, TRACES, passed=False, seconds=0.1)
    known = {**KNOWN, SHIPPING: replace(failed, passed_before=KNOWN[SHIPPING])}

    assert after(known) == Choice({}, (), 3)
    assert after({**KNOWN, SHIPPING: failed}).tests == (SHIPPING,), "nobody has seen it pass here"
    assert SHIPPING in after(known, shop__rates_dot_py="def of(total):\n    return 0\n").tests


def test_a_test_that_has_passed_and_failed_on_the_same_state_is_run_again() -> None:
    failed = footprint(SHIPPING, BEFORE, TRACES, passed=False, seconds=0.1)

    assert after({**KNOWN, SHIPPING: replace(failed, passed_before=KNOWN[SHIPPING])}).tests == (SHIPPING,)


@pytest.mark.parametrize("name", ["pytest.ini", "a/pytest.ini", "a/b/tox.ini", "a/b/pyproject.toml", "a/pyproject.toml"])
def test_settings_in_the_folder_of_a_project_and_above_it_decide_what_its_tests_do(name: str) -> None:
    files = {f"a/b/{path}": text for path, text in FILES.items()}
    known = "a/b/tests/test_lonely.py::test_alone"
    before = replace(snapshot(files), folder="a/b")
    traces = {known: Trace({"a/b/tests/test_lonely.py": (4,)})}
    print_ = footprint(known, before, traces, passed=True, seconds=0.1)
    text = "[tool.pytest.ini_options]\n" if name.endswith(".toml") else "[pytest]\n"

    elsewhere, here = (replace(snapshot({**files, **more}), folder="a/b") for more in ({"c/pytest.ini": ""}, {name: text}))
    assert print_.holds(elsewhere, lost([print_], elsewhere))
    assert not print_.holds(here, lost([print_], here))
