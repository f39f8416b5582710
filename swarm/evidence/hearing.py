"""One judgement in the making: what was run for it, and the record of it."""

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from sandboxes.importer import TooMuch, Unreadable
from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.case import Case, file_of
from swarm.evidence.reach import reaching
from swarm.evidence.record import Session, written
from swarm.evidence.results import TestResult, TestRun
from swarm.evidence.runner import Manner
from swarm.evidence.runners.plain import PlainRunner

LONG = 3.0
"""Seconds that all tests take, from which on a part of them is run first: below that, starting takes longer than testing."""
FEW = 0.1
"""Of all tests, the part that is few."""
TRIES = 3
"""How often a run is begun that its surroundings end."""


class Hearing:
    """Runs tests on the judged tree, each time in a fresh sandbox, and remembers it all."""

    def __init__(self, case: Case) -> None:
        """Begin the hearing of a case."""
        self.case, self.ground = case, case.ground
        self.sessions: list[Session] = []
        self.outputs: list[bytes] = []
        self.remarks: list[str] = []
        """What a person should know, though it decides nothing."""
        self.doubts: list[tuple[str, str]] = []
        """Rules that want a person to look, with the reason."""
        self.turned: tuple[str, ...] = ()
        """The reproductions that pass with the patch, as far as they were run."""
        self.whole: TestRun | None = None
        """The last run of all tests."""
        self._runs: dict[str, TestRun] = {}
        self._overwritten: dict[str, set[str]] = {}

    @property
    def overwritten(self) -> tuple[str, ...]:
        """The files of the judged tree that were changed while its tests ran, and that base's tests leave as they are."""
        here = self._overwritten.get(self._judged_tree, set())
        if here - self._overwritten.get(self._base_tree, set()):
            self.base_again  # noqa: B018  # only a run of all tests shows what they do to their own files
        return tuple(sorted(here - self._overwritten.get(self._base_tree, set())))

    @property
    def long(self) -> bool:
        """Whether the tests take so long that it pays to run the likeliest to say no before the others."""
        return self.ground.baseline.seconds >= LONG

    @property
    def targeted(self) -> TestRun:
        """The reproductions and all that is planted, on the judged tree; where all tests take no longer, all tests."""
        if not self.long:
            return self.all_tests(1)
        near = self.near if self.few_are_near else ()
        return self._once("reproduction", lambda: self._run("reproduction", self._judged_tree, (*self.asked, *near)))

    @property
    def control(self) -> TestRun:
        """The same on base: what fails here as well is not the patch's doing."""
        return self._once("control", lambda: self._run("control", self._base_tree, self.asked))

    @property
    def base_again(self) -> TestRun:
        """All tests on base, now: what failed since it was measured is not the patch's doing."""
        return self._once("base again", lambda: self._run("base again", self._base_tree, ()))

    @property
    def asked(self) -> tuple[str, ...]:
        """What is run to see whether the bug is gone, and whether the session is honest."""
        return (*self.case.reproductions, *self.case.planted.test_files)

    def all_tests(self, number: int) -> TestRun:
        """All tests on the judged tree, planted ones among them; run once for each number."""
        run = self._once(f"whole {number}", lambda: self._run("whole", self._judged_tree, ()))
        self.whole = run
        return run

    def all_tests_again(self) -> TestRun:
        """All tests on the judged tree a second time, and beside them what is asked on base, so that nobody waits for both."""
        if not self.asked:
            return self.all_tests(2)
        with ThreadPoolExecutor(max_workers=1) as pool:
            control = pool.submit(lambda: self.control)
            again = self.all_tests(2)
            control.result()
        return again

    @cached_property
    def near(self) -> tuple[str, ...]:
        """The tests that passed on base and reach what the patch changes: the likeliest to say no."""
        expected = set(self.case.expected)
        sure = (test for test in reaching(self.case) if file_of(test) not in self.case.rewritten)
        return tuple(test for test in sure if test in expected)

    def outdated(self, run: TestRun) -> tuple[str, ...]:
        """The tests in files that cannot be read with this source and that the patch writes anew: these it has to keep."""
        files = self.case.rewritten & (run.collection_errors.keys() - self.ground.baseline.uncollected.keys())
        return tuple(test for test in self.case.expected if file_of(test) in files)

    def is_misplaced(self, path: str) -> bool:
        """Whether a file of the judge's own finds nothing of the project where it was put, on base as well.

        In a folder of its own that may depend on what was loaded before it, so all ways to run it count.
        """
        if path not in self.case.planted.files:
            return False
        return path in self.control.collection_errors or path in self.base_again.collection_errors

    @property
    def few_are_near(self) -> bool:
        """Whether they are so few that they are run along with the reproductions."""
        return len(self.near) <= FEW * len(self.ground.baseline.tests)

    def some(self, tests: Sequence[str]) -> TestRun:
        """Some of the tests, on the judged tree."""
        return self._run("some", self._judged_tree, tests)

    def beside_base(self, tests: Sequence[str]) -> tuple[TestRun, TestRun]:
        """Some of the tests, on the judged tree and at the same time on base, so that nobody waits for both."""
        with ThreadPoolExecutor(max_workers=2) as pool:
            here = pool.submit(self._run, "some", self._judged_tree, tests)
            there = pool.submit(self._run, "some on base", self._base_tree, tests)
            return here.result(), there.result()

    def on(self, tree: str, tests: Sequence[str]) -> TestRun:
        """Some tests on another tree, with what is planted."""
        return self._run("control", self._with_planted(tree), tests)

    def alone(self, path: str, functions: Sequence[str], *, on_base: bool = False) -> TestRun:
        """A planted file, run by Python itself without a test runner."""
        python = self.ground.rooms.environment
        runner = PlainRunner(python.python, path, tuple(functions), python.first, python.folder)
        return self._run("plain", self._base_tree if on_base else self._judged_tree, (), runner)

    def _once(self, name: str, run: Callable[[], TestRun]) -> TestRun:
        if name not in self._runs:
            self._runs[name] = run()
        return self._runs[name]

    @property
    def _judged_tree(self) -> str:
        return self._with_planted(self.case.judged)

    @property
    def _base_tree(self) -> str:
        return self._with_planted(self.ground.tree)

    def _with_planted(self, tree: str) -> str:
        files = self.case.planted.files
        return self.ground.rooms.mirror.put(tree, files) if files else tree

    def _run(self, purpose: str, tree: str, tests: Sequence[str], plain: PlainRunner | None = None) -> TestRun:
        """Run tests in a fresh sandbox; again if its surroundings ended it, and once more if it took too long."""
        run = self._session(purpose, tree, tests, plain)
        for tried in range(1, TRIES):
            if not (run.infrastructure or run.hung) or ((run.timed_out or run.hung) and tried > 1):
                break
            run = self._session(purpose, tree, tests, plain)
        return run

    def _session(self, purpose: str, tree: str, tests: Sequence[str], plain: PlainRunner | None) -> TestRun:
        baseline = self.ground.baseline
        seed = secrets.randbelow(2**32)
        also = () if plain else tuple(path for path in self.case.planted.test_files if not tests or path in tests)
        manner = Manner(hash_seed=seed, also=also, without=baseline.hanging, cpu=baseline.cpu, own=self.case.own)
        with self.ground.rooms.open(tree) as room:
            runner = plain or self.ground.runner
            run = runner.run(room.sandbox, tests, timeout=baseline.patience, silence=baseline.silence, manner=manner)
            self._overwritten.setdefault(tree, set()).update(self._changed(room.worktree, tree))
        self.sessions.append(Session.of(run, purpose=purpose, tree=tree, tests=tests, hash_seed=seed))
        self.outputs.append(run.output)
        return run

    def _changed(self, worktree: Path, tree: str) -> set[str]:
        """The files of a tree that are not in a worktree any more as they were."""
        mirror = self.ground.rooms.mirror
        try:
            left = mirror.bring_in(worktree, tree)
        except (TooMuch, Unreadable) as error:
            self.remarks.append(f"Nobody could see what a run did to its files: {error.facts.get('what', error)}.")
            return set()
        return {change.path for change in mirror.changes(tree, left) if change.status != "A"}

    def says(self, verdict: Verdict, rule: str, reason: str, about: TestResult | None = None) -> Judgement:
        """The verdict with its reason, and all that was run for it."""
        passed, failed = self._counts()
        return Judgement(
            verdict=verdict,
            rule=rule,
            reason=reason,
            test=about.test if about else "",
            text=(about.text or about.message) if about else "",
            passed=passed,
            failed=failed,
            seconds=sum(session.seconds for session in self.sessions),
            record=written(self.case, self.sessions, self.remarks, self.doubts, self.turned),
        )

    def doubts_that(self, rule: str, reason: str) -> None:
        """Note that a person has to look before this lands."""
        self.doubts.append((rule, reason))

    def kept(self, judgement: Judgement, keep: Callable[[bytes], str]) -> Judgement:
        """The judgement with the raw output of all runs put where it can be read again."""
        return replace(judgement, output=keep(b"\n".join(self.outputs))) if self.outputs else judgement

    def _counts(self) -> tuple[int, int]:
        """How many of the project's own tests passed and failed in the last run of all."""
        if self.whole is None:
            return 0, 0
        planted = {*self.case.planted.test_files}
        own = [test for test in (*self.whole.passed, *self.whole.failed) if test.partition("::")[0] not in planted]
        return len(set(own) & set(self.whole.passed)), len(set(own) & set(self.whole.failed))
