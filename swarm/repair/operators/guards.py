"""Cases that were not thought of: nothing there, empty, zero, equal, out of bounds; and exceptions caught too narrowly."""

import ast
import builtins
from collections.abc import Iterator

from swarm.repair.operators.putting import before, instead, line_end
from swarm.repair.scope import Block, Scope, Scopes
from swarm.repair.source import Change, Source, Span

ANSWERS = ("None", "[]", "0", "False", "True", "1", '""', "[[]]", "{}", "-1")
WIDER = {
    "KeyError": ("LookupError", "(KeyError, TypeError)", "(KeyError, IndexError)", "(KeyError, AttributeError)"),
    "IndexError": ("LookupError", "(IndexError, KeyError)", "(IndexError, TypeError)"),
    "ValueError": (
        "(ValueError, TypeError)",
        "(ValueError, KeyError)",
        "(ValueError, IndexError)",
        "(ValueError, AttributeError)",
    ),
    "TypeError": ("(TypeError, ValueError)", "(TypeError, AttributeError)"),
    "AttributeError": ("(AttributeError, TypeError)", "(AttributeError, KeyError)"),
    "FileNotFoundError": ("OSError",),
    "ZeroDivisionError": ("ArithmeticError", "(ZeroDivisionError, OverflowError)"),
    "ImportError": ("(ImportError, AttributeError)",),
    "UnicodeDecodeError": ("(UnicodeDecodeError, LookupError)", "ValueError"),
}
MOST = 5


def base_cases(scopes: Scopes) -> Iterator[Change]:
    """A case that is answered at once, at the head of a function."""
    source = scopes.source
    for block in scopes.blocks:
        if isinstance(block.owner, ast.FunctionDef | ast.AsyncFunctionDef) and block.name == "body":
            node = _first(block)
            if node is None or not (source.wants(node) or source.focus is None or block.owner.lineno in source.focus):
                continue
            scope = scopes.of(node)
            names = scope.parameters[:MOST]
            asked = [
                text
                for name in names
                for text in (f"not {name}", f"{name} is None", f"{name} == 0", f"{name} <= 0", f"{name} == 1")
            ]
            asked += [f"{one} {sign} {other}" for one in names for other in names if one != other for sign in ("==", ">")]
            asked += [f"len({name}) <= 1" for name in names] + [f"{name} < 0" for name in names]
            answers = dict.fromkeys((*scope.returned[:MOST], *names, *ANSWERS))
            for question in asked:
                for answer in answers:
                    yield from _case(source, node, question, f"return {answer}")
                yield from _case(source, node, question, "return")


def cases(scopes: Scopes) -> Iterator[Change]:
    """A case that leaves the function or the loop before a statement, asked for as the function asks elsewhere."""
    source = scopes.source
    for block in scopes.blocks:
        for node in block.statements:
            if not source.wants(node) or block.function is None:
                continue
            scope = scopes.of(node)
            leave = ["continue", "break"] if block.loops else []
            leave += ["return", *(f"return {text}" for text in dict.fromkeys((*scope.returned[:3], *scope.names[:3])))]
            for question in _questions(scope):
                for way in leave:
                    yield from _case(source, node, question, way)


def only_if(scopes: Scopes) -> Iterator[Change]:
    """A statement that is done only if something is there, or only if a condition of the function holds."""
    source = scopes.source
    for block in scopes.blocks:
        for node in block.statements:
            simple = isinstance(node, ast.Expr | ast.Assign | ast.AugAssign | ast.Return | ast.Break | ast.Continue | ast.Raise)
            indentation = source.indentation(node)
            if not (simple and source.wants(node) and block.function and indentation is not None) or _is_text(node):
                continue
            start = source.span(node).start
            for question in _questions(scopes.of(node)):
                if node.lineno == node.end_lineno:
                    yield ((Span(start, start, node.lineno), f"if {question}:{line_end(source)}{indentation}    "),)


