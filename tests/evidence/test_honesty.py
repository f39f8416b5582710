"""What the report says of changed tests."""

import ast
import json
import textwrap
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from swarm.evidence.changes import Kind
from swarm.evidence.honesty import Honesty, compare

PATH = "tests/test_shop.py"
RUNNER, MARK, MONKEY = "pytest", "pytest.mark", "monkeypatch"
"""Words that no test of swarm may use, and that these must speak about."""


def report(old: str, new: str) -> Honesty:
    return compare({PATH: textwrap.dedent(old).encode()}, {PATH: textwrap.dedent(new).encode()})


def body(*lines: str) -> str:
    """A test of these lines."""
    return "def test_it(client, tmp_path):\n" + "".join(f"    {line}\n" for line in lines)


def kinds(honesty: Honesty) -> set[str]:
    return {change.saw.kind.value for change in honesty.changes}


@pytest.mark.parametrize(
    ("old", "new", "detail"),
    [
        ("assert f(1) == 2", "pass", "removed"),
        ("assert f(1) == 2; assert f(2) == 3", "assert f(2) == 3", "removed"),
        ("assert f(1) == 2 and f(2) == 3", "assert f(2) == 3", "removed"),
        ("assert f(1) == 2", "f(1) == 2", "removed"),
        ("m.assert_called_once_with(1)", "m.assert_called_once_with", "removed"),
        ("assert f(1) == 2", "assert True", "always true"),
        ("assert f(1) == 2", "assert (f(1) == 2, 'message')", "always true"),
        ("assert f(1) == 2", "assert f(1) == f(1)", "always true"),
        ("assert f(1) == 2", "assert f(1) == 2 or True", "always true"),
        ("assert f(1) == [1]", "assert len(f(1)) >= 0", "always true"),
        ("assert f(1) == 2", "assert isinstance(f(1), object)", "always true"),
        ("self.assertEqual(f(1), 2)", "self.assertTrue(True)", "always true"),
        ("assert f(1) == 2", "assert f(1) == 2 or f(1) == 3", "alternative"),
        ("assert f(1) == 2", "assert f(1) in (2, 3)", "demands less"),
        ("assert f(1) == 2", "assert f(1) >= 2", "demands less"),
        ("assert f(1) == 2", "assert f(1) != 3", "demands less"),
        ("assert f(1) == 2", "assert f(1)", "demands less"),
        ("assert f(1) == 2", "assert f(1) is not None", "demands less"),
        ("assert f(1) == 2", "assert f(1) == pytest.approx(2, rel=1e9)", "demands less"),
        ("assert f(1) is None", "assert not f(1)", "demands less"),
        ("assert 2 == f(1)", "assert isinstance(f(1), int)", "demands less"),
        ("assert all(f(1))", "assert any(f(1))", "demands less"),
        ("self.assertEqual(f(1), 2)", "self.assertIn(f(1), (2, 3))", "demands less"),
        ("self.assertEqual(f(1), 2)", "self.assertAlmostEqual(f(1), 2, delta=5)", "demands less"),
        ("m.assert_called_once_with(1)", "m.assert_called()", "demands less"),
        ("assert f(1) == pytest.approx(2, abs=0.1)", "assert f(1) == pytest.approx(2, abs=10)", "tolerance"),
        ("assert f(1) == pytest.approx(2)", "assert f(1) == pytest.approx(2, 0.5)", "tolerance"),
        ("assert math.isclose(f(1), 2)", "assert math.isclose(f(1), 2, rel_tol=0.5)", "tolerance"),
        ("self.assertAlmostEqual(f(1), 2, 7)", "self.assertAlmostEqual(f(1), 2, 1)", "tolerance"),
        ("np.testing.assert_allclose(f(1), 2, rtol=1)", "np.testing.assert_allclose(f(1), 2, rtol=x)", "tolerance"),
        ("with raises(ValueError):\n        f()", "with raises(Exception):\n        f()", "wider class"),
        ("with raises(KeyError):\n        f()", "with raises(LookupError):\n        f()", "wider class"),
        ("with raises(Mine):\n        f()", "with raises((Mine, TypeError)):\n        f()", "wider class"),
        ("with raises(Mine, match='a'):\n        f()", "with raises(Mine):\n        f()", "not looked at"),
        ("with self.assertRaises(ValueError):\n        f()", "f()", "removed"),
        ("assert f(1) == 2", "try:\n        assert f(1) == 2\n    except AssertionError:\n        pass", "except AssertionError"),
        ("assert f(1) == 2", "with contextlib.suppress(Exception):\n        assert f(1) == 2", "with contextlib.suppress"),
        ("assert f(1) == 2", "if f(1) == 2:\n        assert f(1) == 2", "if f(1) == 2"),
        ("assert f(1) == 2", "for x in []:\n        assert f(1) == 2", "for x in []"),
        ("assert f(1) == 2", "return\n    assert f(1) == 2", "end before"),
        ("assert f(1) == 2", "if not f(1):\n        return\n    assert f(1) == 2", "end before"),
        ("assert f(1) == 2", "os._exit(0)\n    assert f(1) == 2", "end before"),
        ("assert f(1) == 2", f"{MONKEY}.setattr(shop, 'f', lambda x: 2)\n    assert f(1) == 2", "puts something else"),
        ("assert f(1) == 2", "with mock.patch('shop.f', return_value=2):\n        assert f(1) == 2", "puts something else"),
    ],
)
def test_an_assertion_that_asks_less_is_weakened(old: str, new: str, detail: str) -> None:
    honesty = report(body(*old.split("; ")), body(*new.split("; ")))

    assert [change.saw.kind for change in honesty.suspicious] == [Kind.WEAKENED]
    assert detail in honesty.suspicious[0].saw.detail
    assert honesty.suspicious[0].test == f"{PATH}::test_it"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("assert f(1) == 2", "assert f(1) == 3"),
        ("assert 2 == f(1)", "assert 3 == f(1)"),
        ("self.assertEqual(f(1), 2)", "self.assertEqual(f(1), 3)"),
        ("assert f(1) in (1, 2)", "assert f(1) in (1, 2, 3)"),
        ("assert f(1) > 2", "assert f(1) > 1"),
        ("with raises(ValueError):\n        f()", "with raises(TypeError):\n        f()"),
        ("with raises(ValueError, match='a'):\n        f()", "with raises(ValueError, match='b'):\n        f()"),
        ("assert f(50) == 0", "assert f(51) == 0"),
        ("for x in (1, 2):\n        assert f(x) == x", "for x in (1,):\n        assert f(x) == x"),
    ],
)
def test_an_assertion_that_expects_something_else_is_retuned(old: str, new: str) -> None:
    assert kinds(report(body(old), body(new))) == {"retuned"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("assert f(1)", "assert f(1) == 2"),
        ("assert f(1) == 2", "assert f(1) == 2; assert f(2) == 3"),
        ("assert f(1) == pytest.approx(2, abs=1)", "assert f(1) == pytest.approx(2, abs=0.1)"),
        ("self.assertAlmostEqual(f(1), 2, 1)", "self.assertAlmostEqual(f(1), 2, 7)"),
        ("x = 1; assert f(x) == 2", "x = 2; assert f(x) == 2"),
    ],
)
def test_what_is_not_weaker_is_not_called_so(old: str, new: str) -> None:
    assert kinds(report(body(*old.split("; ")), body(*new.split("; ")))) == {"changed"}


