"""The outline of sources in ten languages: symbols, mentions, and what does not parse."""

import pytest

from swarm.code.outline import mentions, outline, speaks, syntax_error

SOURCES = {
    "a.py": "import x\nclass A(B):\n    @dec\n    def f(self, a):\n        g(a)\n\ndef g(x): return x\n",
    "a.js": "class A { m(x) { return g(x) } }\nconst g = (x) => x;\nfunction h() {}\n",
    "a.ts": "interface I { a: number }\nexport class A<T> { m(x: number) { return g(x) } }\nfunction g(x: number) {}\n",
    "a.tsx": "const C = () => <div>{g(1)}</div>;\nfunction g(x: number) {}\n",
    "a.go": "package a\ntype T struct { a int }\nfunc (t *T) M(x int) int { return g(x) }\nfunc g(x int) int { return x }\n",
    "a.rs": "struct S { a: i32 }\nimpl S { fn m(&self) -> i32 { g(1) } }\nfn g(x: i32) -> i32 { x }\n",
    "a.java": "class A {\nint m(int x) { return g(x); }\nint g(int x) { return x; } }\n",
    "a.c": "struct s { int a; };\nint *g(int x) { return 0; }\nint m(struct s *p) { return *g(1); }\n",
    "a.cpp": "namespace n { class A { int m(int x); }; }\nint n::A::m(int x) { return g(x); }\nint g(int x) { return x; }\n",
    "a.rb": "module M\n class A\n  def m(x)\n   g(x)\n  end\n  def g(x)\n  end\n end\nend\n",
}
SYMBOLS = {
    "a.py": ["A", " f", "g"],
    "a.js": ["A", " m", "g", "h"],
    "a.ts": ["I", "A", " m", "g"],
    "a.tsx": ["C", "g"],
    "a.go": ["T", "M", "g"],
    "a.rs": ["S", "S", " m", "g"],
    "a.java": ["A", " m", " g"],
    "a.c": ["s", "g", "m"],
    "a.cpp": ["n", " A", "n::A::m", "g"],
    "a.rb": ["M", " A", "  m", "  g"],
}
LANGUAGES = pytest.mark.parametrize("path", SOURCES)


@LANGUAGES
def test_what_a_file_defines_is_found_in_order_and_depth(path: str) -> None:
    found = outline(path, SOURCES[path].encode())

    assert [" " * symbol.depth + symbol.name for symbol in found] == SYMBOLS[path]
    assert all(1 <= symbol.line <= symbol.end <= SOURCES[path].count("\n") for symbol in found)


@LANGUAGES
def test_definitions_and_callers_of_a_name_are_told_apart(path: str) -> None:
    found = {mention.how: mention.line for mention in mentions(path, SOURCES[path].encode(), "g")}

    lines = SOURCES[path].splitlines()
    assert found.keys() == {"defines", "calls"}
    assert any(sign in lines[found["calls"] - 1] for sign in ("g(a)", "g(x)", "g(1)"))
    assert found["defines"] != found["calls"] or path == "a.java"


@LANGUAGES
def test_a_file_that_does_not_parse_is_told_with_a_line_and_a_whole_one_is_not(path: str) -> None:
    whole = SOURCES[path]

    assert syntax_error(path, whole.encode()) == ""
    assert syntax_error(path, whole.replace("(x)", "((x", 1).replace("(1)", "((1", 1).encode()).startswith("line ")


def test_names_in_texts_and_comments_are_no_mentions() -> None:
    source = b"# g(x)\ns = 'g'\nngg = 1\n"

    assert mentions("a.py", source, "g") == []


def test_files_in_no_known_language_are_left_alone() -> None:
    assert not speaks("README.md")
    assert syntax_error("README.md", b"((((") == ""
