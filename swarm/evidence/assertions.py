"""What an assertion demands, as a value that can be compared with another."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum


class Strength(IntEnum):
    """How much an assertion demands, from nothing to the very value."""

    NOTHING = 0
    """It is always true."""
    LOOSE = 1
    """Nearly every value will do: it is true, is not None, differs from another."""
    BOUNDED = 2
    """A range, a type, a member."""
    CLOSE = 3
    """A value with a tolerance."""
    EXACT = 4


@dataclass(frozen=True, kw_only=True)
class Check:
    """One assertion."""

    text: str
    """The assertion in one way of writing, without its message."""
    strength: Strength
    subject: str = ""
    """What is asked about."""
    expected: str = ""
    """What is demanded of it."""
    tolerance: tuple[tuple[str, float], ...] = ()
    """How far off it may be; larger is laxer."""
    raised: tuple[str, ...] = ()
    """The classes of exceptions of which one must be raised."""
    match: str = ""
    """What its message must look like."""
    parts: tuple[str, ...] = ()
    """The alternatives of which one is enough."""
    guards: tuple[str, ...] = ()
    """The conditions, loops and handlers around it, outermost first."""
    exits: int = 0
    """How many statements before it can end the test."""
    line: int = 0


COMPARISONS: dict[type[ast.cmpop], Strength] = {
    ast.Eq: Strength.EXACT, ast.Is: Strength.EXACT, ast.NotEq: Strength.LOOSE, ast.IsNot: Strength.LOOSE,
}  # fmt: skip
KNOWN = {
    Strength.CLOSE: """
        assertAlmostEqual assertNotAlmostEqual approx isclose allclose
        assert_allclose assert_almost_equal assert_array_almost_equal
    """,
    Strength.BOUNDED: """
        assertIn assertNotIn assertGreater assertGreaterEqual assertLess assertLessEqual
        assertIsInstance assertRegex assertCountEqual assert_any_call assert_has_calls assert_called_once
        isinstance issubclass all startswith endswith hasattr
    """,
    Strength.LOOSE: "assertNotEqual assertIsNotNone assertIsNot assert_called any bool",
}
CALLS = {name: strength for strength, names in KNOWN.items() for name in names.split()}
"""What is known of functions. Any other one that is called `assert…` demands something exact; any other one is merely true."""
EQUALITIES = """
    assertEqual assertEquals assertListEqual assertTupleEqual assertDictEqual assertSetEqual
    assertSequenceEqual assertMultiLineEqual
""".split()
RAISING = ("raises", "assertRaises", "assertRaisesRegex", "warns", "assertWarns", "assertWarnsRegex", "deprecated_call")
TOLERANCES = {"rel": 1, "abs": 1, "rtol": 1, "atol": 1, "rel_tol": 1, "abs_tol": 1, "delta": 1, "places": -1, "decimal": -1}
"""The names of tolerances; with -1 a larger number is stricter."""
WITH_PLACES = ("assertAlmostEqual", "assertNotAlmostEqual", "assert_almost_equal", "assert_array_almost_equal")


def name_of(call: ast.expr) -> str:
    """The last part of a called function's name."""
    match call:
        case ast.Call(func=ast.Attribute(attr=name)) | ast.Call(func=ast.Name(id=name)):
            return name
    return ""


def asserted(test: ast.expr) -> Iterator[Check]:
    """What an expression demands that must be true; each part that must hold is an assertion of its own."""
    match test:
        case ast.BoolOp(op=ast.And(), values=values):
            for value in values:
                yield from asserted(value)
        case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
            yield from asserted(ast.Compare(left, [ast.NotEq()], [right]))
        case _:
            yield replace(_one(test), text=ast.unparse(test))


def _one(test: ast.expr) -> Check:
    text = ast.unparse(test)
    if is_always_true(test):
        return Check(text=text, strength=Strength.NOTHING)
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            return _compared(left, op, right)
        case ast.BoolOp(values=values):
            parts = tuple(ast.unparse(value) for value in values)
            weakest = min(_one(value).strength for value in values)
            return Check(text=text, strength=Strength(max(weakest - 1, 1)), subject=_one(values[0]).subject, parts=parts)
        case ast.Compare():
            return Check(text=text, strength=Strength.BOUNDED, subject=ast.unparse(test.comparators[0]), expected=text)
        case ast.Call(args=args):
            subject = ast.unparse(args[0]) if args else text
            expected = ", ".join(map(ast.unparse, args[1:]))
            strength = CALLS.get(name_of(test), Strength.LOOSE)
            return Check(text=text, strength=strength, subject=subject, expected=expected, tolerance=_tolerance(test))
        case _:
            return Check(text=text, strength=Strength.LOOSE, subject=text)


