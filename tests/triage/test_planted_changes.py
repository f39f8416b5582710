"""Every planted hunk is found, no innocent one is blamed, and not a byte of the user's is touched."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from miniatures import PROJECTS
from planted_changes import CASES, Case

from sandboxes.repository import Repository
from swarm.settings.values import Settings
from swarm.triage.comparing import Wish
from swarm.triage.hunks import Hunk
from swarm.triage.story import triage
from swarm.triage.verdict import Verdict

Git = Callable[..., str]
Look = Callable[[Path], dict[str, str]]
PATIENT = Wish(time_box=60.0)


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory, laid_out: Callable[..., Path]) -> dict[str, Path]:
    """A repository for each project, which all of its changes are made to, one after another."""
    return {name: laid_out(tmp_path_factory.mktemp(name) / name, files) for name, files in PROJECTS.items()}


@pytest.fixture
def remembered(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered of the projects is kept from one change to the next, as it is for a person."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "remembered"))


def matches(hunk: Hunk, planted: str) -> bool:
    path, at, text = planted.partition("@")
    lines = [*hunk.added, *hunk.removed]
    return hunk.path == path and (hunk.kind == "edit") == bool(at) and (not text or lines[0].strip().startswith(text))


def found(verdict: Verdict) -> dict[str, list[list[Hunk]]]:
    return {test: [list(one) for one in blame.sets] for blame in verdict.blames for test in blame.tests}


@pytest.mark.usefixtures("remembered")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_guilty_hunks_are_found_and_no_innocent_one_is_blamed(
    case: Case, projects: dict[str, Path], git: Git, fingerprint: Look
) -> None:
    top = projects[case.project]
    git(top, "reset", "-q", "--hard")
    git(top, "clean", "-qfd")
    case.change(top)
    git(top, "add", "-A")
    before = fingerprint(top)

    said: list[str] = []
    verdict = triage(Repository.at(top), Settings(sandbox="none"), PATIENT, os.environ, said.append)

    assert fingerprint(top) == before
    assert any(line.endswith("failed; running that again on both sides") for line in said) or not case.guilty
    blamed = found(verdict)
    assert blamed.keys() == case.guilty.keys()
    for test, sets in case.guilty.items():
        assert len(blamed[test]) == len(sets), (test, blamed[test])
        for planted in sets:
            assert any(
                len(one) == len(planted) and all(any(matches(hunk, text) for hunk in one) for text in planted)
                for one in blamed[test]
            ), (test, planted, blamed[test])
    assert verdict.exit_code == case.code
    assert set(case.before) <= set(verdict.before)
    assert set(case.flaky) <= set(verdict.flaky)
    assert set(verdict.missing) == set(case.missing)
    assert all(blame.minimal and blame.cured for blame in verdict.blames if case.project != "relay")


@pytest.mark.usefixtures("remembered")
def test_where_only_an_exit_code_is_known_the_hunk_is_found_all_the_same(
    tmp_path: Path, laid_out: Callable[..., Path], git: Git
) -> None:
    """So it is with every tool of which swarm cannot run single tests."""
    files = {f"part{number}.txt": f"{number}\n" for number in range(6)}
    top = laid_out(tmp_path / "shelf", {**files, "check.sh": 'test "$(cat part4.txt)" -lt 10\n'})
    for number in range(6):
        (top / f"part{number}.txt").write_text(f"{number * 5}\n")
    git(top, "add", "-A")

    verdict = triage(Repository.at(top), Settings(sandbox="none", test="sh check.sh"), PATIENT, os.environ, print)

    assert [[hunk.place for hunk in one] for blame in verdict.blames for one in blame.sets] == [["part4.txt:1"]]
    assert verdict.how.startswith("all tests")
