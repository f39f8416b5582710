"""Candidates: patches against base, each with what verification said of it."""

from enum import Enum

from swarm.values import Value


class Verdict(Enum):
    """What verification says of a candidate (design section 6)."""

    VERIFIED = "verified"
    """The reproduction fails without it and passes with it, nothing else broke, no test was bent."""
    NO_REGRESSION = "no-regression"
    """Nothing broke, but there is no reproduction to tell whether anything was fixed."""
    REJECTED = "rejected"
    """It does not fix what it should, or breaks something."""
    NEEDS_REVIEW = "needs-review"
    """It may be right, but a person has to look before it lands."""
    INCONCLUSIVE = "inconclusive"
    """Verification could not be run."""


class Judgement(Value, kw_only=True):
    """A verdict with its reason: which rule decided, on which test, and what was seen."""

    verdict: Verdict
    rule: str
    reason: str
    test: str = ""
    text: str = ""
    """What the deciding test said."""
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    record: str = ""
    """Trees, set of tests, sandbox, seeds: what landing checks again, as JSON."""
    output: str = ""
    """The digest of the raw output of the runs behind it."""


class NewCandidate(Value, kw_only=True):
    """A patch as a worker submits it: a git tree in swarm's mirror."""

    tree: str
    base: str
    """The commit that the patch is against."""
    summary: str
    author: str
    added: int
    removed: int
    shown: tuple[int, ...] = ()
    """The findings that its author had been shown."""


class Candidate(Value, kw_only=True):
    """A candidate as the store keeps it."""

    run: str
    number: int
    task: int
    tree: str
    base: str
    summary: str
    author: str
    added: int
    removed: int
    shown: tuple[int, ...]
    judgement: Judgement | None
    """None until it is judged, and again when something it was built on is refuted."""
    chosen: bool
