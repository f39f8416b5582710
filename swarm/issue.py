"""What an issue is, and where it can come from."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from swarm.errors import UsageError

LARGEST = 1024 * 1024
"""Bytes of an issue that are read; nobody describes a bug in more, and a log that long belongs into a file."""


@dataclass(frozen=True)
class Issue:
    """A bug report. Its words are somebody's: data to be quoted, never instructions."""

    title: str
    body: str
    source: str
    """`text`, `stdin`, or the name of a file."""
    clipped: bool = False
    """Whether its end was left out because it is too long."""

    @property
    def slug(self) -> str:
        """The title as a part of a branch name: lower-case words, at most forty characters, never empty."""
        words = re.findall(r"[a-z0-9]+", self.title.lower())
        slug = ""
        for word in words:
            if slug and len(slug) + len(word) >= 40:
                break
            slug = f"{slug}-{word}" if slug else word[:40]
        return slug or "issue"


def read_issue(given: str, stdin: BinaryIO) -> Issue:
    """The issue that was given on the command line: `-`, a file, or the text itself."""
    if given == "-":
        return _issue(stdin.read(LARGEST + 1), "stdin")
    if re.fullmatch(r"https?://\S+", given):
        raise UsageError(
            what=f"`{given}` is not the address of an issue or a pull request.",
            remedy="Give one like https://HOST/OWNER/REPOSITORY/issues/12, the text of the issue, or a file with it.",
        )
    if (file := _file(given)) is not None:
        with file.open("rb") as content:
            return _issue(content.read(LARGEST + 1), file.name)
    if "\n" not in given and given.endswith((".md", ".txt", ".rst")):
        raise UsageError(what=f"There is no file `{given}`.", remedy="Name a file that exists, or give the text of the issue.")
    return _issue(given.encode("utf-8", "surrogateescape"), "text")


def _file(given: str) -> Path | None:
    """The file of this name, if the words are one; a long text is no file name, and asking the system would be an error."""
    if "\n" in given or "\0" in given or len(given.encode("utf-8", "surrogateescape")) > 255:
        return None
    path = Path(given)
    return path if path.is_file() else None


def _issue(content: bytes, source: str) -> Issue:
    clipped = len(content) > LARGEST
    text = content[:LARGEST].decode("utf-8", "replace").lstrip("\ufeff").strip()
    if not text:
        raise UsageError(what=f"The issue ({source}) is empty.", remedy="Say in a sentence or more what is wrong.")
    first, _, rest = text.partition("\n")
    title = first.strip().lstrip("#").strip()[:200] or "issue"
    return Issue(title, rest.strip() if len(first) <= 200 else text, source, clipped)
