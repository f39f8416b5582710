"""A finding counts by what swarm saw when it ran the command itself."""

from typing import Any, cast

import pytest

from swarm.evidence.claims import Claim, Heard, hear
from swarm.evidence.ground import Ground
from swarm.evidence.results import Outcome

FILES = {"shop.py": "def price(): return 3\n", "test_shop.py": "import shop\ndef test_price(): assert shop.price() == 4\n"}
TEST = "test_shop.py::test_price"


@pytest.fixture(scope="module")
def ground(shared_bench: Any) -> Ground:
    return cast("Ground", shared_bench.ground(FILES))


def _hear(bench: Any, ground: Ground, claim: Claim, tree: str = "") -> Heard:
    return hear(claim, ground, tree or ground.tree, keep=bench.keep)


def test_what_a_command_shows_is_written_by_swarm(walled_bench: Any) -> None:
    ground = walled_bench.ground(FILES)
    claim = Claim(
        argv=("python", "-c", "import shop; print('price', shop.price()); raise SystemExit(3)"), exit_code=3, says="price 3"
    )
    heard = _hear(walled_bench, ground, claim)
    assert heard.accepted, heard.reason
    assert (heard.evidence.exit_code, heard.evidence.tree, heard.evidence.argv) == (3, ground.tree, claim.argv)
    assert heard.evidence.environment.endswith("in bubblewrap")
    assert b"price 3" in walled_bench.kept[-1]


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        (Claim(argv=("python", "-c", "print('no')"), exit_code=1), "ended with code 0, not 1. It said: no"),
        (Claim(argv=("python", "-c", "print('no')"), says="yes"), "did not print 'yes'. It said: no"),
        (Claim(argv=("true",)), "cannot be refuted"),
        (Claim(exit_code=0), "names no command"),
        (Claim(argv=("no-such-program",), exit_code=0), "ended with code 127"),
        (Claim(tests={TEST: Outcome.PASSED}), "is failed: AssertionError: assert 3 == 4"),
        (Claim(tests={"test_shop.py::test_no": Outcome.FAILED}), "was not run"),
    ],
)
def test_a_claim_that_is_not_borne_out_is_refused_with_the_reason(
    shared_bench: Any, ground: Ground, claim: Claim, reason: str
) -> None:
    heard = _hear(shared_bench, ground, claim)
    assert not heard.accepted
    assert reason in heard.reason


def test_tests_are_heard_by_name_on_any_tree(shared_bench: Any, ground: Ground) -> None:
    fixed = shared_bench.changed(ground.tree, {"shop.py": "def price(): return 4\n"})
    assert _hear(shared_bench, ground, Claim(tests={TEST: Outcome.FAILED})).accepted
    heard = _hear(shared_bench, ground, Claim(tests={TEST: Outcome.PASSED}), fixed)
    assert heard.accepted, heard.reason
    assert (heard.evidence.passed, heard.evidence.failed, heard.evidence.tree) == (1, 0, fixed)


def test_a_test_that_comes_with_the_claim_is_run_beside_the_others(shared_bench: Any, ground: Ground) -> None:
    claim = Claim(
        tests={"test_new.py::test_it": Outcome.FAILED},
        files={"test_new.py": b"import shop\ndef test_it(): assert shop.price() == 5\n"},
    )
    heard = _hear(shared_bench, ground, claim)
    assert heard.accepted, heard.reason


def test_a_claim_that_was_kept_is_the_same_claim() -> None:
    claim = Claim(argv=("python", "-c", "1"), exit_code=0, says="ä", tests={TEST: Outcome.FAILED}, files={"a.py": b"\xff\n"})

    assert Claim.read(claim.written()) == claim


def test_a_command_that_its_surroundings_end_shows_nothing(walled_bench: Any) -> None:
    ground = walled_bench.ground(FILES)
    heard = _hear(walled_bench, ground, Claim(argv=("sh", "-c", "kill -9 $$"), exit_code=137))
    assert (heard.accepted, heard.undecided, heard.ended) == (False, True, False)
    assert "killed" in heard.reason
