"""Finds the commit that first broke a test, for a failure that is in the history already: two commits at a time, side by side.

The test is always the one of the newest commit, laid over the older ones: what is asked is when the code broke, not when the test
was written. A commit on which it cannot be run says nothing, and its neighbours are asked instead.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from sandboxes.git import GitTrouble
from sandboxes.mirror import Mirror
from swarm.errors import Inconclusive
from swarm.triage.sight import Sight
from swarm.triage.trials import Ask, Trials
from swarm.values import Value

Tell = Callable[[str], None]


class Says(Enum):
    """What a commit says of the test."""

    PASSES = "passes"
    FAILS = "fails"
    NOTHING = "cannot be run"


class FirstBad(Value):
    """The commit that broke it, or as close to it as could be seen."""

    test: str
    commit: str
    subject: str
    good: str
    """The newest commit before it on which the test passes."""
    message: str
    """How the test fails there."""
    skipped: tuple[str, ...] = ()
    """Commits between the two on which it could not be run: each of them may be the one as well."""
    tried: int = 0


@dataclass
class Bisection:
    """The search in one line of history, the newest commit first."""

    trials: Trials
    mirror: Mirror
    test: str
    history: Sequence[str]
    timeout: float
    tell: Tell
    known: dict[int, Says] = field(default_factory=dict)
    messages: dict[int, str] = field(default_factory=dict)

    def first_bad(self) -> FirstBad:
        """Go back in growing steps until the test passes, then divide what lies between."""
        if self._ask([0])[0] is not Says.FAILS:
            said = f"{self.test} {self.known[0].value} on {self.history[0][:10]}."
            raise Inconclusive(sentence=said, remedy="Name a test that fails there.")
        good, bad = self._passing(), 0
        while (open_ := [at for at in range(bad + 1, good) if at not in self.known]) and good - bad > 1:
            third = max(1, len(open_) // 3)
            picked = list(dict.fromkeys((open_[third - 1], open_[min(2 * third, len(open_) - 1)])))
            for at, says in sorted(zip(picked, self._ask(picked), strict=True)):
                if says is Says.PASSES:
                    good = min(good, at)
                elif says is Says.FAILS and at < good:
                    bad = max(bad, at)
            if all(self.known.get(at) is not None for at in range(bad + 1, good)):
                break
        skipped = tuple(self.history[at] for at in range(bad + 1, good))
        commit = self.history[bad]
        subject = self.mirror.git.text("log", "-1", "--format=%s", commit)
        return FirstBad(self.test, commit, subject, self.history[good], self.messages[bad], skipped, len(self.known))

    def _passing(self) -> int:
        """A commit on which it passes, found in steps that double."""
        step, newest = 1, len(self.history) - 1
        while True:
            picked = list(dict.fromkeys(min(at, newest) for at in (step, 2 * step)))
            for at, says in zip(picked, self._ask(picked), strict=True):
                if says is Says.PASSES:
                    return at
            if picked[-1] == newest:
                break
            step *= 4
        older = f"it fails, or cannot be run, as far back as {self.history[-1][:10]}"
        raise Inconclusive(
            sentence=f"No commit was found on which {self.test} passes: {older}.", remedy="Name one: --base COMMIT"
        )

    def _ask(self, places: Sequence[int]) -> list[Says]:
        """What these commits say, side by side."""
        self.tell(f"trying {' and '.join(self.history[at][:10] for at in places)} of {len(self.history)} commits")
        trees = [self._laid(at) for at in places]
        for at, sight in zip(places, self.trials.look(trees, Ask((), (self.test,)), timeout=self.timeout), strict=True):
            self.known[at] = self._says(at, sight)
        return [self.known[at] for at in places]

    def _says(self, at: int, sight: Sight) -> Says:
        if (fault := sight.faults.get(self.test)) is not None:
            self.messages[at] = fault.message or fault.error
            return Says.FAILS
        return Says.PASSES if sight.holds(self.test) else Says.NOTHING

    def _laid(self, at: int) -> str:
        """The tree of a commit, with the file of the test as it is today."""
        newest, home = self.mirror.tree(self.history[0]), self.test.partition("::")[0]
        return self.mirror.with_paths(self.mirror.tree(self.history[at]), newest, [home])


def history(mirror: Mirror, commit: str, oldest: str = "") -> tuple[str, ...]:
    """The commits from this one back, the newest first; of what was merged only the merges."""
    try:
        listed = mirror.git.text("rev-list", "--first-parent", commit, *([f"^{oldest}"] if oldest else [])).split()
    except GitTrouble as error:
        raise Inconclusive(sentence=f"the history of {commit[:10]} cannot be read.", remedy="Is it a shallow clone?") from error
    return (*listed, oldest) if oldest else tuple(listed)


def text(found: FirstBad) -> str:
    """The answer on a few lines."""
    lines = [
        f"first bad: {found.commit[:12]} {found.subject}",
        f"  {found.test} passes on {found.good[:12]}, and fails since then ({found.tried} commits tried)",
        f"    {found.message}",
    ]
    lines.append(f"  which hunk of it: swarm triage --range {found.good[:12]}..{found.commit[:12]}")
    if found.skipped:
        lines.append(f"  not sure: on {len(found.skipped)} commits between the two it cannot be run")
    return "\n".join(lines)
