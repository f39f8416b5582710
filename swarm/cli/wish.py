"""What is to be done with the fix of each issue, and with several issues one after the other."""

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from swarm.cli.here import Here
from swarm.cli.options import consent
from swarm.cli.publishing import door_of, outward

if TYPE_CHECKING:
    # `swarm --help` must not load what only the commands need.
    from swarm.events import Event
    from swarm.issue import Issue
    from swarm.parts import Parts
    from swarm.posting import Post
    from swarm.several import Report


@dataclass(frozen=True)
class Wanted:
    """An issue that was read, and where its result goes."""

    issue: "Issue"
    told: "tuple[Event, ...]"
    post: "Post | None"


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the person wants beside the fix itself."""

    pulling: bool
    comment: bool
    remote: str
    yes: bool
    merging: bool

    def refuse_silence(self) -> None:
        """A run is not begun for a pull request that nobody could say yes to."""
        from swarm.errors import UsageError

        if self.pulling and not self.yes and not sys.stdin.isatty():
            what = "Nobody is here to be asked whether a pull request may be opened."
            raise UsageError(what=what, remedy="Say --yes, or leave --pr away and use `swarm pr` later.")

    def taken(self, here: Here, given: str) -> Wanted:
        """The issue, and where its pull request would go."""
        from swarm.posting import commented, posted

        door = door_of(here)
        issue, told = door.take(given, sys.stdin.buffer, closed_too=self.yes)
        if self.comment:
            commented(door, issue.source)
        return Wanted(issue, told, posted(door, issue.source, self.remote) if self.pulling else None)

    def fulfilled(self, here: Here, parts: "Parts", wanted: Wanted, given: "tuple[Event, ...]") -> int:
        """Fix it, tell how it goes and what came of it, and do what else is wanted."""
        from swarm.fix import begin
        from swarm.merging import harbour
        from swarm.telling import told

        run = begin(parts, wanted.issue, *wanted.told, *given).name
        after = outward(door_of(here), harbour(parts), wanted.post, comment=self.comment, yes=self.yes)
        return told(here.speech, parts, run, self._merging, after if self.pulling or self.comment else None)

    def fulfilled_quietly(self, here: Here, parts: "Parts", given: str, begun: Callable[[str], None]) -> tuple[int, str]:
        """The same for one of several: what there is to say is for the report."""
        from swarm.fix import begin
        from swarm.landed import landed_text
        from swarm.merging import harbour
        from swarm.telling import accompanied

        wanted = self.taken(here, given)
        run = begin(parts, wanted.issue, *wanted.told).name
        begun(run)
        code, landed = accompanied(here.speech, parts, run, self._merging)
        done = outward(door_of(here), harbour(parts), wanted.post, comment=self.comment, yes=self.yes)(parts.store.run(run))
        return code, "\n".join((*([landed_text(run, landed)] if landed else []), *(one["text"] for one in done.values())))

    @property
    def _merging(self) -> Callable[[str], bool] | None:
        return consent(yes=False) if self.merging else None


def refuse_slips(issues: Sequence[str], *, alone: bool) -> None:
    """Words without quotes around them are no issues; and what shows one bug does not show several."""
    from swarm.errors import UsageError
    from swarm.github.names import LINK, SHORT

    if alone:
        raise UsageError(what="--test, --reproduction and --dry-run belong to one issue.", remedy="Fix that one by itself.")
    for one in issues:
        if not (
            one == "-" or SHORT.fullmatch(one) or LINK.fullmatch(one) or (len(os.fsencode(one)) < 256 and Path(one).is_file())
        ):
            what = f"Of several issues each is a file, -, or an issue on a server, and `{one[:60]}` is none."
            raise UsageError(what=what, remedy="If all of it is the text of one issue, put it into quotes.")


def fixed_all(here: Here, parts: "Parts", issues: Sequence[str], wish: Wish) -> int:
    """Fix all of them, and tell of them together."""
    from swarm.several import fixed_in_turn

    here.speech.plain = True  # one screen for each of them would wait for the person to leave it

    def told(report: "Report") -> None:
        here.speech.say(report.text, report.value)

    fixed = fixed_in_turn(parts, issues, lambda one, its_parts, begun: wish.fulfilled_quietly(here, its_parts, one, begun), told)
    return fixed.exit_code
