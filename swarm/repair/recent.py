"""Which lines were changed recently: a fault is more often in what is new."""

from collections.abc import Iterable

from swarm.evidence.ground import Ground

COMMITS = 10
"""So many commits are recent."""
FILES = 8
"""So many files are looked at: this is a hint, and blaming takes a while."""
FEW = 0.4
"""If a larger part of a file is new, all of it is, and that tells nothing."""

Recent = dict[tuple[str, int], float]
"""How recent a line is, between 0 and 1."""


def recent(ground: Ground, paths: Iterable[str]) -> Recent:
    """The lines of these files that the last commits changed."""
    git = ground.rooms.mirror.git
    commits = git.text("rev-list", f"--max-count={COMMITS + 1}", ground.base).split()
    if len(commits) <= 1:
        return {}
    ages = {commit: 1.0 - age / COMMITS for age, commit in enumerate(commits[:COMMITS])}
    found: Recent = {}
    for path in list(paths)[:FILES]:
        lines = _blamed(git.text("blame", "--porcelain", ground.base, "--", path))
        new = {line: ages[commit] for line, commit in lines.items() if commit in ages and commit != commits[-1]}
        if len(new) <= FEW * len(lines):
            found |= {(path, line): age for line, age in new.items()}
    return found


def _blamed(text: str) -> dict[int, str]:
    """The commit of each line, from git's porcelain: a head of `commit, line before, line now` for each, then the line itself."""
    found: dict[int, str] = {}
    for line in text.splitlines():
        words = line.split(" ")
        if not line.startswith("\t") and len(words) in (3, 4) and len(words[0]) in (40, 64) and words[1].isdigit():
            found[int(words[2])] = words[0]
    return found
