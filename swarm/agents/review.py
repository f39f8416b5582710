"""What a critic may do to verified candidates: hold a second reproduction against them, run inputs on them, and like one best."""

from collections.abc import Sequence
from dataclasses import dataclass

from sandboxes.command import Ran
from swarm.blackboard.candidates import Candidate, Judgement, Verdict
from swarm.blackboard.history import told
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease, TaskState
from swarm.errors import Refused
from swarm.events import OpinionGiven, SecondReproductionHeld, SecondReproductionWithdrawn
from swarm.evidence.claims import run_on
from swarm.evidence.footing import Footing
from swarm.evidence.reproduction import Admitted, Form, NotAdmitted, Reproduction, admit
from swarm.evidence.second import disputed, judged_with

CRITICISE = "criticise"
"""The kind of task that a critic does."""
NAME = "test_second_reproduction.py"


def held_second(store: Store, run: str) -> Admitted | None:
    """The second reproduction of a run, if one is held and was not withdrawn."""
    held: SecondReproductionHeld | None = None
    for event in told(store, run):
        if isinstance(event, SecondReproductionHeld):
            held = event
        elif isinstance(event, SecondReproductionWithdrawn):
            held = None
    if held is None:
        return None
    reproduction = Reproduction(name=held.name, content=store.raw(held.digest), author=held.author, unseen=True)
    return Admitted(reproduction=reproduction, tests=held.tests, said={})


def why_off(candidate: Candidate) -> str:
    """Why others are called off once a candidate is verified."""
    return f"c{candidate.number} is verified"


@dataclass(frozen=True, kw_only=True)
class Review:
    """One critic's look at the verified candidates of a run."""

    store: Store
    lease: Lease
    footing: Footing
    author: str
    issue: str

    @property
    def run(self) -> str:
        """Which run it is."""
        return self.lease.run

    def second(self) -> Admitted | None:
        """The second reproduction, if there is one."""
        return held_second(self.store, self.run)

    @property
    def tried(self) -> bool:
        """Whether a critic before this one had its turn to reproduce the bug; what it held or could not hold stays so."""
        return any(
            task.kind == CRITICISE and task.state is TaskState.DONE and task.number != self.lease.task
            for task in self.store.tasks(self.run)
        )

    def candidates(self) -> list[Candidate]:
        """Those that are verified, and those against which only the second reproduction stands; oldest first."""
        every = self.store.candidates(self.run)
        return [one for one in every if one.judgement and (one.judgement.verdict is Verdict.VERIFIED or disputed(one))]

    def hold(self, content: bytes) -> None:
        """Let the judge have a second reproduction from now on; one that proves nothing is not admitted."""
        reproduction = Reproduction(name=NAME, content=content, author=self.author, unseen=True)
        if reproduction.form is Form.SCRIPT:
            raise NotAdmitted(name=NAME, reason="there is no test in it.")
        admitted = admit(reproduction, self.footing.ground, self.issue)
        digest = self.store.put_raw(content)
        held = SecondReproductionHeld(self.lease.task, self.author, NAME, digest, admitted.tests)
        self.store.record(self.run, held, lease=self.lease)

    def withdraw(self, reason: str) -> None:
        """Take the second reproduction back; what it alone stood against is judged without it."""
        if (second := self.second()) is None:
            return
        digest = self.store.put_raw(second.reproduction.content)
        self.store.record(self.run, SecondReproductionWithdrawn(self.lease.task, self.author, digest, reason), lease=self.lease)
        for candidate in filter(disputed, self.candidates()):
            self._judge(candidate, self.footing.judged(candidate.tree, self.store.put_raw))

    def judge_again(self) -> None:
        """Judge every verified candidate with the second reproduction that was not yet."""
        second = self.second()
        for candidate in self.candidates():
            if second and candidate.judgement and not disputed(candidate) and not _knows(candidate.judgement, second):
                judged = judged_with(second, self.footing, candidate.tree, candidate.judgement, self.store.put_raw)
                if judged is not candidate.judgement:
                    self._judge(candidate, judged)

    def prefer(self, candidate: int, reason: str) -> None:
        """Like one candidate best."""
        self.store.record(self.run, OpinionGiven(self.lease.task, self.author, candidate, reason), lease=self.lease)

    def patch(self, candidate: Candidate) -> str:
        """What a candidate changes."""
        mirror = self.footing.ground.rooms.mirror
        return mirror.diff(self.footing.ground.tree, candidate.tree).decode("utf-8", "replace")

    def answer(self, script: str, tree: str) -> Ran:
        """What a Python script says on a tree, in a sandbox of its own."""
        return run_on((self.footing.ground.rooms.environment.python, "-c", script), self.footing.ground, tree)

    def offer_again(self) -> Sequence[int]:
        """Where nothing is verified any more, offer again what was called off for what seemed to be."""
        if any(one.judgement and one.judgement.verdict is Verdict.VERIFIED for one in self.candidates()):
            return ()
        reasons = tuple(why_off(candidate) for candidate in self.candidates())
        return [
            task.number
            for task in self.store.tasks(self.run)
            if task.state is TaskState.CANCELLED and task.result.endswith(reasons) and self._offered(task.number)
        ]

    def _offered(self, task: int) -> bool:
        try:
            self.store.retry(self.run, task)
        except Refused:  # it needs what was called off for another reason, or is offered again already
            return False
        return True

    def _judge(self, candidate: Candidate, judgement: Judgement) -> None:
        self.store.judge(self.run, candidate.number, judgement)


def _knows(judgement: Judgement, second: Admitted) -> bool:
    return f'"{second.reproduction.name}"' in judgement.record
