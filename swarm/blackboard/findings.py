"""Findings: what was learned, in three depths, with its evidence and what became of it."""

from enum import Enum

from swarm.values import Value

PERSON = "person"
"""The author of what the person says; agents sign as `agent@worker`."""


class FindingState(Enum):
    """What became of a finding; it changes only by a new row."""

    PROPOSED = "proposed"
    """Claimed, and not yet borne out by anything swarm ran."""
    VERIFIED = "verified"
    """Borne out."""
    REJECTED = "rejected"
    """Not borne out; the author knows why."""
    REFUTED = "refuted"
    """Once verified, and wrong after all."""
    SUPERSEDED = "superseded"
    """A better finding stands in its place."""


STANDING = (FindingState.PROPOSED, FindingState.VERIFIED)
"""As long as it is one of these, a finding is shown to everybody."""


class Evidence(Value, kw_only=True):
    """A command that swarm ran, and what it showed. No agent writes this."""

    argv: tuple[str, ...]
    exit_code: int
    passed: int = 0
    failed: int = 0
    tree: str = ""
    """The git tree it ran on."""
    environment: str = ""
    """Which environment and which sandbox it ran in."""
    output: str = ""
    """The digest of the whole output, kept on disk before the row that names it."""


class NewFinding(Value, kw_only=True):
    """A finding before the store has given it its number."""

    kind: str
    """`reproduced`, `located`, `attempt-failed`, `observed`, …"""
    gist: str
    """One line, always shown to everybody."""
    summary: str
    """A paragraph, shown when it is unfolded."""
    author: str
    task: int | None = None
    evidence: Evidence | None = None
    shown: tuple[int, ...] = ()
    """The findings that its author had been shown: if one is refuted, this one is verified anew."""
    borne_out: bool = True
    """Whether the evidence, if there is any, bears it out; if not, its author is no witness of one like it."""


class Finding(Value, kw_only=True):
    """A finding as the store keeps it."""

    run: str
    number: int
    kind: str
    gist: str
    summary: str
    author: str
    task: int | None
    evidence: Evidence | None
    shown: tuple[int, ...]
    state: FindingState
    reason: str
    """Why it is in this state."""
    witnesses: tuple[str, ...]
    """Everybody who found it, its author first."""
    at: float


class Gist(Value):
    """A finding, or a verified candidate, at its shallowest depth."""

    finding: int
    kind: str
    state: FindingState
    text: str
    witnesses: int
    candidate: int = 0
    """The number of a candidate, where it is the gist of one; its finding is 0 then."""

    def line(self) -> str:
        """The gist as everybody is shown it."""
        seen = f" ({self.witnesses} witnesses)" if self.witnesses > 1 else ""
        name = f"c{self.candidate}" if self.candidate else f"f{self.finding}"
        return f"{name} [{self.state.value}] {self.kind}: {self.text}{seen}"
