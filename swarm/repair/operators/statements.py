"""Statements left out, moved, put in other blocks, or inserted from what stands elsewhere in the function."""

import ast
from collections.abc import Iterator

from swarm.repair.operators.putting import after, before, line_end, whole_lines
from swarm.repair.scope import Block, Scopes
from swarm.repair.source import Change, Source, Span
from swarm.syntax import module_of

MOST = 12
UNIT = "    "


def left_out(scopes: Scopes) -> Iterator[Change]:
    """A statement left out."""
    source = scopes.source
    for block, _, node in _statements(scopes):
        if isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom | ast.Pass) or _is_text(node):
            continue
        lines = whole_lines(source, node)
        if lines is not None:
            alone = len(block.statements) == 1
            text = f"{source.indentation(node)}pass{line_end(source)}" if alone else ""
            yield ((lines, text),)
        if isinstance(node, ast.If) and node.orelse:
            first, last = node.orelse[0], node.orelse[-1]
            start = source.start_of((node.body[-1].end_lineno or node.body[-1].lineno) + 1)
            end = source.start_of((last.end_lineno or last.lineno) + 1)
            yield ((Span(start, end, first.lineno), ""),)


def moved(scopes: Scopes) -> Iterator[Change]:
    """Two neighbours in the other order; a statement as the first or the last of its block."""
    source = scopes.source
    for block, at, node in _statements(scopes):
        here = whole_lines(source, node)
        if here is None or _is_text(node):
            continue
        for other in range(at + 1, min(at + 4, len(block.statements))):
            there = whole_lines(source, block.statements[other])
            if there is not None:
                text = _lines(source, here)
                yield ((here, ""), (Span(there.end, there.end, there.line), text))
                if other > at + 1:
                    yield ((there, ""), (Span(here.start, here.start, here.line), _lines(source, there)))


def out_of_block(scopes: Scopes) -> Iterator[Change]:
    """The last statements of a block behind it instead, and what stands behind a block as its last statement."""
    source = scopes.source
    for block, at, node in _statements(scopes):
        following = block.statements[at + 1] if at + 1 < len(block.statements) else None
        for inner in _ends(node):
            if len(inner) > 1:
                yield from _indented(source, inner[-1:], source.indentation(node))
                if len(inner) > 2:
                    yield from _indented(source, inner[-2:], source.indentation(node))
            if following is not None:
                yield from _indented(source, [following], source.indentation(inner[0]))
        if isinstance(node, ast.If | ast.For | ast.While) and not node.orelse and following is not None:
            yield from _else_for(source, node, [following])


def turned(scopes: Scopes) -> Iterator[Change]:
    """`if` and `while`, `if` and `elif`, `else` and what follows; a loop's `else`."""
    source = scopes.source
    for block, at, node in _statements(scopes):
        start = source.span(node).start
        if isinstance(node, ast.If) and source.text(Span(start, start + 2, 0)) == "if":
            if not node.orelse:
                yield ((Span(start, start + 2, node.lineno), "while"),)
            if at and isinstance(block.statements[at - 1], ast.If):
                yield ((Span(start, start + 2, node.lineno), "elif"),)
        elif isinstance(node, ast.If) and source.text(Span(start, start + 4, 0)) == "elif":
            yield ((Span(start, start + 4, node.lineno), "if"),)
        elif isinstance(node, ast.While):
            yield ((Span(start, start + 5, node.lineno), "if"),)


def exchanged(scopes: Scopes) -> Iterator[Change]:
    """Another statement of the function in the place of one; `break`, `continue`, `return` and `pass` for one another."""
    source = scopes.source
    for block, _, node in _statements(scopes):
        if isinstance(node, ast.Break | ast.Continue | ast.Pass):
            words = ["pass", "return", *(("break", "continue") if block.loops else ())]
            words += [f"return {name}" for name in scopes.of(node).names[:MOST]] + ["return None", "return False", "return True"]
            yield from (((source.span(node), word),) for word in words if word != source.of(node))
        elif isinstance(node, ast.Return) and block.loops:
            yield from (((source.span(node), word),) for word in ("break", "continue"))
        elif isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return) and not _is_text(node):
            old = source.of(node)
            yield from (((source.span(node), text),) for text in scopes.of(node).simple_statements[:MOST] if text != old)


def inserted(scopes: Scopes) -> Iterator[Change]:
    """A statement of the function a second time somewhere else."""
    source = scopes.source
    for block, _, node in _statements(scopes):
        for text in (one for one in scopes.of(node).simple_statements[:MOST] if one != source.of(node)):
            yield from _around(source, block, node, text)


def inserted_otherwise(scopes: Scopes) -> Iterator[Change]:
    """A statement of the function somewhere else, with one of its names exchanged for another one of the function."""
    source = scopes.source
    for block, _, node in _statements(scopes):
        scope = scopes.of(node)
        for text in scope.simple_statements[:MOST]:
            for other in _with_other_names(text, scope.names[:MOST]):
                yield from _around(source, block, node, other)


def steps_inserted(scopes: Scopes) -> Iterator[Change]:
    """A step that is often forgotten: one more or less of a variable, `break`, `continue`, an early return."""
    source = scopes.source
    for block, _, node in _statements(scopes):
        scope = scopes.of(node)
        if block.function is None:
            continue
        counted = [name for name in scope.names if name in scope.compared][:MOST]
        texts = [*(f"{name} += 1" for name in counted), *(f"{name} -= 1" for name in counted)]
        texts += ["break", "continue"] if block.loops else []
        texts += [*(f"return {text}" for text in dict.fromkeys((*scope.names[:MOST], *scope.returned[:4]))), "return"]
        for text in texts:
            yield from _around(source, block, node, text)


