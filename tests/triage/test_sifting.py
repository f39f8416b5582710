"""How failures are told apart, on tests of which it is known in which sandbox they fail."""

from collections.abc import Sequence
from dataclasses import dataclass

from swarm.evidence.results import Outcome, TestResult, TestRun
from swarm.triage.sifting import Sifted, sift
from swarm.triage.sight import Sight
from swarm.triage.trials import Ask

STEADY, BY_SEED, BROKEN = "test_it.py::test_steady", "test_it.py::test_by_seed", "test_it.py::test_broken"


@dataclass
class Seeds:
    """One test always fails, one does with the seed of the warm sandboxes, one does with the change."""

    warmth: object
    apart: int = 0

    def paths(self, _tree: str) -> frozenset[str]:
        return frozenset({"test_it.py"})

    def look(self, trees: Sequence[str], _ask: Ask, *, timeout: float, again: bool) -> list[Sight]:
        assert timeout
        assert again
        return [sight(tree, {STEADY, BY_SEED} | ({BROKEN} if tree == "change" else set())) for tree in trees]

    def run(self, tree: str, ask: Ask, *, timeout: float, apart: bool) -> Sight:
        assert (tree, ask.tests, apart, timeout) == ("base", (BY_SEED, STEADY), True, 9.0)
        self.apart += 1
        return sight(tree, {STEADY})


def sight(tree: str, failing: set[str], text: str = "") -> Sight:
    results = {
        test: TestResult(test, Outcome.FAILED if test in failing else Outcome.PASSED, text=text, error="AssertionError")
        for test in (STEADY, BY_SEED, BROKEN)
    }
    run = TestRun(argv=(), collected=(*results,), results=results, complete=True, exit_code=1, seconds=0, output=b"")
    return Sight(tree, run)


def sifted(trials: Seeds) -> Sifted:
    everything = Ask((), (BROKEN, BY_SEED, STEADY))
    first = sight("change", {STEADY, BY_SEED, BROKEN}, "as pytest tells it")
    return sift(trials, ("base", "change"), first, everything, timeout=9.0)  # type: ignore[arg-type]


def test_what_fails_on_base_only_with_the_seed_of_the_warm_sandboxes_varies_and_has_not_failed_before() -> None:
    trials = Seeds(warmth=True)

    found = sifted(trials)

    assert (set(found.before), found.flaky, set(found.broken)) == ({STEADY}, (BY_SEED,), {BROKEN})
    assert trials.apart == 1
    assert found.broken[BROKEN].text == "as pytest tells it", "what is run again is told in brief"


def test_without_a_warm_sandbox_every_run_has_a_seed_of_its_own_and_none_is_added() -> None:
    trials = Seeds(warmth=None)

    found = sifted(trials)

    assert (set(found.before), found.flaky) == ({STEADY, BY_SEED}, ())
    assert trials.apart == 0
