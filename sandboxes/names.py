"""Which names an agent's file may bear, and where its links may point. Paths are bytes."""

import unicodedata

DROPPINGS = frozenset({b"__pycache__", b".pytest_cache", b".mypy_cache", b".ruff_cache", b".hypothesis"})
IGNORED_BY_MAC = dict.fromkeys(
    [*range(0x200C, 0x2010), *range(0x202A, 0x202F), *range(0x206A, 0x2070), 0xFEFF]
)  # code points that its file system leaves out of names


def dropping(name: bytes) -> bool:
    """Whether a file or folder of this name is what running tests leaves behind."""
    return name in DROPPINGS or name.endswith(b".pyc")


def git_folder(name: bytes) -> bool:
    """Whether some file system would take this name for `.git`."""
    plain = name.decode("utf-8", "surrogateescape").translate(IGNORED_BY_MAC)
    folded = unicodedata.normalize("NFKC", plain).casefold().partition(":")[0].rstrip(" .")
    return folded in (".git", "git~1")


def stays_inside(path: bytes, target: bytes) -> bool:
    """Whether a link at this path of a tree surely leads to a place in that tree.

    Upward steps count only at the start of the target: after a name that is itself a link, `..` would be anywhere.
    """
    if not target or target.startswith(b"/") or b"\0" in target:
        return False
    parts = [part for part in target.split(b"/") if part not in (b"", b".")]
    ups = next((at for at, part in enumerate(parts) if part != b".."), len(parts))
    return ups <= path.count(b"/") and not any(part == b".." or git_folder(part) for part in parts[ups:])
