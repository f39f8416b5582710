"""Issues that show their bug themselves: a session, an assert, what was expected and what came, run on base to see it."""

from collections.abc import Callable
from dataclasses import replace

from swarm.evidence.baseline import NOT_REACHED
from swarm.evidence.ground import Ground
from swarm.evidence.patch import is_test
from swarm.evidence.reproduction import Admitted, NotAdmitted, Reproduction, admit
from swarm.evidence.results import Outcome
from swarm.evidence.sources import Sources
from swarm.evidence.testimony import Claim, claims
from swarm.evidence.written import TEST, TODAY, place, written


def spoken(ground: Ground, text: str, tell: Callable[[str], None]) -> tuple[Admitted, str] | None:
    """The first claim of the issue that fails on base as it should, as a reproduction, and why; None: there is none."""
    found = claims(text)
    if not found or ground.runner.framework != "pytest":
        return None
    tell(f"the issue says {len(found)} things that can be checked on base")
    mirror, folder = ground.rooms.mirror, ground.rooms.environment.folder
    own = Sources.of(mirror.read_all(ground.tree, ".py")).within(folder)
    sources = {path: own.read(path) for path in sorted(own.paths) if not is_test(path)}
    path = place(mirror.paths(ground.tree), folder)
    for claim in found:
        program = written(claim, sources)
        if not program or not _fails_as_it_should(ground, path, program, claim, text):
            continue
        reproduction = Reproduction(name=path, content=written(replace(claim, today=()), sources).encode(), author="the issue")
        try:
            return admit(reproduction, ground, text), claim.why
        except NotAdmitted as refusal:
            tell(f"{claim.why}, but {refusal.facts['reason']}")
    return None


def _fails_as_it_should(ground: Ground, path: str, program: str, claim: Claim, text: str) -> bool:
    """Whether the claim fails on base by its own assertion, or by an error that the issue tells of."""
    with ground.rooms.open(ground.rooms.mirror.put(ground.tree, {path: program.encode()})) as room:
        names = [f"{path}::{name}" for name in ((TEST, TODAY) if claim.today else (TEST,))]
        ran = ground.runner.run(room.sandbox, names, timeout=ground.baseline.patience)
    said, today = ran.results.get(names[0]), ran.results.get(names[-1])
    if said is None or today is None or said.outcome is not Outcome.FAILED or said.error in NOT_REACHED:
        return False
    if claim.today and today.outcome is not Outcome.PASSED:
        return False
    return said.error == "AssertionError" or (bool(said.error) and said.error in text)
