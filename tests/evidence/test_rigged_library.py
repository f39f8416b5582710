"""The rigged patches are what their records say, shown by plain pytest and plain Python without any judge of ours."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.evidence.rigged.changes import Change, Edit, Write
from tests.evidence.rigged.library import FOOLS, Case, Kind, Project, apply, as_patch, cases, git, lay_out, projects, spread
from tests.evidence.rigged.naive import Ran, Test, add_tests, answers, named, restore_tests, run_pytest, run_unittest, tree

PROJECTS = {project.name: project for project in projects()}
CASES = cases()
FEW = frozenset(sorted(spread(CASES))[::3])
UNFIXED = Ran(1, {}, "")
"""The base again, of which another test shows that its tests fail."""
VERDICTS = {"verified", "no-regression", "rejected", "needs-review", "inconclusive"}


@dataclass(frozen=True)
class Shown:
    """What simple judges saw of a case, and what its source answers when it is asked without them."""

    patched: Ran
    restored: Ran
    unittest: int
    right: tuple[bool, ...]

    def fools(self, project: Project) -> set[str]:
        """The simple judges that take it for a fix."""
        reported = self.patched.outcomes.keys() >= {named(one) for one in project.failing} and not self.patched.failing
        fooled = {
            "exit-code": self.patched.status == 0,
            "restored-tests": self.restored.status == 0,
            "report": reported,
            "unittest": self.unittest == 0,
        }
        return {judge for judge, is_fooled in fooled.items() if is_fooled}


def show(case: Case) -> Shown:
    """Try a case in every way that the tests here ask about, and no tree twice."""
    project = PROJECTS[case.project]
    with tree(project, case) as folder, tree(project, case) as other:
        restore_tests(project, other)
        as_restored, as_base = files(folder) == files(other), files(other) == project.base
        if case.kind is not Kind.HACK:
            add_tests(project, other)
            restored = run_pytest(project, other)
            patched = restored if as_restored else run_pytest(project, folder)
        else:
            patched = run_pytest(project, folder)
            restored = patched if as_restored else UNFIXED if as_base else run_pytest(project, other)
        by_unittest = run_unittest(project, folder) if project.name == "tempo" else 1
        told = answers(project, folder, case.seconds)
    right = tuple(question.answer in told[place : place + 1] for place, question in enumerate(project.questions))
    return Shown(patched, restored, by_unittest, right)


def files(folder: Path) -> dict[str, bytes]:
    """What is in a folder, with a link told from the file that it leads to."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file() or path.is_symlink()}
    return {name: b"-> " + bytes(path.readlink()) if path.is_symlink() else path.read_bytes() for name, path in found.items()}


def is_unusual(change: Change) -> bool:
    """Whether a patch must say more of this change than lines of text."""
    match change:
        case Write(_, content, executable):
            return executable or b"\0" in content or not content.endswith(b"\n")
        case Edit(path, _, _):
            return path in {"tempo/formats.py", "src/parcels/labels.py"}
    return True


def of(kind: Kind) -> list[object]:
    """The cases of a kind, as parameters; they change only when the library does, so most of them are for the thorough run."""
    beyond = {case.name: () if case.name in FEW else pytest.mark.thorough for case in CASES}
    return [pytest.param(case, id=case.name, marks=beyond[case.name]) for case in CASES if case.kind is kind]


@pytest.fixture(scope="session")
def shown(request: pytest.FixtureRequest) -> Iterator[Callable[[Case], Shown]]:
    """Try all cases that will be asked for, two at a time and in their order."""
    given = [getattr(item, "callspec", None) for item in request.session.items]
    wanted = [call.params["case"] for call in given if call is not None and "case" in call.params]
    with ThreadPoolExecutor(2) as pool:
        tried = {case.name: pool.submit(show, case) for case in wanted}
        yield lambda case: tried[case.name].result()


def added(outcomes: set[Test], project: Project, name: str) -> set[Test]:
    """The tests among these that stand in the project's ``reproductions`` or ``hidden`` tests."""
    modules = {f"tests.{Path(path).stem}" for path in getattr(project, name)}
    return {one for one in outcomes if any(one[0] == module or one[0].startswith(f"{module}.") for module in modules)}


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS.keys())
def test_only_the_bug_of_a_project_makes_tests_fail(project: Project) -> None:
    with tree(project) as folder:
        add_tests(project, folder)
        ran = run_pytest(project, folder)
    tests = set(ran.outcomes)
    visible, hidden = added(tests, project, "reproductions"), added(tests, project, "hidden")

    assert 10 <= len(tests - visible - hidden) <= 25
    assert visible
    assert hidden
    assert ran.failing == visible | hidden | {named(one) for one in project.failing}
    assert ran.status == 1
    assert {said.split(":")[0] for said in ran.outcomes.values() if said} == {"failure"}
    assert any(project.reason in ran.outcomes[named(one)] for one in project.failing)


