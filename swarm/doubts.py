"""A doubt about a finding: swarm runs again what bore it out, and nothing but that decides."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

from swarm.blackboard.findings import STANDING, Finding, FindingState
from swarm.blackboard.history import told
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Lease
from swarm.errors import Refused
from swarm.events import CandidateReopened, FindingClaimed, FindingDoubted, FindingReopened
from swarm.evidence.claims import Claim, Heard, hear
from swarm.evidence.ground import Ground

RUNS = 3
"""So many times in a row what is doubted has to hold: what varies is no evidence."""
OF_ONE_TASK = 5
"""So many doubts of one task are looked into, so that nobody does nothing but doubt."""
OF_ONE_FINDING = 2
"""So many doubts of one finding are looked into, whoever has them."""
FILES = 10


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """What an agent can set off that does not believe a finding."""

    store: Store
    lease: Lease
    author: str
    ground: Ground
    """Where claims are heard."""
    stopped: Callable[[], bool]

    @property
    def run(self) -> str:
        """Which run it is."""
        return self.lease.run

    def look_into(self, finding: Finding, why: str) -> str:
        """Run again what bore a finding out; what came of it, for whoever doubts."""
        name = f"f{finding.number}"
        if refusal := self._why_not(finding):
            return f"{name} was not run again: {refusal}"
        doubted = FindingDoubted(finding.number, self.author, self.lease.task, why)
        self.store.record(self.run, doubted, lease=self.lease)
        heard = self._heard_again(finding, RUNS)
        if not heard.accepted and not heard.ended:
            return f"{name} stays {finding.state.value}, since running it again showed nothing: {heard.reason}"
        after = self._settled(finding, heard, f"run again since {self.author} doubted it")
        if after.state is not FindingState.REFUTED:
            return f"{name} holds. Swarm ran what bears it out again, {RUNS} times, on {self._files(heard)}: {heard.reason}"
        self._hear_what_was_sent_back()
        return f"{name} is refuted, and whoever was shown it is told: {after.reason}{self._built_on(finding)}"

    def _why_not(self, finding: Finding) -> str:
        doubts = [event for event in told(self.store, self.run) if isinstance(event, FindingDoubted)]
        if finding.state not in STANDING:
            return f"it is {finding.state.value} already."
        if not any(self._claims(finding)):
            return "it names no run that could bear it out or not. Take it as what somebody says, and see for yourself."
        if sum(doubt.finding == finding.number for doubt in doubts) >= OF_ONE_FINDING:
            return f"it was, for {OF_ONE_FINDING} doubts, and stands."
        if sum(doubt.task == self.lease.task for doubt in doubts) >= OF_ONE_TASK:
            return f"{OF_ONE_TASK} of your doubts were looked into, and no more are."
        return ""

    def _claims(self, finding: Finding) -> Iterator[tuple[Claim, str]]:
        """What bore a finding out, whoever found it, each with the tree on which it did."""
        for event in told(self.store, self.run):
            if isinstance(event, FindingClaimed) and event.finding == finding.number:
                yield Claim.read(self.store.raw(event.claim).decode()), event.tree

    def _heard_again(self, finding: Finding, runs: int) -> Heard:
        """A finding holds as long as something that bore it out does; it falls only if every claim is seen to be wrong."""
        wrong: list[Heard] = []
        for claim, tree in self._claims(finding):
            heard = self._heard(claim, tree, runs)
            if heard.accepted:
                return heard
            wrong.append(heard)
        return next((heard for heard in wrong if not heard.ended), wrong[0])

    def _heard(self, claim: Claim, tree: str, runs: int) -> Heard:
        """The first run that does not bear a claim out, or else the last of so many."""
        heard = hear(claim, self.ground, tree, keep=self.store.put_raw)
        for _ in range(runs - 1):
            if not heard.accepted:
                break
            heard = hear(claim, self.ground, tree, keep=self.store.put_raw)
        return heard

    def _settled(self, finding: Finding, heard: Heard, because: str) -> Finding:
        state = FindingState.VERIFIED if heard.accepted else FindingState.REFUTED
        try:
            self.store.settle_finding(self.run, finding.number, state, f"{because}: {heard.reason}", evidence=heard.evidence)
        except Refused:  # somebody else has refuted it meanwhile
            return self.store.finding(self.run, finding.number)
        return self.store.finding(self.run, finding.number)

    def _hear_what_was_sent_back(self) -> None:
        """Hear again, once each, the findings that were built on one that fell; candidates are judged again before the choice."""
        done: set[int] = set()
        while not self.stopped() and (finding := self._sent_back(done)):
            done.add(finding.number)
            heard = self._heard_again(finding, 1)
            if heard.accepted or heard.ended:
                self._settled(finding, heard, "run again since what its author had been shown was refuted")

    def _sent_back(self, done: Collection[int]) -> Finding | None:
        """The next finding that was sent back and can be heard again; each fall may send back more."""
        reopened = {event.finding for event in told(self.store, self.run) if isinstance(event, FindingReopened)}
        for finding in self.store.findings(self.run):
            waits = finding.state is FindingState.PROPOSED and finding.number in reopened and finding.number not in done
            if waits and any(self._claims(finding)):
                return finding
        return None

    def _built_on(self, finding: Finding) -> str:
        """What became of all that was built on a finding that fell, as far as it has become anything by now."""
        names = []
        for event in told(self.store, self.run):
            if isinstance(event, FindingReopened) and event.because == finding.number:
                names.append(f"f{event.finding} (now {self.store.finding(self.run, event.finding).state.value})")
            elif isinstance(event, CandidateReopened) and event.because == finding.number:
                names.append(f"c{event.candidate} (to be judged again)")
        return f" Sent back, since it was built on it: {', '.join(names)}." if names else ""

    def _files(self, heard: Heard) -> str:
        changed = [change.path for change in self.ground.rooms.mirror.changes(self.ground.tree, heard.evidence.tree)]
        more = f" and {len(changed) - FILES} more" if len(changed) > FILES else ""
        return f"files changed in {', '.join(changed[:FILES])}{more}" if changed else "the files of the original project"