def _compared(left: ast.expr, op: ast.cmpop, right: ast.expr) -> Check:
    """A comparison; what is a constant is what is expected, on whichever side it stands."""
    if _is_constant(left) and not _is_constant(right):
        left, right = right, left
    strength = COMPARISONS.get(type(op), Strength.BOUNDED)
    tolerance: tuple[tuple[str, float], ...] = ()
    if strength is Strength.EXACT and name_of(right) == "approx" and isinstance(right, ast.Call) and right.args:
        strength, tolerance, right = Strength.CLOSE, _tolerance(right), right.args[0]
    expected = ast.unparse(right) if strength >= Strength.CLOSE else ast.unparse(ast.Compare(ast.Name("_"), [op], [right]))
    return Check(text="", strength=strength, subject=ast.unparse(left), expected=expected, tolerance=tolerance)


def called(call: ast.expr) -> Iterator[Check]:
    """What a call demands, if it is one that asserts."""
    if not isinstance(call, ast.Call):
        return
    name, args = name_of(call), call.args
    if name in RAISING:
        yield _raising(name, call)
    elif name in ("assertTrue", "assertFalse", "assert_") and args:
        yield from asserted(args[0] if name != "assertFalse" else ast.UnaryOp(ast.Not(), args[0]))
    elif name in (*EQUALITIES, "assertIs") and len(args) > 1:
        yield from asserted(ast.Compare(args[0], [ast.Is() if name == "assertIs" else ast.Eq()], [args[1]]))
    elif name.startswith("assert"):
        yield _assertion(name, call)


def _assertion(name: str, call: ast.Call) -> Check:
    args = [ast.unparse(arg) for arg in call.args]
    keywords = [ast.unparse(keyword) for keyword in call.keywords if keyword.arg not in ("msg", *TOLERANCES)]
    owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) and name.startswith("assert_called") else ""
    demanded = [*(args if owner else args[1:]), *keywords]
    places = 1 if name in WITH_PLACES else 0
    return Check(
        text=ast.unparse(call),
        strength=CALLS.get(name, Strength.EXACT),
        subject=owner or (args[0] if args else ""),
        expected=", ".join([name, *demanded[: max(1, len(demanded) - places)]]),
        tolerance=_tolerance(call),
    )


def _raising(name: str, call: ast.Call) -> Check:
    kinds = call.args[0] if call.args else None
    classes = tuple(map(ast.unparse, kinds.elts)) if isinstance(kinds, ast.Tuple) else ((ast.unparse(kinds),) if kinds else ())
    patterns = [ast.unparse(keyword.value) for keyword in call.keywords if keyword.arg == "match"]
    if name.endswith("Regex") and len(call.args) > 1:
        patterns = [ast.unparse(call.args[1])]
    return Check(
        text=ast.unparse(call), strength=Strength.EXACT, subject="what is raised", raised=classes, match="".join(patterns)
    )


def _tolerance(call: ast.Call) -> tuple[tuple[str, float], ...]:
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg in TOLERANCES}
    if name_of(call) in WITH_PLACES and len(call.args) > 2:
        given["places"] = call.args[2]
    if name_of(call) == "approx":
        given.update(zip(("rel", "abs"), call.args[1:], strict=False))
    return tuple(sorted((name, TOLERANCES[name] * _number(value)) for name, value in given.items() if name))


def _number(value: ast.expr) -> float:
    """A number that is written out; any other one counts as endless."""
    try:
        number = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        return float("inf")
    return float(number) if isinstance(number, int | float) else float("inf")


def _is_constant(value: ast.expr) -> bool:
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError):
        return False
    return True


def is_always_true(test: ast.expr) -> bool:
    """Whether an expression can be seen to be true whatever the code does."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=[_, *_]) | ast.Lambda() | ast.JoinedStr():
            return True
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(map(is_always_true, values))
        case ast.UnaryOp(op=ast.Not(), operand=ast.Constant(value=value)):
            return not value
        case ast.Compare(left=left, ops=[ast.Eq() | ast.Is() | ast.LtE() | ast.GtE()], comparators=[right]):
            return ast.dump(left) == ast.dump(right) or _is_length_of_at_least_nothing(test)
        case ast.Call(func=ast.Name(id="isinstance"), args=[_, ast.Name(id="object")]):
            return True
    return False


def _is_length_of_at_least_nothing(test: ast.Compare) -> bool:
    match test:
        case ast.Compare(left=ast.Call(func=ast.Name(id="len")), ops=[ast.GtE()], comparators=[ast.Constant(value=0)]):
            return True
    return False