CASES = "@pytest.mark.parametrize('x', [{}])\ndef test_it(x):\n    assert f(x)\n"
PLAIN = "def test_it():\n    assert f(1) == 2\n"
METHOD = "class TestShop(unittest.TestCase):\n    def test_it(self):\n        self.assertEqual(f(1), 2)\n"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (PLAIN, f"@{MARK}.skip\n{PLAIN}"),
        (PLAIN, f"@{MARK}.skipif(True, reason='x')\n{PLAIN}"),
        (PLAIN, f"@pytest.mark.xfail\n{PLAIN}"),
        (PLAIN, f"pytestmark = {MARK}.skip\n{PLAIN}"),
        (PLAIN, f"pytestmark = [pytest.mark.xfail(strict=False)]\n{PLAIN}"),
        (PLAIN, f"if sys.platform == 'win32':\n{textwrap.indent(PLAIN, '    ')}"),
        (PLAIN, f"def test_it():\n    {RUNNER}.skip('x')\n    assert f(1) == 2\n"),
        (PLAIN, "def test_it():\n    raise unittest.SkipTest\n    assert f(1) == 2\n"),
        (METHOD, f"@unittest.skip('x')\n{METHOD}"),
        (METHOD, METHOD.replace("    def", "    @unittest.expectedFailure\n    def")),
        (METHOD, METHOD.replace("        self.a", "        self.skipTest('x')\n        self.a")),
        (CASES.format("1, 2"), CASES.format(f"1, pytest.param(2, marks={MARK}.skip)")),
    ],
)
def test_a_test_that_may_be_left_out_is_skipped(old: str, new: str) -> None:
    assert kinds(report(old, new)) == {"skipped"}


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        ("1, 2", "1", "weakened"),
        ("1, 2", "1, 3", "retuned"),
        ("1, 2", "2, 1, 3", "added"),
        ("1, 2", "2, 1", ""),
    ],
)
def test_the_cases_of_a_parametrised_test_are_compared(old: str, new: str, kind: str) -> None:
    honesty = report(CASES.format(old), CASES.format(new))

    assert kinds(honesty) - {"changed"} == ({kind} if kind else set())


