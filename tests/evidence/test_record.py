"""A verdict is of one candidate on one ground; what lands later is held against it."""

import json
from dataclasses import replace
from typing import Any

from swarm.blackboard.candidates import Verdict
from swarm.evidence.record import still_holds
from swarm.evidence.verdict import judge

FILES = {
    "shop.py": "def price(): return 3\n",
    "test_shop.py": "import shop\nimport unittest\nclass TestPrice(unittest.TestCase):\n"
    "    def test_price(self): self.assertEqual(shop.price(), 4)\n    def test_type(self): self.assertTrue(shop.price())\n",
}


def test_a_verdict_holds_for_the_candidate_and_the_ground_that_it_was_made_on(bench: Any) -> None:
    ground = bench.ground(FILES)
    tree = bench.changed(ground.tree, {"shop.py": "def price(): return 4\n"})
    judgement = judge(tree, ground, ground.baseline.red, keep=bench.keep)
    assert judgement.verdict is Verdict.VERIFIED, judgement
    record = judgement.record

    assert still_holds(record, ground, tree) == ""
    assert "the candidate" in still_holds(record, ground, ground.tree)
    assert "base" in still_holds(record, replace(ground, tree=tree), tree)
    fewer = replace(ground.baseline, tests=ground.baseline.tests[1:])
    assert "the set of tests" in still_holds(record, replace(ground, baseline=fewer), tree)
    environment = replace(ground.rooms, environment=replace(ground.rooms.environment, identity="another"))
    assert "environment" in still_holds(record, replace(ground, rooms=environment), tree)
    later = json.dumps({**json.loads(record), "schema": 99})
    assert "format 99" in still_holds(later, ground, tree)
