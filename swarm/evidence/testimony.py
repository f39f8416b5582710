"""What an issue says a program should do, read as claims that a test can check: sessions, asserts, expected and got."""

import ast
import doctest
import re
from collections.abc import Iterator
from dataclasses import dataclass

from swarm.syntax import expression_of, module_of

MOST = 8
"""How many claims of an issue are read; each costs a run of tests."""
LONGEST = 64 * 1024
"""Characters of an issue that are searched; what is beyond is a log."""
LONGEST_CALL = 300

FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
BLOCK = re.compile(r"^[ \t]*(```|~~~)[^\n]*\n(.*?)^[ \t]*\1[ \t]*$", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?<![\w.])[A-Za-z_][\w.]*\(")
OUGHT = re.compile(
    r"\b(?:expected|expect|should|must|ought to)\b(?: (?:result|output|value|it))?(?: to)?"
    r"(?: (?:be|return|give|equal|yield|get|print))?(?: is)?[ \t]*:?[ \t]*`?",
    re.IGNORECASE,
)
IS = re.compile(
    r"\b(?:got|actual(?:ly)?|returns|returned|gives|gave|yields|(?:but|it) (?:is|was))\b(?: (?:result|output|value))?"
    r"(?: is)?[ \t]*:?[ \t]*`?",
    re.IGNORECASE,
)
INSTEAD = re.compile(r"(?:, | )(?:instead of|rather than|and not|not) `?", re.IGNORECASE)


@dataclass(frozen=True)
class Claim:
    """Something that should hold and, as the issue says, does not."""

    body: tuple[str, ...]
    """Statements, the last of which is the assertion."""
    why: str
    today: tuple[str, ...] = ()
    """Statements that hold on base if the issue describes it well; none if it does not say."""


def claims(issue: str) -> tuple[Claim, ...]:
    """What can be checked in the words of an issue, the plainest first, each once."""
    text = issue[:LONGEST].replace("\r\n", "\n")
    found = (*_asserts(text), *_expectations(text), *_sessions(text))
    return tuple(dict.fromkeys(found))[:MOST]


def _asserts(text: str) -> Iterator[Claim]:
    """`assert …`: with all that stands before it in its block of code, or alone on its line."""
    for _, code in BLOCK.findall(text):
        statements = _parsed(code)
        if any(isinstance(statement, ast.Assert) for statement in statements):
            until = max(at for at, statement in enumerate(statements) if isinstance(statement, ast.Assert))
            yield Claim(tuple(ast.unparse(statement) for statement in statements[: until + 1]), "the issue has it as an assert")
    for line in re.findall(r"^[ \t]*`?(assert [^\n`]+)", text, re.MULTILINE):
        if _parsed(line):
            yield Claim((line.strip(),), "the issue has it as an assert")


def _sessions(text: str) -> Iterator[Claim]:
    """`>>> f(1)` and what it should print. If that is what it prints already, the claim does not fail on base."""
    before: list[str] = []
    for example in _examples(text):
        expression = _expression(example.source)
        if expression and example.want and example.exc_msg is None:
            yield Claim((*before, _equals(expression, example.want)), "the issue shows it in a session")
        before.append(example.source.rstrip("\n"))


def _expectations(text: str) -> Iterator[Claim]:
    """Expected this, got that, for a call: in one sentence, or where the issue speaks of one call only."""
    shown: dict[str, tuple[str, ...]] = {}
    before: list[str] = []
    for example in _examples(text):
        if expression := _expression(example.source):
            shown[expression] = tuple(before)
        before.append(example.source.rstrip("\n"))
    calls = dict.fromkeys((*shown, *_calls(text)))
    for sentence in re.split(r"\n[ \t]*\n|(?<=[.!?])\s+(?=[A-Z`])", text):
        ought, today = _values(sentence)
        within = dict.fromkeys(_calls(sentence)) or calls
        if ought and len(within) == 1:
            (call,) = within
            today = today or _values(text)[1] if len(calls) == 1 else today
            setup = shown.get(call, ())
            now = (*setup, f"assert ({call}) == ({today})") if today and today != ought else ()
            yield Claim((*setup, f"assert ({call}) == ({ought})"), f"the issue expects {ought} of {call}", now)


def _values(text: str) -> tuple[str, str]:
    """What ought to be and what is, as literals; empty where the text does not say."""
    ought, after_ought = _value_after(OUGHT, text)
    today, after_today = _value_after(IS, text)
    if ought and not today:
        today = _instead(after_ought)
    if today and not ought:
        ought = _instead(after_today)
    return ought, today


def _instead(rest: str) -> str:
    found = INSTEAD.match(rest.lstrip("`"))
    return _literal(rest.lstrip("`")[found.end() :]) if found else ""


def _value_after(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """The first literal that follows the pattern, and the text after it."""
    for found in pattern.finditer(text):
        rest = text[found.end() :].split("\n", 1)[0]
        if value := _literal(rest):
            return value, rest[len(value) :]
    return "", ""


def _literal(text: str) -> str:
    """The longest literal that the text begins with."""
    text = text[:LONGEST_CALL]
    ends = [found.start() for found in re.finditer(r"(?=[\s,.;`)!?]|$)", text)]
    for end in (end for end in reversed(ends) if not text[:end].endswith((".", ",", ";"))):
        try:
            ast.literal_eval(text[:end])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        return text[:end] if text[:end].strip() == text[:end] else ""
    return ""


def _calls(text: str) -> Iterator[str]:
    for found in CALL.finditer(text):
        for end in (at.end() for at in re.finditer(r"\)", text[found.start() : found.start() + LONGEST_CALL])):
            written = text[found.start() : found.start() + end]
            if "\n" not in written and (call := _expression(written)):
                if isinstance(expression_of(call).body, ast.Call):
                    yield call
                break


def _examples(text: str) -> list[doctest.Example]:
    try:
        return doctest.DocTestParser().get_examples(FENCE.sub("", text))
    except ValueError:  # it only looks like a session
        return []


def _equals(expression: str, want: str) -> str:
    shown = want.strip()
    try:
        ast.literal_eval(shown)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return f"assert repr({expression}) == {shown!r}"
    return f"assert ({expression}) == ({shown})"


def _expression(source: str) -> str:
    """The source as an expression that is more than a name or a value; empty if it is none."""
    try:
        tree = expression_of(source.strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return ""
    return ast.unparse(tree) if any(isinstance(node, ast.Call) for node in ast.walk(tree)) else ""


def _parsed(code: str) -> list[ast.stmt]:
    try:
        return module_of(code.strip()).body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return []
