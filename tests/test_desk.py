"""The desk of a worker: what an agent says it has seen counts after swarm has seen it as well."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.environment import inherited
from sandboxes.mirror import Mirror
from swarm.blackboard.findings import Finding, FindingState
from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite import SqliteStore
from swarm.blackboard.tasks import NewTask
from swarm.desk import WorkerDesk
from swarm.evidence.baseline import Thoroughness, measure
from swarm.evidence.claims import Claim
from swarm.evidence.footing import stand
from swarm.evidence.ground import Ground
from swarm.evidence.results import Outcome
from swarm.evidence.rooms import Rooms
from swarm.evidence.runners.pytest import PytestRunner

FILES = {
    "pytest.ini": b"[pytest]\naddopts = -p no:hypothesispytest -p no:anyio -p no:timeout\n",
    "shop.py": b"def price(): return 3\n",
    "test_shop.py": b"import shop\ndef test_price(): assert shop.price() == 4\n",
}
TEST = "test_shop.py::test_price"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WorkerDesk]:
    folder: Path = tmp_path_factory.mktemp("desk")
    mirror = Mirror.at(folder / "mirror.git")
    tree = mirror.put(mirror.git.text("mktree"), FILES)
    rooms = Rooms(Bubblewrap(), mirror, inherited(folder), folder / "worktrees")
    runner = PytestRunner(rooms.environment.python)
    baseline = measure(runner, rooms, tree, Thoroughness(runs=1))
    ground = Ground(base=mirror.commit(tree, [], "base"), tree=tree, rooms=rooms, runner=runner, baseline=baseline)
    store = SqliteStore.open(folder / "state")
    run = store.start_run(NewRun(title="t", issue="i", source="s", base=ground.base, sandbox="bubblewrap", workers=1)).name
    store.add_task(run, NewTask(kind="locate", goal="Find it."))
    claimed = store.claim(run, "w1", ("locate",), lease_seconds=600)
    assert claimed is not None
    yield WorkerDesk(
        store=store,
        lease=claimed[1],
        agent="coder",
        footing=stand(ground),
        issue="i",
        called_off=lambda: False,
        gist_budget=9000,
    )
    store.close()


def claimed(desk: WorkerDesk, claim: Claim, gist: str, tree: str = "") -> tuple[Finding, str]:
    finding, reason = desk.claim(claim, tree or desk.ground.tree, kind="observed", gist=gist, summary="So it is.")
    assert finding is not None, reason
    assert finding.reason == reason
    return finding, reason


def test_a_finding_that_its_command_bears_out_is_verified_with_what_swarm_saw(desk: WorkerDesk) -> None:
    claim = Claim.of("python -c 'import shop; print(shop.price())'", says="3")
    finding, reason = claimed(desk, claim, "the price is 3")
    assert finding.state is FindingState.VERIFIED, reason
    assert finding.evidence is not None
    assert (finding.evidence.exit_code, finding.evidence.tree) == (0, desk.ground.tree)
    assert desk.store.raw(finding.evidence.output) == b"3\n"


def test_a_finding_that_its_command_does_not_bear_out_is_rejected_and_its_author_learns_why(desk: WorkerDesk) -> None:
    claim = Claim.of("python -c 'import shop; print(shop.price())'", says="price is 4")
    finding, reason = claimed(desk, claim, "the price is 4")
    assert finding.state is FindingState.REJECTED
    assert "did not print 'price is 4'. It said: 3" in reason
    assert desk.store.finding(desk.lease.run, finding.number).reason == reason


def test_a_finding_about_a_test_is_shown_on_the_tree_that_it_speaks_of(desk: WorkerDesk) -> None:
    fixed = desk.ground.rooms.mirror.put(desk.ground.tree, {"shop.py": b"def price(): return 4\n"})
    claim = Claim(tests={TEST: Outcome.PASSED})
    there, _ = claimed(desk, claim, "4 makes the test pass", fixed)
    here, _ = claimed(desk, claim, "the test passes already")
    assert (there.state, here.state) == (FindingState.VERIFIED, FindingState.REJECTED)
    assert there.evidence is not None
    assert there.evidence.tree == fixed


def test_who_claims_the_same_and_cannot_show_it_is_no_witness_and_brings_nothing_down(desk: WorkerDesk) -> None:
    shown, _ = claimed(desk, Claim.of("test -e shop.py"), "there is a module for the shop")
    another = replace(desk, agent="another")
    open_yet = desk.share(kind="observed", gist="there is no other module", summary="None.")
    for gist in (shown.gist, open_yet.gist):
        other, reason = another.claim(Claim.of("false"), desk.ground.tree, kind="observed", gist=gist, summary="So they say.")
        assert other is not None
        assert (other.state, "ended with code 1" in reason) == (FindingState.REJECTED, True)

    run = desk.lease.run
    assert desk.store.finding(run, shown.number).state is FindingState.VERIFIED
    assert desk.store.finding(run, open_yet.number).state is FindingState.PROPOSED


def test_who_is_interrupted_before_it_is_known_what_a_run_shows_does_not_leave_the_finding_open(desk: WorkerDesk) -> None:
    begun = desk.share(kind="observed", gist="the shop is open on Sundays", summary="It is.")

    again, _ = desk.claim(Claim.of("false"), desk.ground.tree, kind="observed", gist=begun.gist, summary="It is.")

    assert again is not None
    assert (again.number, again.state) == (begun.number, FindingState.REJECTED)


def test_a_command_that_must_end_well_says_so_by_itself(desk: WorkerDesk) -> None:
    finding, reason = claimed(desk, Claim.of("exit 3"), "all is well")
    assert (finding.state, "ended with code 3, not 0" in reason) == (FindingState.REJECTED, True)


def test_where_the_surroundings_end_every_run_nothing_is_written_down(desk: WorkerDesk) -> None:
    before = len(desk.store.findings(desk.lease.run))
    claim = Claim.of("kill -9 $$", exit_code=137)
    finding, reason = desk.claim(claim, desk.ground.tree, kind="observed", gist="it dies", summary="It does.")
    assert finding is None
    assert "shows nothing" in reason
    assert len(desk.store.findings(desk.lease.run)) == before