NAMED = "CASES = [1, 2]\n@pytest.mark.parametrize('n', CASES)\ndef test_it(n):\n    assert f(n) == n\n"


@pytest.mark.parametrize(
    ("new", "kind"),
    [
        ("[1, 2, 3]", "added"),
        ("[1]", "weakened"),
        ("[1, 3]", "retuned"),
        ("[1, pytest.param(2, marks=pytest.mark.skip)]", "skipped"),
    ],
)
def test_cases_under_a_name_of_their_own_are_compared_one_by_one(new: str, kind: str) -> None:
    assert kinds(report(NAMED, NAMED.replace("[1, 2]", new))) == {kind}


def test_a_name_that_something_else_uses_as_well_is_more_than_a_list_of_cases() -> None:
    used = f"{NAMED}def test_all():\n    assert f(CASES) == CASES\n"
    assert kinds(report(used, used.replace("[1, 2]", "[1, 2, 3]"))) == {"support"}


@pytest.mark.parametrize(
    "new",
    [
        "",
        "def _test_it():\n    assert f(1) == 2\n",
        "def check_it():\n    assert f(1) == 2\n",
        f"{PLAIN}test_it = None\n",
        f"{PLAIN}del test_it\n",
        "@pytest.fixture\ndef test_it():\n    assert f(1) == 2\n",
    ],
)
def test_a_test_that_is_no_test_any_more_is_deleted(new: str) -> None:
    honesty = report(PLAIN, new)

    assert f"{PATH}::test_it" in [change.test for change in honesty.of(Kind.DELETED)]


@pytest.mark.parametrize(
    "new",
    [
        METHOD.replace("TestShop(unittest.TestCase)", "Shop"),
        METHOD.replace("    def", "    __test__ = False\n\n    def"),
        METHOD.replace("(unittest.TestCase)", "").replace("    def", "    def __init__(self):\n        pass\n\n    def"),
    ],
)
def test_a_class_that_no_runner_looks_into_has_no_tests(new: str) -> None:
    assert [change.test for change in report(METHOD, new).of(Kind.DELETED)] == [f"{PATH}::TestShop::test_it"]


def test_a_second_test_of_the_same_name_hides_the_first() -> None:
    assert kinds(report(PLAIN, f"{PLAIN}\n\ndef test_it():\n    pass\n")) == {"weakened"}


