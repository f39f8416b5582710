"""What is remembered of tests from one triage to the next: what each of them reached, and how files fall into blocks.

It lies in the state folder, one file for each environment and way of testing. Whatever is wrong with it, it is as if nothing were
known: then tests are chosen by imports.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from sandboxes.blobs import contents
from sandboxes.lock import locked
from sandboxes.mirror import Mirror
from swarm.code.blocks import Block, Blocks, blocks
from swarm.code.impact import Footprint, Need
from swarm.code.snapshot import Snapshot
from swarm.lasting import write_whole

FORMAT = 2


@dataclass
class Knowledge:
    """What is known, and where it is kept."""

    place: Path
    tests: dict[str, Footprint] = field(default_factory=dict)
    parsed: dict[str, Blocks] = field(default_factory=dict)
    """The blocks of Python files, by object."""
    digest: bytes = b""
    """The sum of what was read."""

    @classmethod
    def at(cls, folder: Path, *facts: str, before: "Knowledge | None" = None) -> "Knowledge":
        """What is known of tests that are run in this way; `before`: what was known when this was asked last."""
        key = hashlib.sha256(json.dumps([FORMAT, *facts]).encode()).hexdigest()[:20]
        place = folder / f"reach-{key}.json"
        try:
            digest, _, content = place.read_bytes().partition(b"\n")
        except FileNotFoundError:
            return cls(place)
        if hashlib.sha256(content).hexdigest().encode() != digest:
            return cls(place)
        if before is not None and (before.place, before.digest) == (place, digest):
            return before.copied()
        kept = json.loads(content)
        needs = [Need(*one) for one in kept["needs"]]
        parsed = {oid: _blocks(one) for oid, one in kept["parsed"].items()}
        return cls(place, dict(_footprints(kept["tests"], needs)), parsed, digest)

    def snapshot(self, mirror: Mirror, tree: str, folder: str = "") -> Snapshot:
        """A tree of the mirror, with its project in this folder; every Python file is taken apart once and never again."""
        files = {path: entry.oid for path, entry in mirror.files(tree).items() if entry.mode.startswith("100")}

        def blocks_of(path: str) -> Blocks:
            if files[path] not in self.parsed:
                unknown = {oid for name, oid in files.items() if name.endswith(".py") and oid not in self.parsed} | {files[path]}
                for oid, content in contents(mirror.git, sorted(unknown)).items():
                    self.parsed[oid] = blocks(content)
            return self.parsed[files[path]]

        @cache
        def read(path: str) -> bytes:
            return contents(mirror.git, [files[path]])[files[path]]

        return Snapshot(tree, files, read, blocks_of, folder)

    def copied(self) -> "Knowledge":
        """What is known so far, whatever is learned from now on."""
        return Knowledge(self.place, dict(self.tests), dict(self.parsed), self.digest)

    def keep(self, *snapshots: Snapshot) -> None:
        """Write down what is known, whole or not at all; of the files only those of these states."""
        objects = {oid for one in snapshots for oid in one.files.values()}
        numbers: dict[Need, int] = {}
        tests = {test: _told(known, numbers) for test, known in self.tests.items()}
        parsed = {oid: _plain(one) for oid, one in self.parsed.items() if oid in objects}
        content = json.dumps({"tests": tests, "needs": list(numbers), "parsed": parsed}, separators=(",", ":")).encode()
        self.place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self.place.with_suffix(".lock")):  # after a power cut the sum tells whether it is whole
            write_whole(self.place, hashlib.sha256(content).hexdigest().encode() + b"\n" + content, lasting=False)


def _footprints(kept: Mapping[str, Any], needs: list[Need]) -> Iterator[tuple[str, Footprint]]:
    for test, one in kept.items():
        yield test, _footprint(one, needs)


def _footprint(kept: list[Any], needs: list[Need]) -> Footprint:
    passed, seconds, opaque, numbers, earlier = kept
    before = _footprint(earlier, needs) if earlier else None
    return Footprint(passed, seconds, frozenset(needs[number] for number in numbers), opaque, before)


def _told(known: Footprint, numbers: dict[Need, int]) -> list[Any]:
    needs = [numbers.setdefault(need, len(numbers)) for need in known.needs]
    earlier = known.passed_before
    return [known.passed, known.seconds, known.opaque, needs, _told(earlier, numbers) if earlier else None]


def _plain(known: Blocks) -> list[Any]:
    return [known.module, [[one.name, one.first, one.last, one.value] for one in known.functions], known.imports, known.readable]


def _blocks(kept: list[Any]) -> Blocks:
    module, functions, imports, readable = kept
    return Blocks(module, tuple(Block(*one) for one in functions), tuple(imports), readable)
