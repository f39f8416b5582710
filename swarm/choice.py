"""The outcome of a run: the best of what is verified, or an honest word on why there is none."""

from collections.abc import Sequence

from swarm.agents.repairer import Repairer
from swarm.agents.searching import FAILED
from swarm.agents.trails import compared, trails
from swarm.blackboard.candidates import Candidate, Verdict
from swarm.blackboard.history import told
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import AwaitsReview, CapReached, Inconclusive, NoVerifiedFix, RunEnding
from swarm.events import AgentBegan, OpinionGiven, StageEntered
from swarm.evidence.footing import Footing
from swarm.evidence.patch import changed_lines, is_doctest
from swarm.evidence.ranking import best, best_attempt, contender, verified
from swarm.evidence.risks import doubts_of, risks, values_of


def choose(store: Store, run: Run, footing: Footing, cap: CapReached | None = None) -> Candidate:
    """The best verified candidate; without one swarm abstains, and says so if a cap on what may be spent came first."""
    store.record(run.name, StageEntered("choice"))
    candidates = store.candidates(run.name)
    priorities = {task.number: task.priority for task in store.tasks(run.name)}
    liked = liked_in(store, run.name)
    contenders = [contender(one, risks_of(one, footing), priorities, liked) for one in verified(candidates)]
    if not contenders:
        if cap is not None:
            raise cap
        raise abstention(run, candidates, store)
    chosen, why = best(contenders)
    doubts = (*chosen.risks, *doubts_of(chosen.candidate.summary), *told_apart(store, run.name, chosen.candidate))
    store.choose(run.name, chosen.candidate.number, f"{why}{'; yet ' if doubts else ''}{', and '.join(doubts)}", doubts)
    return chosen.candidate


def compare_attempts(store: Store, run: Run, footing: Footing) -> None:
    """Write down how different the attempts and candidates of a run were, if there were several."""
    ground = footing.ground
    patches = [changed_lines(ground.rooms.mirror, ground.tree, one.tree) for one in store.candidates(run.name)]
    if told_of := compared(trails(told(store, run.name), store.tasks(run.name)), patches):
        store.record(run.name, told_of)


def nothing_found(store: Store, run: str) -> str:
    """Why a run came to no candidate, as far as the search for small edits goes."""
    tasks, findings = store.tasks(run), store.findings(run)
    attempts = [one for one in findings if one.kind == FAILED and one.author.partition("@")[0] == Repairer.name]
    lost = [task.result for task in tasks if task.kind == "locate" and task.result and not attempts]
    tried = sum(one.evidence.failed for one in attempts if one.evidence)
    said = [f"{tried} small edits were tried, and none makes the tests pass."] if tried else lost
    asked = any(isinstance(event, AgentBegan) and event.model for event in told(store, run))
    return " ".join(["", *said, *([] if asked else ["A language model may find what no small edit brings: -m MODEL."])])


def liked_in(store: Store, run: str) -> int:
    """The candidate that a critic liked best, the last word counting; 0: none."""
    return next((event.candidate for event in reversed(list(told(store, run))) if isinstance(event, OpinionGiven)), 0)


def told_apart(store: Store, run: str, chosen: Candidate) -> list[str]:
    """The inputs, run by a critic, to which the outcome answers otherwise than another verified candidate."""
    name = f"c{chosen.number}"
    found = [finding for finding in store.findings(run) if finding.kind == "counterexample"]
    pairs = [(finding.number, finding.gist.split(" answer ")[0].split(" and ")) for finding in found]
    return [f"answers otherwise than {other} where no test asks (f{number})" for number, pair in pairs for other in pair
            if name in pair and other != name]  # fmt: skip


def risks_of(candidate: Candidate, footing: Footing) -> tuple[str, ...]:
    """What looks doubtful about a candidate that passes everything."""
    mirror, base, tree = footing.ground.rooms.mirror, footing.ground.tree, candidate.tree
    changed = [change.path for change in mirror.changes(base, tree)]
    before, after = ({path: mirror.read(side, path) for path in changed if path in mirror.paths(side)} for side in (base, tree))
    files = {test.partition("::")[0] for test in footing.bench.reproductions if not is_doctest(test)}
    asked = frozenset(value for path in files for value in values_of(mirror.read(footing.bench.tree, path)))
    return risks(before, after, asked)


def abstention(run: Run, candidates: Sequence[Candidate], store: Store) -> RunEnding:
    """Why there is no outcome, and which attempt came nearest."""
    attempt = best_attempt(candidates)
    if attempt is None or attempt.judgement is None:
        return NoVerifiedFix(sentence=f"no candidate was found.{nothing_found(store, run.name)}", run=run.name)
    verdict, reason = attempt.judgement.verdict, attempt.judgement.reason
    if verdict is Verdict.NEEDS_REVIEW:
        return AwaitsReview(candidate=attempt.number, reason=reason, run=run.name)
    if all(one.judgement is None or one.judgement.verdict is Verdict.INCONCLUSIVE for one in candidates):
        return Inconclusive(sentence=reason, remedy=f"`swarm show {run.name} c{attempt.number}` has the whole of it.")
    count = f"{len(candidates)} candidate{'s were' if len(candidates) > 1 else ' was'} judged"
    return NoVerifiedFix(sentence=f"{count}; the best attempt, c{attempt.number}, is {verdict.value}: {reason}", run=run.name)
