"""What a triage found, as a value."""

from collections.abc import Mapping
from dataclasses import field
from enum import Enum

from swarm.triage.hunks import Hunk
from swarm.triage.sight import SESSION, Fault
from swarm.values import Value


class Outcome(Enum):
    """The answer in a word."""

    CLEAN = "clean"
    GUILTY = "guilty"
    INCONCLUSIVE = "inconclusive"


EXIT_CODES = {Outcome.CLEAN: 0, Outcome.GUILTY: 4, Outcome.INCONCLUSIVE: 9}


class Blame(Value):
    """Tests that the same hunks break."""

    tests: tuple[str, ...]
    """A file stands for its import, the empty name for the whole session."""
    fault: Fault
    """How the first of them fails."""
    sets: tuple[tuple[Hunk, ...], ...]
    """The smallest sets of hunks that do it, each by itself."""
    lines: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    """The suspicious lines in them, by file, worst first."""
    cured: bool = True
    """Whether the rest of the change was seen not to do it."""
    minimal: bool = True
    """Whether there was time to make the sets as small as they can be."""
    new: bool = False
    """Whether the change brings these tests itself."""


class Verdict(Value, kw_only=True):
    """All that a triage found."""

    name: str
    """What was compared, for people."""
    base: str
    tree: str
    hunks: int = 0
    files: int = 0
    blames: tuple[Blame, ...] = ()
    before: tuple[str, ...] = ()
    """Failed without the change as well."""
    flaky: tuple[str, ...] = ()
    missing: Mapping[str, str] = field(default_factory=dict)
    """What needs a module that is not installed, and which."""
    undecided: tuple[str, ...] = ()
    """Failed, and there was no time to see whether the change is to blame."""
    ran: int = 0
    spared: int = 0
    """Tests that do not reach the change, as their own last run shows."""
    unrun: int = 0
    """Test files about which nothing is known yet, and for which there was no time."""
    cut: bool = False
    """Whether time was up before all tests had run that reach the change."""
    running: str = ""
    """The test that had not ended when time was up."""
    how: str = ""
    """How the tests were chosen."""
    sandbox: str = ""
    foreseen: bool = False
    """Whether what it was run in could be opened before anything was known of the change."""
    runs: int = 0
    seconds: float = 0.0
    remarks: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The answer: guilt is proven whatever else could not be seen."""
        if self.blames:
            return Outcome.GUILTY
        return Outcome.INCONCLUSIVE if self.missing or self.cut or self.undecided or self.blind else Outcome.CLEAN

    @property
    def blind(self) -> bool:
        """Whether no test could be run, with the change or without."""
        return not self.ran and SESSION in self.before

    @property
    def exit_code(self) -> int:
        """What the shell is told."""
        return EXIT_CODES[self.outcome]

    @property
    def sure(self) -> bool:
        """Whether every test that can reach the change was run."""
        return not (self.unrun or self.cut or self.missing or self.undecided or self.blind)

    @property
    def final(self) -> bool:
        """Whether the same question would get the same answer: then it need not be asked again."""
        if self.outcome is Outcome.GUILTY:
            return all(blame.minimal for blame in self.blames)
        return self.outcome is Outcome.CLEAN and self.sure and not self.flaky
