"""One judgement in the making: what was run for it, and the record of it."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.ground import Ground
from swarm.evidence.patch import Patch
from swarm.evidence.results import TestResult, TestRun


@dataclass(frozen=True, kw_only=True)
class Session:
    """One run of tests in one fresh sandbox, as the record keeps it."""

    tree: str
    tests: tuple[str, ...]
    """Empty: all of them."""
    complete: bool
    why_incomplete: str
    infrastructure: bool
    passed: int
    failed: int
    exit_code: int
    seconds: float


class Hearing:
    """Runs tests on the judged tree, each time in a fresh sandbox, and remembers it all."""

    def __init__(self, ground: Ground, patch: Patch, judged: str, reproductions: Sequence[str]) -> None:
        """Begin the hearing of a patch; `judged` is base with only its source part."""
        self.ground, self.patch, self.judged = ground, patch, judged
        self.reproductions = tuple(reproductions)
        self.sessions: list[Session] = []
        self.outputs: list[bytes] = []
        self.whole: TestRun | None = None
        """The last run of all tests."""

    def run(self, tests: Sequence[str] = ()) -> TestRun:
        """Run tests in a fresh sandbox; once more if the surroundings ended it."""
        run = self._once(tests)
        if run.infrastructure:
            run = self._once(tests)
        if not tests:
            self.whole = run
        return run

    def _once(self, tests: Sequence[str]) -> TestRun:
        with self.ground.rooms.open(self.judged) as room:
            run = self.ground.runner.run(room.sandbox, tests, timeout=self.ground.baseline.patience)
        seen = Session(
            tree=self.judged,
            tests=tuple(tests),
            complete=run.complete,
            why_incomplete=run.why_incomplete,
            infrastructure=run.infrastructure,
            passed=len(run.passed),
            failed=len(run.failed),
            exit_code=run.exit_code,
            seconds=round(run.seconds, 3),
        )
        self.sessions.append(seen)
        self.outputs.append(run.output)
        return run

    def says(self, verdict: Verdict, rule: str, reason: str, about: TestResult | None = None) -> Judgement:
        """The verdict with its reason, and all that was run for it."""
        return Judgement(
            verdict=verdict,
            rule=rule,
            reason=reason,
            test=about.test if about else "",
            text=(about.text or about.message) if about else "",
            passed=len(self.whole.passed) if self.whole else 0,
            failed=len(self.whole.failed) if self.whole else 0,
            seconds=sum(session.seconds for session in self.sessions),
            record=json.dumps(self.record(), sort_keys=True),
        )

    def kept(self, judgement: Judgement, keep: Callable[[bytes], str]) -> Judgement:
        """The judgement with the raw output of all runs put where it can be read again."""
        return replace(judgement, output=keep(b"\n".join(self.outputs))) if self.outputs else judgement

    def record(self) -> dict[str, object]:
        """Everything that landing, and anybody who doubts, has to know: trees, tests, sandbox, runs."""
        ground, baseline = self.ground, self.ground.baseline
        return {
            "base": ground.base,
            "base_tree": self.patch.base,
            "candidate": self.patch.tree,
            "judged": self.judged,
            "patch": {key: value for key, value in asdict(self.patch).items() if key not in ("base", "tree")},
            "reproductions": self.reproductions,
            "tests": {
                "count": len(baseline.tests),
                "digest": _digest(baseline.tests),
                "passing_on_base": _digest(baseline.passing),
            },
            "varying": baseline.varying,
            "negative_control": f"The judged tree without the source part is base itself; the baseline saw the reproductions "
            f"fail there in {baseline.runs} of {baseline.runs} runs.",
            "sandbox": ground.rooms.backend.name,
            "environment": ground.rooms.environment.identity,
            "runner": ground.runner.name,
            "runs": [asdict(session) for session in self.sessions],
        }


def _digest(tests: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(tests)).encode("utf-8", "surrogateescape")).hexdigest()
