"""Everything that can happen in a run: the vocabulary of the journal.

An event is in the past tense and says one sentence. Its fields are primitive, so that a line of JSON holds it without loss.
Money is counted in millionths of a dollar, time in seconds.
"""

from swarm.values import Value

SCHEMA = 1
"""The version of this vocabulary. A new field with a default keeps it; anything else raises it."""


class Event(Value):
    """Something happened."""


# --- the run


class RunStarted(Event):
    """A run began its work on an issue, from a base commit, in a kind of sandbox."""

    title: str
    source: str
    base: str
    sandbox: str
    workers: int
    dirty: bool = False


class IssueRead(Event):
    """The issue was read from a server, without what its page does not show and what strangers added."""

    source: str
    pull: bool = False
    closed: bool = False
    comments: int = 0
    left_out: int = 0
    removed: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()


class PatchWanted(Event):
    """The fix stays a patch: what the run starts from is staged, and no commit of the person's that a branch could grow from."""


class RunPaused(Event):
    """The run stopped offering tasks until it is resumed."""


class RunResumed(Event):
    """The run goes on, after a pause or after its process had ended."""


class RunEnded(Event):
    """The run came to its end, with an outcome in one word and a sentence."""

    outcome: str
    exit_code: int
    sentence: str
    branch: str = ""


class StageEntered(Event):
    """The run began the next part of its story."""

    stage: str
    detail: str = ""


class BaselineMeasured(Event):
    """The tests were run on base: these pass, these fail, these vary."""

    command: tuple[str, ...]
    passing: int
    failing: tuple[str, ...]
    varying: tuple[str, ...] = ()
    seconds: float = 0.0


class ReproductionGiven(Event):
    """The person said by which tests the bug shows, or by which file of their own, kept under a digest."""

    tests: tuple[str, ...]
    file: str = ""
    digest: str = ""


class ReproductionsChosen(Event):
    """Of the tests that fail on base, these show the bug of the issue; the other ones are known to fail."""

    tests: tuple[str, ...]
    why: str
    known: tuple[str, ...] = ()
    file: str = ""
    digest: str = ""


# --- tasks


class TaskAdded(Event):
    """A task was put into the queue."""

    task: int
    kind: str
    goal: str
    needs: tuple[int, ...] = ()
    parent: int | None = None
    priority: int = 0


class NeedAdded(Event):
    """A task was made to wait for another one."""

    task: int
    need: int


class TaskClaimed(Event):
    """A worker took a task under a lease."""

    task: int
    worker: str
    token: int


class TaskFinished(Event):
    """The worker that holds the task did it."""

    task: int
    worker: str
    result: str


class TaskGivenBack(Event):
    """The worker that held the task gave it back, with its reason."""

    task: int
    worker: str
    reason: str


class TaskPutDown(Event):
    """The worker that held the task was stopped and left it as it was; that is no setback of the task."""

    task: int
    worker: str


class TaskExpired(Event):
    """The lease of a task ran out without a sign of its worker, so the task is free again."""

    task: int
    worker: str


class TaskDied(Event):
    """A task was given back or expired too often and is offered no more."""

    task: int
    reasons: tuple[str, ...]


class TaskSplit(Event):
    """The worker that held the task replaced it by smaller ones."""

    task: int
    worker: str
    parts: tuple[int, ...]


class TaskCancelled(Event):
    """A task is not wanted any more."""

    task: int
    reason: str


class TaskRetried(Event):
    """A task that had ended without a result is offered again."""

    task: int


# --- findings


class FindingProposed(Event):
    """Somebody claims something, and names the evidence for it."""

    finding: int
    kind: str
    gist: str
    author: str
    task: int | None = None


class FindingWitnessed(Event):
    """Somebody else found the same."""

    finding: int
    author: str


class FindingClaimed(Event):
    """What a run on this tree has to show for a finding to hold is kept under a digest, so that it can be run again."""

    finding: int
    author: str
    tree: str
    claim: str


class FindingDoubted(Event):
    """An agent doubts a finding, so swarm runs its evidence again; the doubt itself changes nothing."""

    finding: int
    author: str
    task: int
    why: str


class FindingVerified(Event):
    """What swarm itself ran bears the finding out."""

    finding: int
    reason: str


class FindingRejected(Event):
    """What swarm itself ran does not bear the finding out; its author is told why."""

    finding: int
    reason: str


class FindingRefuted(Event):
    """A finding once verified turned out to be wrong."""

    finding: int
    reason: str


class FindingSuperseded(Event):
    """A better finding stands in the place of this one."""

    finding: int
    by: int


class FindingReopened(Event):
    """A finding has to be verified again, since what its author had read was refuted."""

    finding: int
    because: int


# --- candidates


class CandidateSubmitted(Event):
    """A worker submitted a patch."""

    candidate: int
    task: int
    author: str
    tree: str
    summary: str
    added: int
    removed: int


class CandidateJudged(Event):
    """Verification came to a verdict on a candidate, by a rule, and says why."""

    candidate: int
    verdict: str
    rule: str
    reason: str
    test: str = ""
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0


