"""The contents, or the sizes, of many objects in one call."""

from collections.abc import Mapping, Sequence

from sandboxes.git import Git, GitTrouble


def weight(git: Git, names: Sequence[str]) -> int:
    """How many bytes all of these objects have together."""
    asked = "".join(f"{name}\n" for name in names).encode()
    told = git.run("cat-file", "--batch-check=%(objectsize)", stdin=asked) if names else b""
    return sum(int(size) for size in told.split())


def contents(git: Git, names: Sequence[str], environment: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The content of every one of these blobs."""
    asked = "".join(f"{name}\n" for name in names).encode()
    told = git.run("cat-file", "--batch=%(objecttype) %(objectsize)", stdin=asked, environment=environment) if names else b""
    found, at = {}, 0
    for name in names:
        end = told.index(b"\n", at)
        kind, _, size = told[at:end].decode().partition(" ")
        if kind != "blob":
            raise GitTrouble(what=f"git cat-file {name}", said=f"it is no file that is there: {told[at:end].decode()}")
        found[name] = told[end + 1 : end + 1 + int(size)]
        at = end + 1 + int(size) + 1
    return found
