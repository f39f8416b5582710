"""A change in pieces: each hunk of it can be taken or left, and any choice of them gives a whole tree."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import field
from functools import cached_property

from sandboxes.blobs import contents
from sandboxes.git import decoded, encoded
from sandboxes.listing import LINK, SUBMODULE, Entry
from sandboxes.mirror import Mirror
from sandboxes.revision import Revision
from swarm.values import Value

RANGES = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
SECTION = re.compile(rb"^diff --git ", re.MULTILINE)
ABSENT = "0" * 6
DIFF = "-r -M -z --raw -p -U0 --no-abbrev --no-color --no-ext-diff --no-textconv --diff-algorithm=histogram".split()
SAID = {
    "add": "new file",
    "delete": "deleted",
    "mode": "another mode",
    "binary": "binary file",
    "link": "link",
    "submodule": "submodule",
}


class Hunk(Value):
    """The smallest piece of a change."""

    number: int
    path: str
    """As it is called after the change; before it, if it is deleted."""
    kind: str
    """`edit`, `rename`, or how a file differs as a whole."""
    old: tuple[int, int] = (0, 0)
    """The lines of base that an edit replaces: from, and up to without, counted from zero."""
    new: tuple[int, int] = (0, 0)
    """The lines after the change that stand there instead."""
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    source: str = ""
    """How a renamed file was called."""
    needs: frozenset[int] = frozenset()
    """The hunks without which it makes no sense: a file is edited under its new name only if it is renamed."""

    @property
    def lines(self) -> tuple[int, int]:
        """The first and the last line after the change, as people count; where lines are only taken away, the one before them."""
        first, end = self.new
        return (first + 1, end) if end > first else (max(first, 1), max(first, 1))

    @property
    def place(self) -> str:
        """Where it is, as people and editors write it."""
        first, last = self.lines
        if self.kind == "edit":
            return f"{self.path}:{first}" if last == first else f"{self.path}:{first}-{last}"
        return f"{self.path} ({f'renamed from {self.source}' if self.kind == 'rename' else SAID[self.kind]})"


class Pair(Value):
    """One file on both sides of a change."""

    old_path: str
    path: str
    old: Entry
    new: Entry
    ranges: tuple[tuple[int, int, int, int], ...]
    """Of each edit where it is in the old file and how long, and the same in the new one; counted as git does."""
    binary: bool

    @property
    def whole(self) -> str:
        """How it differs as a whole; empty: it is edited, or only called otherwise."""
        modes = (self.old.mode, self.new.mode)
        for mode, kind in ((SUBMODULE, "submodule"), (ABSENT, "add" if modes[0] == ABSENT else "delete"), (LINK, "link")):
            if mode in modes:
                return kind
        return "binary" if self.binary else ""


class Change(Value):
    """All that differs between two trees of the mirror."""

    mirror: Mirror
    base: str
    tree: str
    _made: dict[frozenset[int], str] = field(default_factory=dict, compare=False, repr=False)

    @cached_property
    def hunks(self) -> tuple[Hunk, ...]:
        """Every hunk, in the order of the files."""
        found: list[Hunk] = []
        for pair in self._pairs:
            found += self._cut(pair, len(found))
        return tuple(found)

    def look(self) -> None:
        """Find out now what will be asked for later."""
        assert self.hunks is not None

    @property
    def paths(self) -> set[str]:
        """Every path that differs."""
        return {path for pair in self._pairs for path in (pair.old_path, pair.path)}

    def closed(self, chosen: Collection[int]) -> frozenset[int]:
        """These hunks and all that they need."""
        return frozenset(chosen) | {need for number in chosen for need in self.hunks[number].needs}

    def with_only(self, chosen: Collection[int]) -> str:
        """The tree of base with these hunks, and what they need, and no others."""
        wanted = self.closed(chosen)
        if not wanted or len(wanted) == len(self.hunks):
            return self.tree if wanted else self.base
        if wanted not in self._made:
            with Revision(self.mirror.git, self.base) as revision:
                for pair in self._pairs:
                    self._place(revision, pair, [hunk for hunk in self.hunks if hunk.path == pair.path and hunk.number in wanted])
                self._made[wanted] = revision.write()
        return self._made[wanted]

    def _place(self, revision: Revision, pair: Pair, hunks: Sequence[Hunk]) -> None:
        """Put into the tree what these hunks make of a file."""
        kinds = {hunk.kind for hunk in hunks}
        if not hunks:
            return
        if pair.whole == "delete" or pair.old_path != pair.path:
            revision.remove(encoded(pair.old_path))
        if pair.whole:
            if pair.whole != "delete":
                revision.place(encoded(pair.path), pair.new)
            return
        mode = pair.new.mode if "mode" in kinds else pair.old.mode
        edits = [hunk for hunk in hunks if hunk.kind == "edit"]
        if edits:
            revision.add(encoded(pair.path), mode, _spliced(self._texts[pair.old.oid], self._texts[pair.new.oid], edits))
        else:
            revision.place(encoded(pair.path), Entry(mode, pair.old.oid))

    @cached_property
    def _pairs(self) -> tuple[Pair, ...]:
        said = self.mirror.git.run("diff-tree", *DIFF, self.base, self.tree)
        raw, _, patch = said.partition(b"\0\0") if b"\0\0" in said else (said.removesuffix(b"\0"), b"", b"")
        sections = [*SECTION.split(patch)[1:]]
        fields = raw.split(b"\0") if raw else []
        pairs, at = [], 0
        while at < len(fields):
            old_mode, mode, old, new, status = fields[at].decode().removeprefix(":").split(" ")
            moved = status[0] in "RC"
            paths = [decoded(path) for path in fields[at + 1 : at + (3 if moved else 2)]]
            pairs.append((paths[0], paths[-1], Entry(old_mode, old), Entry(mode, new)))
            at += 1 + len(paths)
        # Where a file becomes a link, git shows that one pair in two sections.
        texts = iter(sections)
        return tuple(_pair(*pair, next(texts) + (next(texts) if _turned(pair[2], pair[3]) else b"")) for pair in pairs)

    @cached_property
    def _texts(self) -> Mapping[str, bytes]:
        """The content of every file that is edited, on both sides, and of every new one, by its object."""
        edited = [pair for pair in self._pairs if not pair.whole and pair.ranges]
        shown = [pair.new.oid for pair in self._pairs if _has_lines(pair)]
        return contents(self.mirror.git, [*(entry.oid for pair in edited for entry in (pair.old, pair.new)), *shown])

    def _cut(self, pair: Pair, number: int) -> Iterator[Hunk]:
        if pair.whole:
            yield Hunk(number, pair.path, pair.whole, added=self._start(pair))
            return
        needs: frozenset[int] = frozenset()
        if pair.old_path != pair.path:
            yield Hunk(number, pair.path, "rename", source=pair.old_path)
            needs, number = frozenset({number}), number + 1
        if pair.old.mode != pair.new.mode:
            yield Hunk(number, pair.path, "mode", needs=needs)
            number += 1
        if not pair.ranges:
            return
        before, after = _lines(self._texts[pair.old.oid]), _lines(self._texts[pair.new.oid])
        for old_at, old_size, new_at, new_size in pair.ranges:
            old, new = _slice(old_at, old_size), _slice(new_at, new_size)
            texts = (_shown(before[slice(*old)]), _shown(after[slice(*new)]))
            yield Hunk(number, pair.path, "edit", old, new, *texts, needs=needs)
            number += 1

    def _start(self, pair: Pair) -> tuple[str, ...]:
        """How a new file begins, for people."""
        return _shown(_lines(self._texts[pair.new.oid])[:5]) if _has_lines(pair) else ()


def _has_lines(pair: Pair) -> bool:
    """Whether it is a new file of which the beginning can be shown."""
    return pair.whole == "add" and not pair.binary and pair.new.mode != SUBMODULE


def _turned(old: Entry, new: Entry) -> bool:
    """Whether it is another kind of thing than it was: git shows the end of the one and the beginning of the other."""
    return ABSENT not in (old.mode, new.mode) and old.mode[:3] != new.mode[:3]


def _pair(old_path: str, path: str, old: Entry, new: Entry, section: bytes) -> Pair:
    head = section.partition(b"\n@@ ")[0]
    ranges = tuple((int(found[1]), int(found[2] or 1), int(found[3]), int(found[4] or 1)) for found in RANGES.finditer(section))
    return Pair(old_path, path, old, new, ranges, b"\nBinary files " in head)


def _slice(at: int, size: int) -> tuple[int, int]:
    """Git counts lines from one, and names the line before an empty range."""
    return (at - 1, at - 1 + size) if size else (at, at)


def _spliced(before: bytes, after: bytes, edits: Sequence[Hunk]) -> bytes:
    old, new = _lines(before), _lines(after)
    for edit in reversed(edits):
        old[slice(*edit.old)] = new[slice(*edit.new)]
    return _joined(old)


def _lines(content: bytes) -> list[bytes]:
    """Lines with their ends, as git counts them: only a line feed ends one."""
    lines = content.split(b"\n")
    return [line + b"\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])


def _joined(lines: Sequence[bytes]) -> bytes:
    """A last line without an end gets one if others come to stand behind it."""
    last = len(lines) - 1
    return b"".join(line if at == last or line.endswith(b"\n") else line + b"\n" for at, line in enumerate(lines))


def _shown(lines: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(line.decode("utf-8", "replace").rstrip("\r\n") for line in lines)
