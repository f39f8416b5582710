"""Small edits of source: always Python, never more text than needed."""

import ast
import io
import tokenize
from difflib import SequenceMatcher
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import swarm.repair
from swarm.repair.edits import OPERATORS, Edit, drafts, edits
from swarm.repair.source import parse

NAMES = st.sampled_from(["a", "b", "count", "self.left", "items[0]", "len(items)", "é"])
NUMBERS = st.integers(0, 99).map(str)


SHAPES = [
    *(f"{{0}}{operator}{{1}}" for operator in [" + ", "-", " * ", " // ", "**", " % ", " < ", ">=", " == ", " and "]),
    *(f"({{0}}{operator}{{1}})" for operator in [" - ", " / ", "<=", " is not ", " in ", " not  in "]),
    "f({0}, {1}, key={0})",
    "items[{0} : ({1})]",
    "range({0})",
    "-({0})",
    "(  # why\n    {0}\n    )",
]
"""Expressions in which the operators find something, with odd spaces and parentheses."""
EXPRESSIONS = st.recursive(
    NAMES | NUMBERS, lambda inner: st.builds(str.format, st.sampled_from(SHAPES), inner, inner), max_leaves=6
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    """A function with a few odd expressions and a comment on every line."""
    found = draw(st.lists(EXPRESSIONS, min_size=1, max_size=3))
    body = "".join(f"    x = {one}  # é {at}\n" for at, one in enumerate(found))
    return f"def work(items, a, b, count, self):  # the way\n{body}"


SMALL = ("comparison", "off-by-one", "swapped-arguments")
"""Operators that change nothing but what stands in one line."""


def _made(source: str, operator: str) -> list[str]:
    """The sources after each edit by one operator."""
    return [edit.new_source.decode() for edit in edits("shop.py", source.encode(), [operator])]


def test_a_call_is_waited_for_only_where_that_can_be() -> None:
    source = "async def all_of(jobs):\n    first = await jobs[0]()\n    return [first, *[job() for job in jobs], jobs[1]() + 1]\n"
    made = _made(source, "awaited")
    assert any("[await job() for job in jobs]" in one for one in made)
    assert any("(await jobs[1]()) + 1" in one for one in made)
    assert any("first = jobs[0]()\n" in one for one in made)
    assert _made("def one(job):\n    return job()\n", "awaited") == []
    assert _made("async def one(job):\n    return lambda: job()\n", "awaited") == []


def test_a_constant_of_the_module_is_taken_for_another_one_of_it_with_a_like_name_first() -> None:
    head = "from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP\n\nCENT = 1\nSIZE: int = 2\n\n\n"
    made = _made(f"{head}def paid(sum):\n    return sum.quantize(CENT, rounding=ROUND_HALF_EVEN)\n", "other-constant")
    lines = [one.splitlines()[-1].strip() for one in made]
    assert "return sum.quantize(SIZE, rounding=ROUND_HALF_EVEN)" in lines
    tried = [line.partition("rounding=")[2] for line in lines if "(CENT," in line]
    assert tried == ["ROUND_HALF_UP)", "ROUND_DOWN)", "CENT)", "SIZE)"]


def test_an_exception_that_is_only_named_becomes_one_of_those_above_it() -> None:
    source = "def again(work, on=(ValueError, ConnectionResetError)):\n    with suppress(KeyError):\n        raise OSError\n"
    made = _made(source, "wider-exception")
    assert any("on=(ValueError, ConnectionError)" in one for one in made)
    assert any("suppress(LookupError)" in one for one in made)
    assert not any("BaseException" in one or "raise Exception" in one for one in made)
    assert _made("def f():\n    return KeyError('x')\n", "wider-exception") == []


@pytest.mark.parametrize("operator", OPERATORS)
def test_no_comparison_is_decided_before_anybody_looks(operator: str) -> None:
    source = (
        "def work(self, a, b):\n    if self.left is None or b == 0 or a == b:\n        return None\n    return 0, a, self.left\n"
    )
    for made in _made(source, operator):
        for node in ast.walk(ast.parse(made)):
            if isinstance(node, ast.Compare):
                left, right = node.left, node.comparators[0]
                assert ast.dump(left) != ast.dump(right), made
                assert not (isinstance(left, ast.Constant) and isinstance(right, ast.Constant)), made


def _comments(source: bytes) -> list[str]:
    tokens = tokenize.tokenize(io.BytesIO(source).readline)
    return [token.string for token in tokens if token.type == tokenize.COMMENT]


@settings(max_examples=30, deadline=None)
@given(programs())
def test_every_edit_is_python_keeps_the_comments_and_differs_by_little(source: str) -> None:
    before = source.encode()
    for edit in edits("shop.py", before, SMALL):
        after = edit.new_source
        assert ast.dump(parse(after)) != ast.dump(parse(before))
        assert _comments(after) == _comments(before)
        assert len(after.splitlines()) == len(before.splitlines())
        if edit.operator != "swapped-arguments":
            changed = [op for op in SequenceMatcher(a=source, b=after.decode(), autojunk=False).get_opcodes() if op[0] != "equal"]
            assert sum(max(end - start, to - at) for _, start, end, at, to in changed) <= 8


@settings(max_examples=30, deadline=None)
@given(programs())
def test_edits_come_in_the_same_order_and_never_twice(source: str) -> None:
    first, second = (list(islice(edits("shop.py", source.encode()), 300)) for _ in range(2))
    assert first == second
    assert len({edit.digest for edit in first}) == len(first)


@pytest.mark.parametrize("path", sorted(Path(swarm.repair.__file__).parent.glob("*.py")), ids=lambda path: path.name)
def test_real_files_are_edited_on_the_line_that_is_named(path: Path) -> None:
    before = path.read_bytes()
    lines = before.splitlines()
    for edit in list(islice(edits(path.name, before, SMALL), 40)):
        after = edit.new_source.splitlines()
        changed = [at for at, (old, new) in enumerate(zip(lines, after, strict=True), 1) if old != new]
        assert changed[0] == edit.line
        compile(edit.new_source, path.name, "exec")


@pytest.mark.parametrize(
    ("source", "operator", "expected"),
    [
        ("x = a < b\n", "comparison", ["x = a <= b\n", "x = a > b\n", "x = a >= b\n"]),
        ("def f(x=None):\n    if not x: g()\n", "not-given", ["def f(x=None):\n    if x is None: g()\n"]),
        (
            "def f(*, x=None):\n    return 1 if x else 2\n",
            "not-given",
            ["def f(*, x=None):\n    return 1 if (x is not None) else 2\n"],
        ),
        ("def f(x, y=0):\n    if not x or y: g()\n", "not-given", []),
        ("x = a < b\n", "comparison-kind", ["x = a != b\n", "x = a == b\n"]),
        ("x = a is not b\n", "comparison", ["x = a is b\n"]),
        ("x = a not  in b\n", "comparison", ["x = a in b\n"]),
        ("x = (a) in (  # why\n    b)\n", "comparison", ["x = (a) not in (  # why\n    b)\n"]),
        ("x = 3\n", "off-by-one", ["x = 4\n", "x = 2\n"]),
        ("x = 0\n", "off-by-one", ["x = 1\n", "x = -1\n"]),
        ("x = -1\n", "off-by-one", ["x = -0\n", "x = -2\n"]),
        ("x = n - 1\n", "off-by-one", ["x = n - 2\n", "x = n\n"]),
        ("x = (n) + 1\n", "off-by-one", ["x = (n) + 2\n", "x = (n)\n"]),
        ("x = y[i:]\n", "off-by-one", ["x = y[i + 1:]\n", "x = y[i - 1:]\n"]),
        ("x = y[i]\n", "off-by-one", ["x = y[i + 1]\n", "x = y[i - 1]\n"]),
        ("x = range(len(y))\n", "off-by-one", ["x = range(len(y) + 1)\n", "x = range(len(y) - 1)\n"]),
        ("x = True\n", "off-by-one", []),
        ("x: list[n] = 0.5\n", "off-by-one", []),
        ("f(a, b)\n", "swapped-arguments", ["f(b, a)\n"]),
        ("f(a, b, c)\n", "swapped-arguments", ["f(b, a, c)\n", "f(a, c, b)\n", "f(c, b, a)\n"]),
        ("f(x=a, y=b)\n", "swapped-arguments", ["f(x=b, y=a)\n"]),
        ("f(*a, b)\n", "swapped-arguments", []),
        ("f(a, a)\n", "swapped-arguments", []),
        ("x = a - b - c\n", "swapped-arguments", ["x = c - (a - b)\n", "x = b - a - c\n"]),
        ("x = a + b\n", "swapped-arguments", []),
    ],
)
def test_each_operator_does_what_it_is_there_for(source: str, operator: str, expected: list[str]) -> None:
    assert _made(source, operator) == expected


def test_what_compiles_to_the_same_is_tried_once() -> None:
    assert _made("def f():\n    return 'text'\n    x = 1\n", "off-by-one") == []
    assert _made("x = 1 + 2\n", "off-by-one") == ["x = 2 + 2\n", "x = 0 + 2\n"]


def test_an_edit_says_what_becomes_what() -> None:
    edit = next(edits("shop.py", b"if x:\n    y = left <= copies  # why\n"))
    assert edit == Edit(
        "shop.py",
        2,
        "comparison",
        "`y = left <= copies # why` becomes `y = left < copies # why`",
        b"if x:\n    y = left < copies  # why\n",
    )


def test_a_long_line_is_described_around_the_change() -> None:
    line = b"call(" + b"argument, " * 30 + b"a < b, " + b"argument, " * 30 + b")\n"
    edit = next(edits("shop.py", line, ["comparison"]))
    assert "a <= b" in edit.description
    assert len(edit.description) < 160


@pytest.mark.parametrize(
    "content",
    [
        "# -*- coding: latin-1 -*-\nx = 'é' if a < b else 'ü'\n".encode("latin-1"),
        "\ufeffx = 'é' if a < b else 'ü'\n".encode(),
        "x = 'é' if a < b else 'ü'\r\ny = 1\r\n".encode(),
        "x = 'é' if a < b else 'ü'".encode(),
    ],
    ids=["latin-1", "byte order mark", "carriage returns", "no newline at the end"],
)
def test_a_file_keeps_its_encoding_and_its_line_ends(content: bytes) -> None:
    edit = next(edits("shop.py", content, ["comparison"]))
    assert edit.new_source == content.replace(b"a < b", b"a <= b")


@pytest.mark.parametrize("content", [b"def (", b"\x00", b"\xff\xfe", b"# coding: nonsense\n", b"x = '", b"("])
def test_what_is_no_python_has_no_edits(content: bytes) -> None:
    assert list(edits("shop.py", content)) == []


def test_the_inside_of_format_strings_is_left_alone() -> None:
    assert _made("x = f'{a < b}' if a < b else f'{a:>{n}}'\n", "comparison")[0] == "x = f'{a < b}' if a <= b else f'{a:>{n}}'\n"


def test_what_python_warns_of_is_not_repeated() -> None:
    found = _made("x = y is not 3\nz = '\\d'\n", "comparison")
    assert found == ["x = y is 3\nz = '\\d'\n"]


PROGRAM = """
from limits import LEAST, MOST


class Till:
    def __init__(self, start=0):
        self.total, self.count = start, 0

    def add(self, prices, limit=None):
        for price in prices:
            if price > 0 and self.total < 99:
                self.total += price
                self.count = len(prices) - 1
            elif not price or not limit:
                continue
        try:
            return sorted(prices)[0], self.mean(prices[1:])
        except KeyError:
            return None

    def mean(self, prices):
        if len(prices) == 0:
            return 0
        return sum(prices) / max(self.count, 1)

    def label(self, names):
        text = ""
        for at in range(len(names)):
            text = text + names[at]["first"] + names[at]["last"] * 2
        return text

    async def tell(self, send):
        return send(self.label([]))

    def capped(self, amount):
        return min(amount, MOST)
"""


@pytest.mark.parametrize("operator", OPERATORS)
def test_every_operator_finds_something_and_hardly_ever_writes_what_is_no_python(operator: str) -> None:
    found = drafts("till.py", PROGRAM.encode(), [operator])
    texts = {draft.source.replaced(*draft.change) for draft in found}
    fine = sum(_compiles(text) for text in texts)
    assert fine
    assert fine >= 0.9 * len(texts)
    before = ast.dump(ast.parse(PROGRAM))
    assert any(ast.dump(ast.parse(text)) != before for text in texts if _compiles(text))


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_stretch_says_the_same_as_the_change_it_is_made_of(operator: str) -> None:
    source = "é = 1\n" + PROGRAM
    for draft in drafts("till.py", source.encode(), [operator]):
        one, content = draft.stretch, draft.source.content
        assert content[: one.start] + one.text.encode() + content[one.end :] == draft.source.replaced(*draft.change)


def _compiles(text: bytes) -> bool:
    try:
        compile(text, "till.py", "exec")
    except SyntaxError:
        return False
    return True


@pytest.mark.parametrize(
    ("operator", "old", "new"),
    [
        ("joined-otherwise", "if price > 0 and self", "if price > 0 or self"),
        ("negated", "elif not price or", "elif price or"),
        ("narrowed", "if price > 0 and self.total < 99:", "if price > 0:"),
        ("truth", "if len(prices) == 0:", "if not len(prices):"),
        ("guarded-condition", "if len(prices) == 0:", "if prices is None or len(prices) == 0:"),
        ("extended-condition", "self.total < 99:", "self.total < 99 and limit:"),
        ("arithmetic", "sum(prices) / max", "sum(prices) // max"),
        ("augmented", "self.total += price", "self.total = price"),
        ("operand-left-out", "len(prices) - 1", "len(prices)"),
        ("step", "sum(prices) / max(self.count, 1)", "sum(prices) / max(self.count, 1) + 1"),
        ("constant", "return 0", "return 1"),
        ("default", "limit=None", "limit=0"),
        ("bounds", "prices[1:]", "prices"),
        ("variable", "for price in prices:", "for price in limit:"),
        ("attribute", "self.count = len", "self.total = len"),
        ("function", "max(self.count, 1)", "min(self.count, 1)"),
        ("unwrapped", "sorted(prices)[0]", "prices[0]"),
        ("wrapped", "self.mean(prices[1:])", "self.mean(sorted(prices[1:]))"),
        ("argument-left-out", "max(self.count, 1)", "max(1)"),
        ("argument-added", "sorted(prices)", "sorted(prices, reverse=True)"),
        ("element", "sorted(prices)[0]", "sorted(prices)[-1]"),
        ("left-out", "                self.count = len(prices) - 1\n", ""),
        ("exchanged", "continue", "break"),
        (
            "base-case",
            "        if len(prices) == 0:",
            "        if prices is None:\n            return 0\n        if len(prices) == 0:",
        ),
        ("exception", "except KeyError:", "except (KeyError, IndexError):"),
        ("turned", "            elif not price or", "            if not price or"),
        ("raised", "            return None\n", "            raise ValueError\n"),
    ],
)
def test_an_operator_makes_the_edit_that_its_name_promises(operator: str, old: str, new: str) -> None:
    wanted = PROGRAM.replace(old, new, 1)
    made = {draft.source.replaced(*draft.change).decode() for draft in drafts("till.py", PROGRAM.encode(), [operator])}
    assert wanted in made
