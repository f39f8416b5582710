"""Made-up runs in a real store: one that was fixed with models, one that abstained, and one whose every text is hostile."""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandboxes.repository import Repository
from swarm import events as e
from swarm.blackboard.candidates import Candidate, Judgement, NewCandidate, Verdict
from swarm.blackboard.findings import Evidence, FindingState, NewFinding
from swarm.blackboard.ledger import Amount, Caps
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import NewTask
from swarm.reporting.gathering import Report, gathered
from swarm.settings.places import state_folder

LONG = "x" * 100_000
HOSTILE = (
    "</code></pre><script>document.title='owned'</script><img src=http://127.0.0.1:9/x onerror=alert(1)>"
    "![p](http://127.0.0.1:9/y) [l](javascript:alert(1)) ``` | @everyone {{ 7*7 }} \x1b[31m\u202e\u200b\u05d0\u05d1 \x00"
)
PATCH = b"""diff --git a/shop/prices.py b/shop/prices.py
index 1111111..2222222 100644
--- a/shop/prices.py
+++ b/shop/prices.py
@@ -4,4 +4,4 @@
 def shipping(total):
-    if total > 50:
+    if total >= 50:
         return 0
--- a line that was removed, and that began with two dashes
"""


@dataclass(frozen=True)
class Archive:
    """A store in which runs can be made up."""

    store: Store

    def begin(self, title: str, issue: str, sandbox: str = "docker", source: str = "ISSUE.md") -> str:
        """A run with a baseline and a task in hand."""
        new = NewRun(title=title, issue=issue, source=source, base="b" * 40, sandbox=sandbox, workers=2)
        run = self.store.start_run(new).name
        failing = ("tests/test_prices.py::test_the_threshold",)
        self.store.record(
            run,
            e.StageEntered("baseline", "the tests are run on base"),
            e.BaselineMeasured(("python", "-m", "pytest"), 31, failing, (), 2.5),
            e.ReproductionsChosen(failing, "the issue names it"),
            e.StageEntered("work", "2 workers"),
            e.WorkerStarted("w1", ("locate", "code")),
            e.WorkerStarted("w2", ("locate", "code")),
        )
        return run

    def attempt(self, run: str, words: str, verdict: Verdict, *, worker: str = "w1") -> Candidate:
        """A task of which a candidate comes, with its finding and its evidence."""
        self.store.add_task(run, NewTask(kind="code", goal=words))
        claimed = self.store.claim(run, worker, ("code",), lease_seconds=300)
        assert claimed is not None
        _, lease = claimed
        output = self.store.put_raw(f"1 failed\n{words}\n".encode())
        evidence = Evidence(argv=("python", "-m", "pytest", words), exit_code=1, passed=3, failed=1, output=output)
        finding = self.store.propose(
            run,
            NewFinding(kind="observed", gist=words, summary=f"{words}\nand more", author=f"coder@{worker}", evidence=evidence),
        )
        self.store.settle_finding(run, finding.number, FindingState.VERIFIED, words)
        new = NewCandidate(
            tree=f"{finding.number:040}", base="b" * 40, summary=words, author=f"coder@{worker}", added=1, removed=1
        )
        candidate = self.store.submit(lease, new)
        judgement = Judgement(verdict=verdict, rule="red, green, nothing broken", reason=words, test=words, text=words, passed=32)
        self.store.judge(run, candidate.number, judgement)
        self.store.finish(lease, words)
        return candidate

    def pay(self, run: str, agent: str, money: int, tokens: int) -> None:
        """A call of a model."""
        reservation = self.store.reserve(run, agent, Amount(2 * money, 2 * tokens))
        self.store.settle(reservation, Amount(money, tokens))

    def report(self, run: str, patch: bytes = PATCH) -> Report:
        """The run as a report."""
        return gathered(self.store, self.store.run(run), lambda _: patch)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    store = SqliteStore.open(tmp_path / "archive")
    yield Archive(store)
    store.close()


@pytest.fixture
def fixed(archive: Archive) -> Report:
    """A run with models that found a fix."""
    run = archive.begin("Orders of exactly 50 pay shipping", "The page says from 50 on it is free.")
    archive.store.set_caps(run, "run", Caps(money=500_000, tokens=None))
    archive.pay(run, "coder", 120_000, 30_000)
    archive.attempt(run, "a first try that breaks a test", Verdict.REJECTED)
    archive.pay(run, "planner", 80_000, 9_000)
    archive.pay(run, "coder", 150_000, 41_000)
    chosen = archive.attempt(run, "compare with >=", Verdict.VERIFIED, worker="w2")
    archive.store.choose(run, chosen.number, "it is the only verified candidate")
    archive.store.end_run(run, outcome="fixed", exit_code=0, sentence="compare with >=", branch="swarm/orders-of-exactly-50")
    return archive.report(run)


@pytest.fixture
def abstained(archive: Archive) -> Report:
    """A run that found no fix, without a model."""
    run = archive.begin("Rounding is off", "The sum is a cent too high.")
    archive.attempt(run, "round half to even", Verdict.REJECTED)
    archive.store.end_run(run, outcome="no-verified-fix", exit_code=4, sentence="nothing that was tried passed")
    return archive.report(run)


@pytest.fixture
def hostile(archive: Archive) -> Report:
    """A run whose every text was written by somebody who wants to get out of the page."""
    run = archive.begin(HOSTILE, f"{HOSTILE}\n{LONG}", "none", source=HOSTILE)
    archive.store.record(run, e.StageEntered(HOSTILE, HOSTILE), e.WorkerStarted(HOSTILE, (HOSTILE,)))
    archive.pay(run, HOSTILE, 1, 1)
    archive.attempt(run, HOSTILE, Verdict.NEEDS_REVIEW)
    archive.attempt(run, LONG, Verdict.REJECTED)
    archive.store.end_run(run, outcome="needs-review", exit_code=4, sentence=HOSTILE)
    return archive.report(run, f"diff --git a/x b/x\n@@ -1 +1 @@\n+{HOSTILE}\n-{LONG}\n".encode())


@pytest.fixture
def empty(archive: Archive) -> Report:
    """A run that has only begun."""
    new = NewRun(title="Begun", issue="", source="text", base="b" * 40, sandbox="docker", workers=1)
    return archive.report(archive.store.start_run(new).name)


@pytest.fixture
def shop_run(make_repository: Callable[[Mapping[str, str]], Path]) -> Path:
    """A repository in whose own store a run was made up."""
    folder = make_repository({"a.py": ""})
    repository = Repository.at(folder)
    store = SqliteStore.open(state_folder(repository.identity, os.environ))
    archive = Archive(store)
    run = archive.begin("Nothing was tried", "It is wrong.")
    store.end_run(run, outcome="no-verified-fix", exit_code=4, sentence="nothing was tried")
    store.close()
    return folder