def values_unless(scopes: Scopes) -> Iterator[Change]:
    """A value only if something is there, and otherwise a simple one."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(parent, ast.Return | ast.Assign) and not isinstance(getattr(node, "ctx", None), ast.Store):
            names = [name for name in _names(node) if name in scopes.of(node).names][:3]
            for name in names:
                for question in (name, f"{name} is not None"):
                    for answer in ("None", "0", "[]", '""', "False", name):
                        yield ((source.span(node), f"{source.of(node)} if {question} else {answer}"),)


def default_parameters(scopes: Scopes) -> Iterator[Change]:
    """A parameter that is None given a value of its own."""
    source = scopes.source
    for block in scopes.blocks:
        if isinstance(block.owner, ast.FunctionDef | ast.AsyncFunctionDef) and block.name == "body":
            node = _first(block)
            if node is not None and source.wants(node):
                for name in scopes.of(node).parameters[:MOST]:
                    for value in ("[]", "{}", "0", '""', "set()"):
                        yield from _case(source, node, f"{name} is None", f"{name} = {value}")


def exceptions(scopes: Scopes) -> Iterator[Change]:
    """An exception handler that catches more, or one thing else."""
    source = scopes.source
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ExceptHandler) and node.type is not None and source.wants(node):
            old = source.of(node.type)
            for text in (*WIDER.get(old, ()), "Exception", *(name for name in WIDER if name != old)):
                yield ((source.span(node.type), text),)
            if isinstance(node.type, ast.Tuple):
                inner = [source.of(one) for one in node.type.elts]
                for name in (name for name in WIDER if name not in inner):
                    yield ((source.span(node.type), f"({', '.join([*inner, name])})"),)


def wider_elsewhere(scopes: Scopes) -> Iterator[Change]:
    """A wider exception where one is only named: in a tuple, a default, an argument of something that catches."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and not isinstance(parent, ast.Raise | ast.ClassDef):
            called = isinstance(parent, ast.Call) and parent.func is node
            yield from instead(source, parent, node, () if called else _wider(node.id))


def _wider(name: str) -> list[str]:
    """What Python derives this exception of its own from, the narrowest first."""
    known = getattr(builtins, name, None)
    if not (isinstance(known, type) and issubclass(known, Exception)):
        return []
    return [one.__name__ for one in known.__mro__[1:] if issubclass(one, Exception)]


def raised(scopes: Scopes) -> Iterator[Change]:
    """Another exception raised, or raised where something was returned."""
    source = scopes.source
    for parent, node in source.expressions():
        if isinstance(parent, ast.Raise) and node is parent.exc:
            name = node.func if isinstance(node, ast.Call) else node
            if isinstance(name, ast.Name):
                texts = ("ValueError", "TypeError", "KeyError", "IndexError", "RuntimeError", "AttributeError", "StopIteration")
                yield from (((source.span(name), text),) for text in texts if text != name.id)
    for block in scopes.blocks:
        for statement in block.statements:
            if (
                isinstance(statement, ast.Return)
                and source.wants(statement)
                and isinstance(block.owner, ast.If | ast.ExceptHandler)
            ):
                for text in ("ValueError", "KeyError", "TypeError", "IndexError"):
                    yield ((source.span(statement), f"raise {text}"),)


def protected(scopes: Scopes) -> Iterator[Change]:
    """A statement whose usual exceptions are caught and answered with something simple."""
    source = scopes.source
    for block in scopes.blocks:
        for node in block.statements:
            indentation = source.indentation(node)
            simple = isinstance(node, ast.Return | ast.Assign | ast.Expr) and node.lineno == node.end_lineno
            if not (simple and indentation is not None and source.wants(node) and block.function) or _is_text(node):
                continue
            end, line = line_end(source), source.of(node)
            for error in ("KeyError", "ValueError", "IndexError", "TypeError", "AttributeError", "ZeroDivisionError"):
                for way in ("return None", "return 0", "return False", "pass", *(("continue",) if block.loops else ())):
                    text = f"try:{end}{indentation}    {line}{end}{indentation}except {error}:{end}{indentation}    {way}"
                    yield ((source.span(node), text),)


def _case(source: Source, node: ast.stmt, question: str, answer: str) -> Iterator[Change]:
    change = before(source, node, [f"if {question}:", f"    {answer}"])
    if change is not None:
        yield change


def _questions(scope: Scope) -> list[str]:
    names = scope.names[:MOST]
    found = [
        *scope.conditions[:MOST],
        *(f"not {text}" if " " not in text else f"not ({text})" for text in scope.conditions[:MOST]),
    ]
    found += [text for name in names for text in (name, f"not {name}", f"{name} is None", f"{name} is not None")]
    things = scope.compared[:4]
    found += [f"{one} {sign} {other}" for one in things for other in ("0", *things) if one != other for sign in ("==", "<")]
    return list(dict.fromkeys(found))


def _first(block: Block) -> ast.stmt | None:
    """The first statement of a function behind its text."""
    return next((node for node in block.statements if not _is_text(node)), None)


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _names(node: ast.AST) -> list[str]:
    return list(dict.fromkeys(inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)))
