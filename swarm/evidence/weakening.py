"""What became of one test: whether it is skipped now, asks less, asks something else, or is asked of fewer cases."""

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from swarm.evidence.assertions import Check, Strength, name_of
from swarm.evidence.changes import Kind, Saw
from swarm.evidence.inventory import Test, calls
from swarm.evidence.reached import checks

SKIPPING = ("skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure", "skipTest", "SkipTest", "importorskip")
FAKING = ("patch", "patch.object", "patch.dict", "patch.multiple", "monkeypatch.setattr", "monkeypatch.setitem", "mocker.patch")
"""Calls that put something else in the place of what is tested."""
ALIKE = 0.6
"""From here on two assertions are taken for one that was changed."""


def compared(old: Test, new: Test) -> tuple[Saw, ...]:
    """All that speaks of a test that is not quite the same any more."""
    seen = [*_skips(old, new), *_cases(old, new), *_fakes(old, new), *_marks(old, new), *_assertions(old, new)]
    if not seen and _whole(old) != _whole(new):
        seen.append(Saw(Kind.CHANGED, "it does something else before it asserts", line=new.function.lineno))
    return tuple(seen)


def _whole(test: Test) -> str:
    """All that a test is, but for its name."""
    return "\n".join([*map(ast.unparse, test.marks), *test.guards, ast.unparse(test.function.args), test.body])


def _skips(old: Test, new: Test) -> Iterator[Saw]:
    """What leaves the test out, or expects it to fail, that was not there."""
    for text in _added(_skipping(old), _skipping(new)):
        yield Saw(Kind.SKIPPED, "it may be skipped or expected to fail", after=text, line=new.function.lineno)
    for guard in _added(old.guards, new.guards):
        yield Saw(Kind.SKIPPED, "it is only defined under a condition", after=guard, line=new.function.lineno)


def _marks(old: Test, new: Test) -> Iterator[Saw]:
    """Any other mark: settings can choose by it which tests are run."""
    before, after = ([ast.unparse(mark) for mark in test.marks if not _is_told(mark)] for test in (old, new))
    pairs = zip_longest(_added(after, before), _added(before, after), fillvalue="")
    for was, now in pairs:
        yield Saw(Kind.CHANGED, "its marks were changed", before=was, after=now, line=new.function.lineno)


def _is_told(mark: ast.expr) -> bool:
    return _is_skipping(mark) or name_of(mark) == "parametrize" or (isinstance(mark, ast.Call) and _is_faking(mark))


def _skipping(test: Test) -> list[str]:
    named = [mark for mark in test.marks if _is_skipping(mark)]
    inside = [call for call in calls(test.function) if _is_skipping(call) and call not in test.function.decorator_list]
    raised = [node.exc for node in ast.walk(test.function) if isinstance(node, ast.Raise) and node.exc and _is_skipping(node.exc)]
    return sorted({*map(ast.unparse, (*named, *inside, *raised)), *(case for case in _case_texts(test) if "marks=" in case)})


def _is_skipping(expression: ast.expr) -> bool:
    return ast.unparse(expression).partition("(")[0].rpartition(".")[2] in SKIPPING


def _cases(old: Test, new: Test) -> Iterator[Saw]:
    """The cases of a parametrised test."""
    before, after = _case_texts(old), _case_texts(new)
    gone, come = _added(after, before), _added(before, after)
    changed = min(len(gone), len(come))
    for text, now in zip(gone, come, strict=False):
        if f"{now}".startswith(f"pytest.param({text.strip('()')}, marks="):
            continue  # told as skipped
        yield Saw(Kind.RETUNED, "a case was changed", before=text, after=now, line=new.function.lineno)
    for text in gone[changed:]:
        yield Saw(Kind.WEAKENED, "a case was removed", before=text, line=new.function.lineno)
    for text in come[changed:]:
        yield Saw(Kind.ADDED, "a case was added", after=text, line=new.function.lineno)


def _case_texts(test: Test) -> list[str]:
    texts: list[str] = []
    for mark in test.marks:
        match mark:
            case ast.Call(args=[names, ast.List(elts=cases) | ast.Tuple(elts=cases) | ast.Set(elts=cases), *_]) if (
                name_of(mark) == "parametrize"
            ):
                texts.extend(ast.unparse(case) for case in cases)
            case ast.Call(args=[names, *rest]) if name_of(mark) == "parametrize":
                texts.append(f"{ast.unparse(names)}: {', '.join(map(ast.unparse, rest))}")
    return texts


def _fakes(old: Test, new: Test) -> Iterator[Saw]:
    for text in _added(_faking(old), _faking(new)):
        yield Saw(Kind.WEAKENED, "it puts something else in the place of what is tested", after=text, line=new.function.lineno)


def _faking(test: Test) -> list[str]:
    every = [*calls(test.function), *(mark for mark in test.marks if isinstance(mark, ast.Call))]
    return sorted({ast.unparse(call) for call in every if _is_faking(call)})