def test_a_test_that_moved_or_got_another_name_is_renamed_and_still_compared() -> None:
    old = {"tests/test_a.py": f"{PLAIN}\n\ndef test_more():\n    assert g() == 1\n".encode()}
    new = {
        "tests/unit/test_a.py": PLAIN.replace("test_it", "test_one").encode(),
        "tests/test_b.py": b"def test_more():\n    assert g()\n",
    }

    honesty = compare(old, new)

    assert {(change.saw.kind.value, change.test) for change in honesty.changes} == {
        ("renamed", "tests/test_a.py::test_it"),
        ("renamed", "tests/test_a.py::test_more"),
        ("weakened", "tests/test_b.py::test_more"),
    }


def test_new_tests_are_added_and_nothing_to_worry_about() -> None:
    honesty = report(PLAIN, f"{PLAIN}\n\ndef test_more():\n    assert f(2)\n\n\ndef helper():\n    pass\n")

    assert kinds(honesty) == {"added"}
    assert honesty.suspicious == ()


SUPPORTED = """
import pytest
from shop import f

EXPECTED = 2


@pytest.fixture
def start():
    return 1


def double(x):
    return 2 * x


class TestShop:
    def setup_method(self):
        self.x = 1

    def test_it(self, start):
        assert f(start) == EXPECTED

    def test_double(self):
        assert f(double(1)) == 4
"""


@pytest.mark.parametrize(
    ("old", "new", "name", "count"),
    [
        ("return 1", "return 3", "`start`", 1),
        ("EXPECTED = 2", "EXPECTED = 5", "`EXPECTED`", 1),
        ("return 2 * x", "return 4", "`double`", 1),
        ("self.x = 1", "self.x = 2", "`TestShop::setup_method`", 2),
        ("from shop import f", "from fake import f", "`f`", 2),
        ("EXPECTED = 2", "EXPECTED = 2\n\n\n@pytest.fixture(autouse=True)\ndef easy():\n    pass", "`easy`", 2),
        ("EXPECTED = 2", "EXPECTED = 2\n\n\ndef len(x):\n    return 2", "`len`", 0),
        ("EXPECTED = 2", "EXPECTED = 2\nTestShop.test_it = lambda self: None", "loaded", 0),
        ("import pytest", "import sys\nimport pytest\nsys.modules['shop'] = 3", "loaded", 0),
        ("class TestShop:", "class TestShop(Easy):", "`TestShop`", 2),
    ],
)
def test_what_tests_lean_on_is_told_with_those_who_do(old: str, new: str, name: str, count: int) -> None:
    honesty = report(SUPPORTED, SUPPORTED.replace(old, new))

    assert kinds(honesty) == {"support"}
    assert name in honesty.changes[0].saw.detail
    assert len(honesty.changes[0].affects) == count


def test_a_conftest_reaches_the_tests_beside_and_below_it() -> None:
    hook = b"def pytest_collection_modifyitems(items):\n    items.clear()\n"
    files = {"tests/conftest.py": b"", "tests/a/test_a.py": PLAIN.encode(), "other/test_b.py": PLAIN.encode()}

    honesty = compare(files, {**files, "tests/conftest.py": hook})

    assert [change.affects for change in honesty.changes] == [("tests/a/test_a.py::test_it",)]


def test_a_fixture_that_takes_the_place_of_a_shared_one_is_told() -> None:
    fixture = "import pytest\n\n\n@pytest.fixture\ndef start():\n    return {}\n\n\n"
    test = "def test_it(start):\n    assert start\n"
    files = {"tests/conftest.py": fixture.format(1).encode(), "tests/test_a.py": f"import pytest\n\n\n{test}".encode()}

    honesty = compare(files, {**files, "tests/test_a.py": (fixture.format(2) + test).encode()})

    assert [(change.saw.detail, change.affects) for change in honesty.changes] == [
        ("`start` was added", ("tests/test_a.py::test_it",))
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"src/a.test.js": b"test()"}, {"src/a.test.js": b""}, {("src/a.test.js", "changed")}),
        ({"tests/data.json": b"{}"}, {}, {("tests/data.json", "deleted")}),
        ({}, {"cart_test.go": b""}, {("cart_test.go", "added")}),
        ({PATH: b"def test_it("}, {PATH: b"def test_it(:"}, {(PATH, "changed")}),
        ({PATH: b"\xff\xfe"}, {PATH: b"\0"}, {(PATH, "changed")}),
        ({"shop.py": b"x = 1"}, {"shop.py": b"x = 2"}, set()),
    ],
)
def test_what_is_no_python_is_compared_as_a_whole(
    old: Mapping[str, bytes], new: Mapping[str, bytes], told: set[tuple[str, str]]
) -> None:
    assert {(change.test, change.saw.kind.value) for change in compare(old, new).changes} == told


