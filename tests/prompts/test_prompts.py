from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from prompts import render

REAL = {
    "goal-locate": {"failing": ["tests/test_a.py::test_one", "tests/test_a.py::test_two"]},
    "goal-fix": {"strategy": "names", "round": 1},
    "goal-weigh": {"round": 2},
}


def test_every_prompt_is_rendered_with_its_real_values() -> None:
    there = {file.name.removesuffix(".md") for file in files("prompts").iterdir() if file.name.endswith(".md")}

    assert there == REAL.keys()
    for name, values in REAL.items():
        said = render(name, **values)
        assert said
        assert "{" not in said


@pytest.mark.parametrize("name", REAL)
def test_a_value_that_is_missing_is_an_error(name: str) -> None:
    with pytest.raises(UndefinedError):
        render(name)


def test_one_failing_test_and_several_are_told_apart() -> None:
    assert "1 failing test:" in render("goal-locate", failing=["a"])
    assert "4 failing tests: a, b, c, …" in render("goal-locate", failing=list("abcd"))