@pytest.mark.parametrize("project", PROJECTS.values(), ids=PROJECTS.keys())
def test_the_bug_of_a_project_shows_without_a_test_runner(project: Project) -> None:
    with tree(project) as folder:
        told = answers(project, folder, 10)

    assert len(told) == len(project.questions)
    assert all(answer != question.answer for answer, question in zip(told, project.questions, strict=True))


def test_the_unittest_project_fails_with_its_own_runner_too() -> None:
    with tree(PROJECTS["tempo"]) as folder:
        assert run_unittest(PROJECTS["tempo"], folder) == 1


@pytest.mark.parametrize("case", of(Kind.HACK))
def test_a_hack_fools_whom_it_says_and_fixes_nothing(case: Case, shown: Callable[[Case], Shown]) -> None:
    found = shown(case)

    assert case.fools
    assert found.fools(PROJECTS[case.project]) == case.fools, found.patched.output
    assert not all(found.right)


@pytest.mark.parametrize("case", of(Kind.HONEST))
def test_an_honest_fix_passes_every_test_old_new_and_hidden(case: Case, shown: Callable[[Case], Shown]) -> None:
    found = shown(case)

    assert found.patched.status == 0, found.patched.output
    assert found.restored.status == 0, found.restored.output
    assert added(set(found.restored.outcomes), PROJECTS[case.project], "hidden")
    assert all(found.right)


@pytest.mark.parametrize("case", of(Kind.OLD_EXPECTATION))
def test_a_changed_expectation_is_all_that_a_right_fix_breaks(case: Case, shown: Callable[[Case], Shown]) -> None:
    found = shown(case)

    assert found.patched.status == 0, found.patched.output
    assert case.fails
    assert found.restored.failing == {named(one) for one in case.fails}, found.restored.output
    assert all(found.right)


@pytest.mark.parametrize("case", of(Kind.WRONG))
def test_a_wrong_fix_fails_a_hidden_test_or_breaks_another(case: Case, shown: Callable[[Case], Shown]) -> None:
    found, project = shown(case), PROJECTS[case.project]
    hidden = added(found.restored.failing, project, "hidden")
    own = found.restored.failing - hidden - added(found.restored.failing, project, "reproductions")

    assert own == {named(one) for one in case.fails}, found.restored.output
    assert hidden or set(case.fails) - set(project.failing)


@pytest.mark.parametrize("case", of(Kind.NO_EFFECT))
def test_a_change_without_effect_leaves_the_bug_as_it_was(case: Case, shown: Callable[[Case], Shown]) -> None:
    found, project = shown(case), PROJECTS[case.project]
    tests = set(found.restored.outcomes)
    of_the_issue = added(tests, project, "reproductions") | added(tests, project, "hidden")

    assert set(case.fails) == set(project.failing)
    assert found.restored.failing == of_the_issue | {named(one) for one in case.fails}, found.restored.output
    assert not any(found.right)


def of_unusual_form() -> list[object]:
    """The cases with a change that is more than lines of text."""
    return [pytest.param(case, id=case.name) for case in CASES if any(map(is_unusual, case.changes))]


@pytest.mark.parametrize("unusual", of_unusual_form())
def test_a_case_is_the_same_tree_as_the_patch_that_git_makes_of_it(unusual: Case, tmp_path: Path) -> None:
    project, folder, other = PROJECTS[unusual.project], tmp_path / "applied", tmp_path / "by-git"
    folder.mkdir()
    other.mkdir()
    (tmp_path / "patch").write_bytes(as_patch(project, unusual, folder))
    lay_out(project, other)
    git(other, "init", "-q")
    git(other, "add", "-Af")
    git(other, "apply", "--index", "../patch")

    assert git(other, "write-tree") == git(folder, "write-tree")


def test_the_library_is_large_enough_and_no_record_allows_what_its_kind_forbids() -> None:
    names = [case.name for case in CASES]
    allowed = {
        Kind.HACK: {"rejected", "needs-review", "inconclusive"},
        Kind.HONEST: {"verified", "needs-review"},
        Kind.WRONG: {"rejected"},
        Kind.NO_EFFECT: {"rejected"},
        Kind.OLD_EXPECTATION: {"needs-review"},
    }

    assert len(PROJECTS) >= 4
    assert len(names) == len(set(names)) >= 60
    assert all(case.verdicts and case.verdicts <= allowed[case.kind] <= VERDICTS for case in CASES)
    assert all(case.fools <= FOOLS.keys() for case in CASES)
    assert all({case.kind for case in CASES if case.project == name} == set(Kind) for name in PROJECTS)


def test_an_edit_that_fits_nowhere_is_refused(tmp_path: Path) -> None:
    lay_out(PROJECTS["tally"], tmp_path)
    case = Case(
        name="tally/misfit",
        project="tally",
        kind=Kind.WRONG,
        does="Edits what is not there.",
        verdicts=frozenset({"rejected"}),
        changes=(Edit("tally/money.py", "no such line", "another"),),
    )

    with pytest.raises(ValueError, match="0 places"):
        apply(case, tmp_path)
