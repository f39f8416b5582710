"""What a run stands on: base as the judge sees it, what shows the bug there, and the same as agents see it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from swarm.blackboard.candidates import Judgement
from swarm.evidence.ground import Ground
from swarm.evidence.reproduction import Admitted
from swarm.evidence.results import TestResult
from swarm.evidence.verdict import judge


@dataclass(frozen=True, kw_only=True)
class Footing:
    """Base with its tests, and a reproduction that base does not have."""

    ground: Ground
    """Base as the judge sees it. Its reproductions are tests of base."""
    bench: Ground
    """Base as agents see it: what the judge holds lies among the tests, so that it can be tried."""
    held: tuple[Admitted, ...] = ()
    """Reproductions of the judge's own, which it plants under another name each time."""
    laid: str = ""
    """Where agents find the held one; empty: there is none."""

    def bare(self, tree: str) -> str:
        """An agent's tree without what was laid into it: that is not the agent's work, and is never delivered."""
        if not self.laid:
            return tree
        return self.ground.rooms.mirror.with_paths(tree, self.ground.tree, [self.laid])

    def judged(self, tree: str, keep: Callable[[bytes], str]) -> Judgement:
        """What the judge says of a bare tree."""
        return judge(tree, self.ground, self.ground.reproductions, held=self.held, keep=keep)


def stand(ground: Ground, held: Admitted | None = None, laid: str = "") -> Footing:
    """Stand on the tests of base, and on a reproduction that is laid among them for the agents."""
    if held is None:
        return Footing(ground=ground, bench=ground)
    failing = {result.test: result for result in (_at(laid, name, result) for name, result in held.said.items())}
    baseline = replace(
        ground.baseline,
        tests=(*ground.baseline.tests, *failing),
        failing={**ground.baseline.failing, **failing},
        exit_code=ground.baseline.exit_code or 1,  # what a test runner ends with where a test fails, and now one does
    )
    bench = replace(
        ground,
        tree=ground.rooms.mirror.put(ground.tree, {laid: held.reproduction.content}),
        baseline=baseline,
        reproductions=(*ground.reproductions, *failing),
    )
    return Footing(ground=ground, bench=bench, held=(held,), laid=laid)


def _at(laid: str, name: str, result: TestResult) -> TestResult:
    """What a held test said, as if it had lain where agents find it."""
    path = result.test.partition("::")[0]
    frames = tuple(replace(frame, path=laid) if frame.path == path else frame for frame in result.frames)
    return replace(result, test=f"{laid}::{name}", text=result.text.replace(path, laid), frames=frames)