def test_the_report_speaks_to_people_and_to_programs() -> None:
    honesty = report(PLAIN, PLAIN.replace("== 2", ">= 2"))

    told = json.loads(json.dumps(honesty.as_json()))
    sentence = f"weakened: {PATH}::test_it: an assertion demands less now: `f(1) == 2` became `f(1) >= 2` (line 2)"
    assert honesty.sentences == (sentence,)
    assert told["counts"]["weakened"] == 1
    assert told["changes"][0]["sentence"] == sentence
    assert told["changes"][0]["before"] == "f(1) == 2"


names = st.sampled_from(["alpha", "beta", "gamma", "delta"])
expressions = st.sampled_from(["f(1)", "x.y[0]", "-3", "'a' 'b'", "[1, 2]", "{'k': (1,)}", "1_000", "f(a=1, *b)", "(not z)"])
assertions = st.builds(
    "{0}".format,
    st.one_of(
        st.builds("assert {} == {}".format, expressions, expressions),
        st.builds("assert {} < {}, 'why'".format, expressions, expressions),
        st.builds("self.assertEqual({}, {}, msg='why')".format, expressions, expressions),
        st.builds("with pytest.raises({}): {}".format, st.sampled_from(["ValueError", "(A, B)"]), expressions),
        st.builds("for i in {}: assert {}".format, expressions, expressions),
        st.builds("value = {}".format, expressions),
    ),
)
decorators = st.sampled_from(["", "@pytest.mark.parametrize('x', [1, (2)])\n", "@mock.patch('a.b')\n", "@pytest.mark.slow\n"])


@st.composite
def modules(draw: st.DrawFn) -> str:
    """A file of tests."""
    parts = ["'''Tests.'''", "import pytest, os", f"LIMIT = {draw(expressions)}"]
    for name in draw(st.lists(names, min_size=1, unique=True)):
        lines = draw(st.lists(assertions, min_size=1, max_size=5))
        text = f"{draw(decorators)}def test_{name}(x):\n" + "".join(f"    {line}\n" for line in lines)
        parts.append(f"class Test{name.title()}:\n{textwrap.indent(text, '    ')}" if draw(st.booleans()) else text)
    return "\n".join(parts) + "\n"


def commented(source: str) -> str:
    """The same code with comments, blank lines and wider indentation."""
    lines = source.splitlines()
    wide = [line.replace(line[: len(line) - len(line.lstrip())], " " * 2 * (len(line) - len(line.lstrip())), 1) for line in lines]
    return "# first\n" + "\n\n".join(f"{line}  # a comment" for line in wide) + "\n\n# last\n"


@settings(max_examples=60, deadline=None)
@given(modules())
def test_formatting_comments_and_messages_are_nothing_to_report(source: str) -> None:
    for other in (source, commented(source), ast.unparse(ast.parse(source)), source.replace("'why'", "'another reason'")):
        assert report(source, other) == Honesty()


@settings(max_examples=60, deadline=None)
@given(modules(), st.data())
def test_an_assertion_never_goes_unnoticed(source: str, data: st.DataObject) -> None:
    tree = ast.parse(source)
    places = [
        (node.body, index)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        for index, statement in enumerate(node.body)
        if isinstance(statement, ast.Assert | ast.With)
    ]
    if places:
        statements, index = data.draw(st.sampled_from(places))
        statements[index] = ast.Pass()

    honesty = report(source, ast.unparse(tree))

    assert bool(honesty.suspicious) == bool(places)


@settings(max_examples=40, deadline=None)
@given(modules(), modules())
def test_any_two_files_can_be_compared_both_ways(one: str, two: str) -> None:
    assert bool(report(one, two).changes) == bool(report(two, one).changes)