class CandidateReopened(Event):
    """A candidate has to be judged again, since what its author had read was refuted."""

    candidate: int
    because: int


class CandidateChosen(Event):
    """Of all candidates, this one is the outcome of the run."""

    candidate: int
    reason: str
    doubts: tuple[str, ...] = ()
    """What a person should look at before it is merged, although everything passes."""


class SecondReproductionHeld(Event):
    """An agent that wrote no patch wrote a test, which failed on base as it should; the judge alone has it, under a digest."""

    task: int
    author: str
    name: str
    digest: str
    tests: tuple[str, ...]


class SecondReproductionWithdrawn(Event):
    """The author of the second reproduction took it back, with its reason: it had asked for more than the issue does."""

    task: int
    author: str
    digest: str
    reason: str


class OpinionGiven(Event):
    """An agent likes one candidate better than the other verified ones; that counts where nothing else tells them apart."""

    task: int
    author: str
    candidate: int
    reason: str


class AttemptsCompared(Event):
    """What several attempts did was compared: 0 is the same, 1 has nothing in common."""

    tasks: tuple[int, ...]
    commands: float
    looked: float
    edits: float
    candidates: int = 0
    patches: float = 0.0


# --- workers


class WorkerStarted(Event):
    """A worker began to look for tasks."""

    worker: str
    kinds: tuple[str, ...]


class AgentBegan(Event):
    """An agent began to do a task for a worker, with this language model if it uses one."""

    worker: str
    task: int
    agent: str
    model: str = ""


class WorkerActed(Event):
    """A worker did a step of its task."""

    worker: str
    task: int
    action: str


class CommandRan(Event):
    """A command was run in a sandbox for a task; its whole output is kept under a digest."""

    worker: str
    task: int
    argv: tuple[str, ...]
    ending: str
    exit_code: int
    seconds: float
    output: str = ""


class BriefingWritten(Event):
    """What every agent with a model is told first was written down, and is kept under a digest."""

    digest: str
    shown: tuple[int, ...] = ()


class Conversed(Event):
    """A conversation with a model became longer, or began anew; the worktree is this tree, and the author was shown this."""

    worker: str
    task: int
    messages: str
    """As JSON, in the form of chat completions."""
    tree: str = ""
    """Empty: the tree is as it was."""
    shown: tuple[int, ...] = ()
    anew: bool = False


class WorkerStopped(Event):
    """A worker looks for tasks no more."""

    worker: str
    reason: str


# --- budget


class CapSet(Event):
    """A cap was put on what may be spent in a scope."""

    scope: str
    money: int | None
    tokens: int | None


class BudgetReserved(Event):
    """The worst case of a call was set aside before it was made."""

    reservation: int
    agent: str
    money: int
    tokens: int
    worker: str = ""


class BudgetSettled(Event):
    """A call was made, and this is what it really cost."""

    reservation: int
    agent: str
    money: int
    tokens: int
    worker: str = ""


class BudgetReleased(Event):
    """A call was not made, and what was set aside for it is free again."""

    reservation: int
    agent: str


# --- requests of the person


class RequestMade(Event):
    """The person wants something of the run."""

    request: int
    kind: str
    target: str = ""
    text: str = ""


class RequestAnswered(Event):
    """The run did what the person wanted, or says why not."""

    request: int
    answer: str


# --- delivery


class BranchCreated(Event):
    """The chosen candidate became a branch in the user's repository."""

    branch: str
    commit: str
    base: str


class LandingBegun(Event):
    """A branch of the person is about to be moved, and the checkout with it; if nothing follows, the landing was cut off."""

    branch: str
    before: str
    after: str
    undoing: bool = False


class LandingDropped(Event):
    """A landing that had begun came to nothing, and everything is as it was."""

    branch: str
    reason: str


class BranchMerged(Event):
    """The fix was merged into a branch of the person, which was moved from one commit to another."""

    branch: str
    before: str
    after: str
    reason: str = ""


class MergeUndone(Event):
    """A merge was taken back: the branch is where it was before."""

    branch: str
    before: str
    after: str


class BranchDeleted(Event):
    """The branch that swarm had made was taken away again."""

    branch: str
    commit: str


class BranchPushed(Event):
    """The branch that swarm had made was pushed to a remote, as a new branch there."""

    branch: str
    commit: str
    place: str


class PullRequestOpened(Event):
    """A draft pull request with the evidence was opened on the server."""

    address: str
    into: str


class PullRequestRewritten(Event):
    """The text of the pull request was brought up to date."""

    address: str


class IssueCommented(Event):
    """A comment on the issue says that no fix was verified, and what was tried."""

    source: str


AFTERWARDS = (
    RunEnded,
    LandingBegun,
    LandingDropped,
    BranchMerged,
    MergeUndone,
    BranchDeleted,
    BranchPushed,
    PullRequestOpened,
    PullRequestRewritten,
    IssueCommented,
)
"""What can be the last that a run's journal holds: its end, and what was done with its result."""

EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in Event.__subclasses__()}
"""Every event by its name, as the journal writes it."""
