"""On which line a key stands, however the document is written."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from swarm.settings.lines import key_lines

DOCUMENT = r'''# a comment with a = 1 and [brackets]
title = "x" # and = here

[ tool . swarm ] # spaced
agents = 3
"quoted key" = 1
'literal key' = 2
"esc\u0061ped" = 3
"" = 4

[tool.other]
text = """
agents = 1
[tool.swarm]
""" # ends here
literal = \'\'\'
agents = 2 """ \'\'\'
quotes = """"two at each end""""
more = """""five""" # a quote mark: "
list = [
  "a", # a = 1
  { inner = 1, "in ner" = [ { deep = 1 } ] },
  [ 1, 2.5, 1979-05-27 07:32:00 ],
]
inline = { first = { second = "}" }, third = '{' }
dotted.name . "with.dot" = 1
float.1 = 1.5

[[points]]
x = 1
[[points]]
x = 2
y = 3
'''.replace("\\'", "'")


def flat(values: Any, path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    """Every path of a parsed document, through lists of tables as well, down to three names."""
    if isinstance(values, list):
        return set().union(*(flat(each, path) for each in values))
    if not isinstance(values, dict):
        return set()
    paths = {(*path, name)[:3] for name in values}
    return paths.union(*(flat(value, (*path, name)) for name, value in values.items()))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("title",), 2),
        (("tool",), 4),
        (("tool", "swarm"), 4),
        (("tool", "swarm", "agents"), 5),
        (("tool", "swarm", "quoted key"), 6),
        (("tool", "swarm", "literal key"), 7),
        (("tool", "swarm", "escaped"), 8),
        (("tool", "swarm", ""), 9),
        (("tool", "other"), 11),
        (("tool", "other", "text"), 12),
        (("tool", "other", "literal"), 16),
        (("tool", "other", "quotes"), 18),
        (("tool", "other", "more"), 19),
        (("tool", "other", "list"), 20),
        (("tool", "other", "inline"), 25),
        (("tool", "other", "dotted"), 26),
        (("tool", "other", "float"), 27),
        (("points",), 29),
        (("points", "x"), 30),
        (("points", "y"), 33),
    ],
)
def test_a_key_stands_where_it_was_written(path: tuple[str, ...], line: int):
    assert key_lines(DOCUMENT)[path] == line


def test_the_keys_found_are_those_that_the_parser_finds():
    assert set(key_lines(DOCUMENT)) == flat(tomllib.loads(DOCUMENT))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n# only this",
        "a = []",
        "a = [[], [{}], [{b = 1}, {c = 2}]]",
        "a = {}\nb = { c = {}, d = [] }\ne = 1",
        "a.b.c.d.e = 1\na.b.x = 2",
        "[a.b.c.d]\ne = 1\n[a.b]\nf = 2",
        "[a]\n[a.b]\n[[a.c]]\nd = 1\n[[a.c]]\n[a.c.e]\nf = 1",
        "a = '''''' \nb = \"\"\nc = ''\nd = \"\"\"\"\"\"",
        'a = "\\"" # "\nb = "\\\\"\nc = 1',
        "a = '\\'\nb = 1",
        'a = """\\""" """\nb = 1',
        'a = """\\\\"""\nb = 1',
        "a = +1.5e3\nb = 0x1F\nc = -inf\nd = 07:32:00.5",
        '"a.b" = 1\n["c]d"]\ne = 1',
        "1.2 = 3\n-_ = 4",
        "a = [ # ]\n  1, # }\n]\nb = 1",
        "a = [1,\n[2,\n3]]\nb = 2",
        "a\t=\t1\n  b = 2",
    ],
)
def test_documents_that_mislead_are_read_as_the_parser_reads_them(text: str):
    assert set(key_lines(text)) == flat(tomllib.loads(text))


NAMES = st.text("abc_-1", min_size=1, max_size=3) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=3)
VALUES = st.recursive(
    st.integers(-9, 9) | st.booleans() | st.text("ab\"'\\=[]{}#,\n\t", max_size=8) | st.floats(allow_nan=False, width=16),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=6,
)


def basic(text: str) -> str:
    escaped = "".join(f"\\u{ord(sign):04x}" if sign < " " else {'"': '\\"', "\\": "\\\\"}.get(sign, sign) for sign in text)
    return f'"{escaped}"'


def long(text: str) -> str:
    return '"""\n' + text.replace("\\", "\\\\").replace('"', '\\"') + '"""'


def written(value: Any) -> str:
    if isinstance(value, str):
        return long(value) if "\n" in value else basic(value)
    if isinstance(value, list):
        return "[" + " ,\n # ] = \n".join(written(each) for each in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{basic(name)} = {written(each)}" for name, each in value.items()) + " }"
    return str(value).lower()


@given(
    tables=st.dictionaries(NAMES, st.dictionaries(NAMES, VALUES, max_size=4), max_size=3),
    gaps=st.lists(st.integers(0, 2), min_size=20, max_size=20),
)
def test_in_any_document_every_key_is_found_on_the_line_where_it_was_put(tables: dict[str, dict[str, Any]], gaps: list[int]):
    lines: list[str] = []
    put: dict[tuple[str, ...], int] = {}
    gap = iter(gaps * 2)
    for table, values in tables.items():
        lines += ["# [x] y = 1"] * next(gap)
        put[(table,)] = len(lines) + 1
        lines.append(f"[{basic(table)}] # z = 1")
        for name, value in values.items():
            lines += [""] * next(gap)
            put[(table, name)] = len(lines) + 1
            lines += f"{basic(name)} = {written(value)} # '".split("\n")
    text = "\n".join(lines)
    found = key_lines(text)
    assert {path: found[path] for path in put} == put
    assert set(found) == flat(tomllib.loads(text))


def test_a_hostile_key_of_very_many_names_costs_no_more_than_its_length():
    assert key_lines("a" + ".a" * 400_000 + " = 1") == {("a",): 1, ("a", "a"): 1, ("a", "a", "a"): 1}
