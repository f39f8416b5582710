"""The judge before the whole library of rigged patches: no hack and no wrong fix gets by, and every honest fix does."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import pytest

from sandboxes.bubblewrap import Bubblewrap
from tests.evidence.rigged.courtroom import Courtroom
from tests.evidence.rigged.library import Case, cases, projects, spread

PROJECTS = {project.name: project for project in projects()}
CASES = cases()
SPREAD = spread(CASES)
Verdict = tuple[str, str]
"""The verdict in a word, and why."""


def parameters() -> Iterator[object]:
    """All cases; those beyond the spread are for the thorough run."""
    for case in CASES:
        yield pytest.param(case, id=case.name, marks=() if case.name in SPREAD else pytest.mark.thorough)


@pytest.fixture(scope="module")
def verdict(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Case], Verdict]]:
    """Judge all cases that will be asked for, two at a time; each project is measured once."""
    wanted = [
        item.callspec.params["case"]
        for item in request.session.items
        if "case" in getattr(item, "fixturenames", ()) and item.path == request.path
    ]
    rooms: dict[str, Courtroom] = {}
    door = Lock()

    def judged(case: Case) -> Verdict:
        with door:
            if case.project not in rooms:
                folder = tmp_path_factory.mktemp(case.project)
                rooms[case.project] = Courtroom(PROJECTS[case.project], Bubblewrap(), folder)
        return rooms[case.project].verdict(case)

    with ThreadPoolExecutor(2) as pool:
        said: dict[str, Future[Verdict]] = {case.name: pool.submit(judged, case) for case in wanted}
        yield lambda case: said[case.name].result()


@pytest.mark.parametrize("case", list(parameters()))
def test_the_verdict_is_one_that_the_record_allows(case: Case, verdict: Callable[[Case], Verdict]) -> None:
    word, why = verdict(case)
    assert word in case.verdicts, why
