"""Writes the settings of a repository down, each with its meaning, and leaves every byte that was there as it was."""

import json
import os
import textwrap
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from swarm.errors import SettingsError
from swarm.lasting import sync_content, sync_folder
from swarm.settings.sources import OWN, SECTION, SHARED
from swarm.settings.values import keys, meanings
from swarm.visible import visible

WIDTH = 100
HEADER = ("What swarm goes by in this repository. `swarm config` shows every setting, its value and its origin.",)


class NotWritten(SettingsError):
    """The settings cannot be written into {place}: {reason}
    Nothing was changed.
    Put them there by hand: `swarm init --dry-run` prints them."""


@dataclass(frozen=True)
class Proposal:
    """What would be added to which file."""

    place: Path
    before: bytes | None
    """What is in the file. None: there is no such file."""
    text: str
    """What would be added."""


def proposal(top: Path, values: Mapping[str, object], remarks: Mapping[str, str], others: Sequence[str]) -> Proposal:
    """The settings as a table of pyproject.toml, or where there is none, as a file of swarm's own."""
    shared = top / SHARED
    place = shared if shared.is_file() else top / OWN
    lines = list(_lines(values, remarks, others))
    if place != shared:
        return Proposal(place, None, "\n".join(lines) + "\n")
    before = place.read_bytes()
    end = "\r\n" if b"\r\n" in before else "\n"
    gap = end if before.endswith(b"\n") or not before else end * 2
    return Proposal(place, before, gap + end.join([f"[{'.'.join(SECTION)}]", *lines]) + end)


def write(proposed: Proposal) -> None:
    """Add it: wholly or not at all, with the rights that the file had, and only if it is still as it was."""
    place, before = proposed.place, proposed.before
    content = (before or b"") + proposed.text.encode()
    _must_be_an_addition(place, before or b"", content)
    if place.is_symlink():
        raise NotWritten(place=place.name, reason="it is a link to another file.")
    draft = place.with_name(f"{place.name}.swarm-draft")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        try:
            with os.fdopen(descriptor, "wb") as file:
                if before is not None:
                    os.fchmod(file.fileno(), place.stat().st_mode & 0o7777)
                file.write(content)
                file.flush()
                sync_content(file.fileno())
            if (place.read_bytes() if place.exists() else None) != before:
                raise NotWritten(place=place.name, reason="somebody has changed it meanwhile.")
            draft.replace(place)
        finally:
            draft.unlink(missing_ok=True)
        sync_folder(place.parent)
    except OSError as error:
        raise NotWritten(place=place.name, reason=f"{error.strerror}.") from error


def _lines(values: Mapping[str, object], remarks: Mapping[str, str], others: Sequence[str]) -> Iterator[str]:
    texts, defaults = meanings(), {key.name: key.default for key in keys()}
    yield from _comment(*HEADER)
    for name, value in values.items():
        yield ""
        yield from _comment(texts[name], *([remarks[name]] if name in remarks else []))
        yield f"{name} = {_spelled(value)}"
    for name in others:
        default = defaults[name]
        yield ""
        yield from _comment(texts[name], f"{name} = {_spelled(1.0 if default is None else default)}")


def _comment(*texts: str) -> Iterator[str]:
    for text in texts:
        yield from (f"# {line}" for line in textwrap.wrap(visible(text), WIDTH, break_on_hyphens=False))


def _spelled(value: object) -> str:
    """A value as TOML has it; JSON's strings, numbers and booleans are TOML's."""
    return json.dumps(value, ensure_ascii=False)


def _must_be_an_addition(place: Path, before: bytes, after: bytes) -> None:
    """See that the file says all that it said, and the table beside: if its `tool` is written inline, nothing can be added."""
    if place.name != SHARED:
        return
    try:
        old, new = (tomllib.loads(content.decode("utf-8-sig")) for content in (before, after))
    except (ValueError, RecursionError) as error:
        raise NotWritten(place=place.name, reason="no table can be added at its end.") from error
    tool = {name: value for name, value in new.get("tool", {}).items() if name != SECTION[-1]}
    if {**new, "tool": tool} != {**old, "tool": old.get("tool", {})}:
        raise NotWritten(place=place.name, reason="its other settings would not stay as they are.")
