"""What the last commits changed, from a real history."""

from dataclasses import replace

from swarm.evidence.ground import Ground
from swarm.repair.recent import recent

PATH = "shop/prices.py"


def test_lines_of_later_commits_are_recent_and_those_of_the_first_are_not(ground: Ground) -> None:
    mirror = ground.rooms.mirror
    old = mirror.read(ground.tree, PATH)
    tree = mirror.put(ground.tree, {PATH: old + b"# new\n"})
    later = replace(ground, base=mirror.commit(tree, [ground.base], "later"), tree=tree)
    assert recent(later, [PATH]) == {(PATH, 5): 1.0}


def test_where_nearly_everything_is_new_nothing_is(ground: Ground) -> None:
    mirror = ground.rooms.mirror
    tree = mirror.put(ground.tree, {PATH: b"a = 1\nb = 2\nc = 3\n"})
    later = replace(ground, base=mirror.commit(tree, [ground.base], "rewritten"), tree=tree)
    assert recent(later, [PATH]) == {}
    assert recent(ground, [PATH]) == {}
