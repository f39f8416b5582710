"""The git hook that has every commit looked at first: put where git looks for it, beside what was there, and taken away again."""

import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sandboxes.git import GitTrouble
from sandboxes.hooks import hooks_folder
from sandboxes.repository import Repository
from swarm.errors import Conflict

NAME = "pre-commit"
BEFORE = f"{NAME}.before-swarm"
MARK = "# swarm triage: `swarm init --hook --undo` takes this away"
SCRIPT = f"""\
#!/bin/sh
{MARK}
before="$(dirname "$0")/{BEFORE}"
if [ -x "$before" ]; then "$before" "$@" || exit $?; fi
python={{python}}
if [ ! -x "$python" ]; then echo "swarm is not installed any more, so nobody has looked at this commit" >&2; exit 0; fi
exec "$python" -P -m swarm triage --hook
"""


class HookInTheWay(Conflict):
    """There is a hook at {place} that swarm did not write: {reason}
    Nothing was changed.
    {remedy}"""


@dataclass(frozen=True)
class Hooked:
    """What was done."""

    place: Path
    sentence: str
    before: Path | None = None


def install(repository: Repository, environ: Mapping[str, str]) -> Hooked:
    """Have every commit of this repository looked at; a hook that is there is kept, and called first."""
    folder = hooks_folder(repository, environ)
    place, before = folder / NAME, folder / BEFORE
    script = SCRIPT.format(python=shlex.quote(sys.executable))
    if _ours(place):
        place.write_text(script)
        return Hooked(place, f"{place} looks at every commit already", before if before.exists() else None)
    if place.exists() and before.exists():
        raise HookInTheWay(
            place=place, reason=f"and {before.name} is taken as well.", remedy="Put the two together by hand first."
        )
    folder.mkdir(parents=True, exist_ok=True)
    kept = place.exists() or place.is_symlink()
    if kept:
        place.rename(before)
    try:
        place.write_text(script)
        place.chmod(0o755)
    except OSError as error:
        if kept:
            before.rename(place)
        raise GitTrouble(what=f"install {place}", said=error.strerror or error) from error
    sentence = f"from now on {place} looks at every commit"
    return Hooked(place, f"{sentence}, after {before.name}" if kept else sentence, before if kept else None)


def remove(repository: Repository, environ: Mapping[str, str]) -> Hooked:
    """Take the hook away, and put back the one that was there before."""
    folder = hooks_folder(repository, environ)
    place, before = folder / NAME, folder / BEFORE
    if not _ours(place):
        remedy = "`swarm init --hook` puts it there." if not place.exists() else f"Take `swarm triage` out of {place} by hand."
        reason = "there is none of swarm's." if not place.exists() else "it was changed, or it is another one."
        raise HookInTheWay(place=place, reason=reason, remedy=remedy)
    if before.exists() or before.is_symlink():
        before.replace(place)
        return Hooked(place, f"{place} is again what it was")
    place.unlink()
    return Hooked(place, f"{place} is gone")


def _ours(place: Path) -> bool:
    """Whether nobody has written into it since swarm did."""
    if not place.is_file() or place.is_symlink():
        return False
    lines = place.read_text(errors="replace").splitlines()
    ours = SCRIPT.splitlines()
    return len(lines) == len(ours) and all(
        one == other for one, other in zip(lines, ours, strict=True) if "{python}" not in other
    )