def _is_faking(call: ast.Call) -> bool:
    return f".{ast.unparse(call.func)}".endswith(tuple(f".{name}" for name in FAKING))


def _added(old: Sequence[str], new: Sequence[str]) -> list[str]:
    """What is in the new more often than in the old, in its order."""
    left = Counter(old)
    more: list[str] = []
    for text in new:
        if left[text]:
            left[text] -= 1
        else:
            more.append(text)
    return more


def _assertions(old: Test, new: Test) -> Iterator[Saw]:
    """What became of every assertion."""
    before, after = checks(old.function), checks(new.function)
    for was, now in _paired(before, after):
        if now is None:
            kind = Kind.CHANGED if was.strength is Strength.NOTHING else Kind.WEAKENED
            yield Saw(kind, "an assertion was removed", before=was.text, line=new.function.lineno)
            continue
        if was.text != now.text:
            yield _judged(was, now)
        yield from _kept_from(was, now)


def _paired(before: Sequence[Check], after: Sequence[Check]) -> Iterator[tuple[Check, Check | None]]:
    """Every assertion of the old test with what it became, if it is still there; in which order they stand does not matter."""
    left = list(after)
    changed: list[Check] = []
    for was in before:
        same = next((now for now in left if now.text == was.text), None)
        if same is None:
            changed.append(was)
        else:
            left.remove(same)
            yield was, same
    alone = len(changed) == len(left) == 1
    for was in changed:
        now = _likeliest(was, left, alone=alone)
        if now is not None:
            left.remove(now)
        yield was, now


def _likeliest(was: Check, left: Sequence[Check], *, alone: bool) -> Check | None:
    """Of the new assertions, the one that this one was made into."""
    likeness = {now: (now.subject == was.subject) + SequenceMatcher(None, was.text, now.text).ratio() for now in left}
    best = max(left, key=lambda now: likeness[now], default=None)
    if best is not None and (likeness[best] >= ALIKE or best.strength is Strength.NOTHING or alone):
        return best
    return None


def _judged(was: Check, now: Check) -> Saw:
    """What the change of an assertion amounts to."""
    kind, detail = _amounts(was, now)
    return Saw(kind, detail, before=was.text, after=now.text, line=now.line)


def _amounts(was: Check, now: Check) -> tuple[Kind, str]:
    looser = dict(now.tolerance)
    if now.strength is Strength.NOTHING:
        return Kind.WEAKENED, "an assertion is always true now"
    if was.text in now.parts or set(was.parts) < set(now.parts):
        return Kind.WEAKENED, "an assertion accepts an alternative now"
    if was.raised and (now.raised != was.raised or now.match != was.match):
        return _raising(was, now)
    if now.strength < was.strength:
        return Kind.WEAKENED, "an assertion demands less now"
    if any(looser.get(name, value) > value for name, value in was.tolerance) or looser.keys() - dict(was.tolerance).keys():
        return Kind.WEAKENED, "a tolerance was widened"
    if (was.subject, was.expected) == (now.subject, now.expected) and was.tolerance != now.tolerance:
        return Kind.CHANGED, "a tolerance was narrowed"
    if now.strength > was.strength:
        return Kind.CHANGED, "an assertion demands more now"
    if was.subject == now.subject and was.expected != now.expected:
        return Kind.RETUNED, "an assertion expects something else now"
    if was.expected == now.expected:
        return Kind.RETUNED, "an assertion asks about something else now"
    return Kind.CHANGED, "an assertion was changed"


def _raising(was: Check, now: Check) -> tuple[Kind, str]:
    if any(_is_wider(one, was.raised) for one in now.raised) or set(was.raised) < set(now.raised) or not now.raised:
        return Kind.WEAKENED, "a wider class of exceptions is accepted now"
    if was.match and not now.match:
        return Kind.WEAKENED, "what the exception says is not looked at any more"
    return Kind.RETUNED, "another exception is expected now"


def _is_wider(name: str, than: Sequence[str]) -> bool:
    """Whether an exception is an ancestor of these; of those that are not Python's own, only the very widest are known to be."""
    if name in than:
        return False
    wide = getattr(builtins, name, None)
    known = [getattr(builtins, one, None) for one in than]
    if name in ("Exception", "BaseException"):
        return True
    return isinstance(wide, type) and any(isinstance(one, type) and issubclass(one, wide) for one in known)


def _kept_from(was: Check, now: Check) -> Iterator[Saw]:
    """What can keep an assertion from being reached, or from failing the test, that was not there."""
    for guard in _added(was.guards, now.guards):
        word = guard.partition(" ")[0]
        same = [one for one in was.guards if one.partition(" ")[0] == word and one not in now.guards]
        if same and word == "for":
            yield Saw(Kind.RETUNED, "the cases of a loop were changed", before=same[0], after=guard, line=now.line)
        else:
            yield Saw(Kind.WEAKENED, f"an assertion stands under `{guard}` now", before=now.text, line=now.line)
    if now.exits > was.exits:
        yield Saw(Kind.WEAKENED, "the test may end before an assertion now", before=now.text, line=now.line)
