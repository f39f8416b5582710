from importlib.resources import files

import pytest
from jinja2 import UndefinedError

from prompts import render

REAL = {
    "goal-locate": {"failing": ["tests/test_a.py::test_one", "tests/test_a.py::test_two"]},
    "goal-fix": {"strategy": "names", "round": 1},
    "goal-weigh": {"round": 2},
    "goal-code": {"start": "reproduction"},
    "planner-rules": {"agents": 4, "most": 8},
    "coder-task": {"number": 3, "goal": "Fix the bug", "start": "Begin with the bug itself.", "tried": ["a.py"]},
    "critic-task": {"number": 4, "shown": "c1 and c2"},
    "candidates": {
        "second": "held",
        "candidates": [
            {"number": 1, "added": 1, "removed": 0, "fails": "", "patch": "<patch-1>\n+x\n</patch-1>"},
            {"number": 2, "added": 1, "removed": 0, "fails": "<tests-1>\nno\n</tests-1>", "patch": "<patch-2>\n+y\n</patch-2>"},
        ],
    },
    "goal-criticise": {"number": 1},
    "goal-combine": {"first": 1, "second": 2},
    "note-disputed": {"candidate": "c2"},
    "briefing": {
        "outline": "<outline-1>\na.py: f\n</outline-1>",
        "instructions": "From AGENTS.md: be kind.",
        "issue": "<issue-1>\nIt fails.\n</issue-1>",
        "hidden": 2,
        "failing": "tests/test_a.py::test_one",
        "findings": "f1 [verified] located: a.py:1",
    },
    "news": {"lines": ["<f1-0>\nnew\n</f1-0>", "<f2-0>\nnewer\n</f2-0>"]},
    "nudge": {"words": "Look at the rounding first."},
    "note-repeats": {"times": 3},
    "note-cut": {"tokens": 8192},
    "compacted": {
        "edited": "a.py",
        "commands": ["run ls -> a.py"],
        "verdicts": ["c1 is rejected"],
        "findings": "f1, f2",
        "summary": "",
    },
    "folded": {"note": "It is in f().", "edited": "a.py", "findings": "f1"},
}
PLAIN = (
    "critic-rules compactor-rules tool-reproduce tool-compare tool-prefer tool-withdraw tool-stand_by tool-end "
    "mcp mcp-fix mcp-status mcp-triage mcp-verify coder-rules goal-plan tool-plan note-no-call "
    "start-code start-reproduction start-specification start-tests tool-add_task tool-doubt tool-edit tool-fold "
    "tool-give_up tool-outline tool-read tool-run tool-search tool-share tool-split tool-submit tool-test tool-unfold"
).split()
"""Those that need no values."""


def test_every_prompt_is_rendered_with_its_real_values() -> None:
    there = {file.name.removesuffix(".md") for file in files("prompts").iterdir() if file.name.endswith(".md")}

    assert there == {*REAL, *PLAIN, "text-calls"}
    for name, values in [*REAL.items(), *((name, {}) for name in PLAIN)]:
        said = render(name, **values)
        assert said
        assert "{" not in said


def test_tools_in_text_are_explained_with_the_one_form_in_which_they_are_called() -> None:
    said = render("text-calls", tools="run: Run a script.")

    assert '<call tool="NAME">\n{"parameter": "value"}\n</call>' in said
    assert said.endswith("run: Run a script.")


@pytest.mark.parametrize("name", REAL)
def test_a_value_that_is_missing_is_an_error(name: str) -> None:
    with pytest.raises(UndefinedError):
        render(name)


def test_one_failing_test_and_several_are_told_apart() -> None:
    assert "1 failing test:" in render("goal-locate", failing=["a"])
    assert "4 failing tests: a, b, c, …" in render("goal-locate", failing=list("abcd"))


def test_a_critic_is_asked_what_fits_what_came_of_its_reproduction() -> None:
    def said(*fails: str) -> str:
        shown = [{"number": at, "added": 1, "removed": 0, "fails": text, "patch": ""} for at, text in enumerate(fails, start=1)]
        return render("candidates", second="held", candidates=shown).splitlines()[-1]

    assert said("it fails", "").startswith("If your reproduction asks for something that the issue does not promise")
    assert said("", "").startswith("Look with `compare`")
    assert said("") == "Call `end`."
