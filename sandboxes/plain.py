"""Finding a repository without git, where it lies as plainly as most do: whoever only looks on need not wait for git."""

import os
import re
import stat
from pathlib import Path

FOUND_IN = ".git"
HEAD = re.compile(r"ref: refs/\S+\n|[0-9a-f]{40}\n")
LINE = re.compile(r"""\s*(?:[#;].*|\[[\w.-]+(?: "[^"\\]*")?\]|[A-Za-z][\w-]*\s*=[^"\\]*)?""")
"""A line of settings as git writes them; whatever is written otherwise is left to git."""
PLAIN = re.compile(r"\[core\]\n\trepositoryformatversion = 0\n(?:\t.*\n)*?\tbare = false\n")
FAR_REACHING = re.compile(r"\[(?:include|extensions)|\bworktree\s*=|\bbare\s*=(?!\s*false\n)", re.IGNORECASE)
"""Settings that say something else of where a repository is, or can."""


def plain_top(folder: Path, user: int) -> Path | None:
    """The top of this user's own checkout around a folder, if git could give no other answer; otherwise git has to be asked."""
    device = folder.stat().st_dev
    for place in (folder, *folder.parents):
        if os.path.lexists(place / FOUND_IN):
            return place if place.stat().st_dev == device and _is_plain(place, user) else None
        if os.path.lexists(place / "HEAD"):  # it may be a bare repository, or the inside of one
            return None
    return None


def _is_plain(top: Path, user: int) -> bool:
    inside = top / FOUND_IN
    if not (_is_folder_of(user, top) and _is_folder_of(user, inside)) or (inside / "commondir").exists():
        return False
    if not all(_is_folder_of(user, inside / name) for name in ("objects", "refs")):
        return False
    head, settings = _text(inside / "HEAD"), _text(inside / "config")
    as_git_writes_them = PLAIN.match(settings) and all(map(LINE.fullmatch, settings.split("\n")))
    return bool(HEAD.fullmatch(head) and as_git_writes_them and not FAR_REACHING.search(settings))


def _is_folder_of(user: int, place: Path) -> bool:
    """Whether this is a folder, no link to one, that belongs to the user."""
    try:
        status = place.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == user


def _text(file: Path) -> str:
    """What stands in a file, no link to one; nothing, if it cannot be read as text."""
    try:
        return "" if file.is_symlink() else file.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
