"""Which hunks are tried first, and which lines of a guilty one are shown."""

from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from swarm.code.snapshot import Snapshot
from swarm.code.suspects import Failure, suspects
from swarm.triage.hunks import Change, Hunk
from swarm.triage.sight import Fault, Sight

RAISED, ENTERED, NAMED, ELSEWHERE = range(4)
"""How close a hunk is to a failure: the exception passed through it, the test ran its function, its file was named, or none."""


def ranks(change: Change, test: str, fault: Fault, sight: Sight, now: Snapshot) -> dict[int, int]:
    """How close each hunk is to the failure, by its number."""
    raised = {(frame.path, frame.line) for frame in fault.frames}
    reached = sight.run.reached.get(test) if sight.run else None
    found = {}
    for hunk in change.hunks:
        first, last = hunk.lines
        if any(path == hunk.path and first - 1 <= line <= last + 1 for path, line in raised):
            found[hunk.number] = RAISED
        elif reached and (_entered(hunk, reached.functions, now) or hunk.path in reached.files):
            found[hunk.number] = ENTERED
        elif _named(hunk, fault):
            found[hunk.number] = NAMED
        else:
            found[hunk.number] = ELSEWHERE
    return found


def _entered(hunk: Hunk, functions: Mapping[str, Sequence[int]], now: Snapshot) -> bool:
    if hunk.path not in functions or hunk.path not in now.files:
        return False
    known = now.blocks_of(hunk.path)
    entered = {known.at(line) for line in functions[hunk.path] if line}
    return bool(entered & {known.at(line) for line in range(hunk.lines[0], hunk.lines[1] + 1)})


def _named(hunk: Hunk, fault: Fault) -> bool:
    """Whether what it takes away or brings stands in the message, or the failure passed through its file."""
    words = {word for line in (*hunk.removed, *hunk.added) for word in line.replace("(", " ").replace(":", " ").split()}
    said = set(fault.message.replace("'", " ").replace('"', " ").split())
    names = {word for word in words & said if word.isidentifier() and len(word) > 3}
    return bool(names) or PurePosixPath(hunk.path).name in fault.text


def suspicious(test: str, sets: Sequence[Sequence[Hunk]], fault: Fault, now: Snapshot) -> dict[str, tuple[int, ...]]:
    """The lines of guilty hunks that the failure points at, worst first; of a hunk that it does not point at, none."""
    guilty = [hunk for one in sets for hunk in one if hunk.kind in ("edit", "add") and hunk.path.endswith(".py")]
    sources = {path: now.read(path) for path in {hunk.path for hunk in guilty} if path in now.files}
    home = test.partition("::")[0]
    tests = {home: now.read(home)} if "::" in test and home in now.files else {}
    failure = Failure(test, tuple((frame.path, frame.line) for frame in fault.frames))
    found: dict[str, list[int]] = {}
    for suspect in suspects(sources, tests, [failure], ()) if sources and tests else ():
        for line in range(suspect.first, suspect.last + 1):
            inside = any(hunk.path == suspect.path and _covers(hunk, line) for hunk in guilty)
            if inside and line not in found.setdefault(suspect.path, []):
                found[suspect.path].append(line)
    return {path: tuple(lines) for path, lines in found.items() if lines}


def _covers(hunk: Hunk, line: int) -> bool:
    first, last = hunk.lines
    return hunk.kind == "add" or (bool(hunk.added) and first <= line <= last)
