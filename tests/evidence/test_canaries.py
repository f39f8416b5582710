"""Canaries: whoever silences one way of failing is always heard."""

import random

import pytest

from swarm.evidence.canaries import BY_PYTEST_FAILS, FAILS, IN_CLASS_FAILS, Words, _songs, canaries
from swarm.evidence.results import Outcome


@pytest.mark.parametrize(
    ("framework", "ways"),
    [("pytest", {*FAILS, *IN_CLASS_FAILS, *BY_PYTEST_FAILS}), ("unittest", {*FAILS, *IN_CLASS_FAILS})],
)
@pytest.mark.parametrize("seed", range(20))
def test_every_way_to_fail_is_used_whatever_the_chance(framework: str, ways: set[str], seed: int) -> None:
    songs = _songs(random.Random(seed), framework)
    assert {song for song, outcome in songs if outcome is Outcome.FAILED} == ways
    assert Outcome.PASSED in {outcome for _, outcome in songs}


@pytest.mark.parametrize("framework", ["pytest", "unittest"])
def test_every_canary_is_a_test_of_its_own_and_can_be_read(framework: str) -> None:
    chance = random.Random(7)
    made = canaries("tests/test_shop.py", "import shop\n", Words((), chance), chance, framework)
    source = b"".join(made.files.values()).decode()
    compile(source, "canaries", "exec")
    names = [name.rpartition("::")[2] for name in made.outcomes]
    assert len(set(names)) == len(names) == source.count("def test_")
