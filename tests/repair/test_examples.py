"""A project whose tests are examples in its docstrings is located in like any other."""

from typing import Any

from swarm.repair.knowledge import learned

SHOP = 'def discount(copies):\n    """In percent.\n\n    >>> discount(10)\n    10\n    """\n    return 10 if copies > 10 else 0\n'


def test_an_example_leads_to_the_file_that_it_stands_in(make_ground: Any) -> None:
    quick = "[pytest]\naddopts = --doctest-modules -p no:hypothesispytest -p no:anyio -p no:timeout\n"
    ground = make_ground({"shop.py": SHOP, "pytest.ini": quick})
    with ground.rooms.open(ground.tree) as room:
        knowledge = learned(ground, "", room)
    assert knowledge.survey is not None
    assert {suspect.path for suspect in knowledge.suspects} == {"shop.py"}
    assert any(one.path == "shop.py" and one.operator == "comparison" for one in knowledge.order)
