"""What is said of a verdict: ten lines for a person, and the forms that programs read."""

import json
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from swarm.triage.hunks import Hunk
from swarm.triage.outputs import forms
from swarm.triage.sight import Fault
from swarm.triage.telling import LINES, text
from swarm.triage.verdict import Blame, Outcome, Verdict

HUNK = Hunk(
    3, "a,b/shop.py", "edit", (4, 5), (4, 6), ("    if total >= LIMIT:",), ("    if total > LIMIT:", "        # 100% sure")
)
FAULT = Fault("AssertionError", "AssertionError: assert 5 == 0", "E   assert 5 == 0\x1b[0m")
BLAME = Blame(("test_shop.py::test_threshold", "test_shop.py::test_more"), FAULT, ((HUNK,),), {"a,b/shop.py": (5,)})
GUILTY = Verdict(
    name="what is staged", base="b" * 40, tree="c" * 40, hunks=30, files=4, blames=(BLAME,), ran=12, spared=900, runs=9
)


def test_the_guilty_hunk_comes_first_with_the_message_and_its_lines() -> None:
    assert text(GUILTY).splitlines() == [
        "guilty: 1 of 30 hunks breaks 2 tests, what is staged (0.0 s)",
        "  a,b/shop.py:5-6 breaks test_shop.py::test_threshold and 1 more",
        "    AssertionError: assert 5 == 0",
        "    -    if total >= LIMIT:",
        "    +    if total > LIMIT:",
        "    +        # 100% sure",
    ]


def test_ten_lines_are_enough_however_much_is_broken() -> None:
    blames = tuple(replace(BLAME, tests=(f"test_shop.py::test_{number}",)) for number in range(40))
    notes = replace(GUILTY, blames=blames, before=("a", "b"), flaky=("c",), missing={"d": "numpy"}, unrun=3, remarks=("e", "f"))

    assert len(text(notes).splitlines()) <= LINES
    assert "more; --json tells all" in text(notes)
    assert "failed before as well: a and 1 more" in text(notes)


@pytest.mark.parametrize(
    ("more", "outcome", "code", "sure"),
    [
        ({}, Outcome.CLEAN, 0, True),
        ({"before": ("a",)}, Outcome.CLEAN, 0, True),
        ({"flaky": ("a",)}, Outcome.CLEAN, 0, True),
        ({"unrun": 2}, Outcome.CLEAN, 0, False),
        ({"missing": {"a": "numpy"}}, Outcome.INCONCLUSIVE, 9, False),
        ({"cut": True}, Outcome.INCONCLUSIVE, 9, False),
        ({"undecided": ("a",)}, Outcome.INCONCLUSIVE, 9, False),
        ({"cut": True, "blames": (BLAME,)}, Outcome.GUILTY, 4, False),
    ],
)
def test_what_is_not_known_is_never_called_clean(more: dict[str, object], outcome: Outcome, code: int, sure: bool) -> None:
    verdict = replace(GUILTY, **{"blames": (), **more})  # type: ignore[arg-type]

    assert (verdict.outcome, verdict.exit_code, verdict.sure) == (outcome, code, sure)


def test_an_object_holds_all_of_it() -> None:
    value = json.loads(forms(GUILTY)["json"])

    assert (value["verdict"], value["exit_code"], value["tests"]["spared"]) == ("guilty", 4, 900)
    assert value["guilty"][0]["tests"] == list(BLAME.tests)
    assert value["guilty"][0]["sets"][0][0] == {
        "path": "a,b/shop.py",
        "kind": "edit",
        "first": 5,
        "last": 6,
        "removed": list(HUNK.removed),
        "added": list(HUNK.added),
        "suspicious": [5],
    }


def test_annotations_are_escaped_as_github_wants() -> None:
    first, last = forms(GUILTY)["github"].splitlines()

    assert first.startswith("::error file=a%2Cb/shop.py,line=5,endLine=6,title=swarm triage%3A guilty::This change breaks ")
    assert last.startswith("::notice title=swarm triage::guilty: 1 of 30 hunks")
    assert "%0A" in forms(replace(GUILTY, blames=(), cut=True))["github"]


def test_sarif_names_the_place_and_the_rule() -> None:
    log = json.loads(forms(GUILTY)["sarif"])
    (run,) = log["runs"]
    (result,) = run["results"]

    assert (log["version"], run["tool"]["driver"]["rules"][0]["id"]) == ("2.1.0", result["ruleId"])
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "a%2Cb/shop.py"
    assert place["region"] == {"startLine": 5, "endLine": 6}


def test_junit_has_a_case_for_every_test_that_failed_and_only_the_guilty_ones_count_as_failures() -> None:
    verdict = replace(GUILTY, before=("test_old.py::test_old",), missing={"test_np.py": "numpy"})
    suite = ET.fromstring(forms(verdict)["junit"]).find("testsuite")

    assert suite is not None
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("5", "2", "1")
    kinds = {case.get("name"): [child.tag for child in case] for case in suite.iter("testcase")}
    assert kinds == {
        "test_threshold": ["failure"],
        "test_more": ["failure"],
        "test_old": ["skipped"],
        "test_np.py": ["error"],
        "triage": [],
    }