def assignments_inserted(scopes: Scopes) -> Iterator[Change]:
    """One variable set to another one, or put into a container of the function."""
    source = scopes.source
    for block, _, node in _statements(scopes):
        scope = scopes.of(node)
        if block.function is None or not scope.names:
            continue
        names = scope.names[:7]
        texts = [f"{one} = {other}" for one in names for other in names if one != other]
        texts += [f"{one} = {value}" for one in names for value in ("0", "1", "None", "[]", "False", "True")]
        held = [name for name in names if any(word in _uses(scopes, node, name) for word in ("append", "add"))]
        for container in held:
            texts += [f"{container}.{_uses(scopes, node, container)[0]}({name})" for name in names if name != container]
        for text in texts:
            yield from _around(source, block, node, text)


def returned(scopes: Scopes) -> Iterator[Change]:
    """A value that was worked out and then dropped returned, and a return at the end of a function that has none."""
    source = scopes.source
    for block, at, node in _statements(scopes):
        start = source.span(node).start
        if isinstance(node, ast.Expr) and not _is_text(node) and not isinstance(node.value, ast.Yield | ast.YieldFrom):
            yield ((Span(start, start, node.lineno), "return "),)
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            yield ((Span(start, source.span(node.value).start, node.lineno), "return "),)
        last = at == len(block.statements) - 1 and not isinstance(node, ast.Return | ast.Raise)
        if last and block.function is not None and isinstance(block.owner, ast.FunctionDef | ast.AsyncFunctionDef):
            for text in ("True", "False", "0", "[]", "self", *scopes.of(node).names[:MOST]):
                change = after(source, node, [f"return {text}"])
                if change is not None:
                    yield change


def _around(source: Source, block: Block, node: ast.stmt, text: str) -> Iterator[Change]:
    """A new line before a statement, and behind it if it is the last one of its block."""
    if _is_text(node) or isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        return
    if (change := before(source, node, [text])) is not None:
        yield change
    ends = isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue)
    if node is block.statements[-1] and not ends and (change := after(source, node, [text])) is not None:
        yield change


def _statements(scopes: Scopes) -> Iterator[tuple[Block, int, ast.stmt]]:
    """Every wanted statement, with its block and its place in it."""
    for block in scopes.blocks:
        for at, node in enumerate(block.statements):
            if scopes.source.wants(node):
                yield block, at, node


def _ends(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The block of a statement that ends where the statement ends, and those in which that one ends."""
    inner: ast.stmt = node
    while isinstance(inner, ast.If | ast.For | ast.While | ast.With | ast.Try):
        body = inner.orelse if isinstance(inner, ast.If | ast.For | ast.While) and inner.orelse else inner.body
        if isinstance(inner, ast.Try):
            return
        yield list(body)
        inner = body[-1]


def _indented(source: Source, nodes: list[ast.stmt], indentation: str | None) -> Iterator[Change]:
    """Some statements with another indentation."""
    first, last = nodes[0], nodes[-1]
    old = source.indentation(first)
    if old is None or indentation is None or old == indentation:
        return
    span = Span(source.start_of(first.lineno), source.start_of((last.end_lineno or last.lineno) + 1), first.lineno)
    lines = source.text(span).splitlines(keepends=True)
    if all(line.startswith(old) or not line.strip() for line in lines):
        yield ((span, "".join(indentation + line[len(old) :] if line.strip() else line for line in lines)),)


def _else_for(source: Source, node: ast.If | ast.For | ast.While, following: list[ast.stmt]) -> Iterator[Change]:
    """What follows a branch or loop in an `else` of it."""
    outer, inner = source.indentation(node), source.indentation(node.body[0])
    if (
        outer is not None
        and inner is not None
        and source.text(Span(source.span(node).start, source.span(node).start + 4, 0)) != "elif"
    ):
        for ((span, text),) in _indented(source, following, inner):
            yield ((span, f"{outer}else:{line_end(source)}{text}"),)


def _with_other_names(text: str, names: tuple[str, ...]) -> Iterator[str]:
    try:
        tree = module_of(text if not text.startswith("return") else text.replace("return", "x =", 1))
    except SyntaxError:
        return
    used = dict.fromkeys(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in names)
    for name in used:
        parts = _split(text, name)
        for other in names:
            if other != name:
                for at in range(1, len(parts)):
                    yield name.join(parts[:at]) + other + name.join(parts[at:])


def _split(text: str, name: str) -> list[str]:
    """The text between the places where a name stands as a word."""
    parts, rest, start = [], text, 0
    while (at := rest.find(name, start)) >= 0:
        end = at + len(name)
        whole = not (rest[at - 1 : at].isalnum() or rest[at - 1 : at] in ("_", ".")) if at else True
        if whole and not (rest[end : end + 1].isalnum() or rest[end : end + 1] == "_"):
            parts.append(rest[:at])
            rest, start = rest[end:], 0
        else:
            start = end
    return [*parts, rest]


def _uses(scopes: Scopes, node: ast.stmt, name: str) -> list[str]:
    """The methods that are called of a name in the function."""
    return [
        inner.func.attr
        for _, inner in scopes.of(node).expressions
        if isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Attribute)
        and isinstance(inner.func.value, ast.Name)
        and inner.func.value.id == name
    ] or [""]


def _lines(source: Source, span: Span) -> str:
    """Whole lines, the last of which ends as lines do."""
    text = source.text(span)
    return text if text.endswith(("\n", "\r")) else f"{text}{line_end(source)}"


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
