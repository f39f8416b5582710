"""In which folder of a repository the project lies that is worked on: most have but one, and it is the top."""

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import PurePosixPath

from swarm.evidence.declared import make_target, pytest_settings
from swarm.evidence.naming import TEST_FOLDERS
from swarm.evidence.sources import Sources

PYTEST = ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""Where pytest has its settings."""
SIGNS = ("pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
"""Files of which a Python project has one at its top."""
OF_THE_TOP = (*PYTEST, *SIGNS, "tox.toml", "noxfile.py", "conftest.py")
"""With one of these, or a Makefile that tests, the top of a repository says itself how it is tested."""


def project_folder(sources: Sources, place: str = "") -> str:
    """The folder of the project at a place in the repository, as seen from its top; empty: the project is all of it.

    It is the nearest folder upwards that is set up for pytest, or is a Python project with tests. At a top which says nothing of
    tests it is the folder with settings for pytest, if there is one in which all tests lie.
    """
    if place:
        return next((folder for folder in _upwards(place) if _is_project(folder, sources)), "")
    tests = [] if _says_how(sources) else list(_test_files(sources.paths))
    around = _upwards(posixpath.commonpath(map(posixpath.dirname, tests))) if tests else iter(())
    return max((folder for folder in around if _has_settings(sources.within(folder))), key=len, default="")


def _upwards(place: str) -> Iterator[str]:
    """A folder and those above it, without the top."""
    path = PurePosixPath(place)
    return (str(folder) for folder in (path, *path.parents) if folder.name)


def _is_project(folder: str, sources: Sources) -> bool:
    own = sources.within(folder)
    among_tests = any(part in TEST_FOLDERS for part in PurePosixPath(folder).parts)
    named = not among_tests and any(name in own.paths for name in SIGNS)
    return _has_settings(own) or (named and any(_test_files(own.paths)))


def _has_settings(own: Sources) -> bool:
    return pytest_settings(own) in PYTEST


def _says_how(top: Sources) -> bool:
    return any(name in top.paths for name in OF_THE_TOP) or bool(make_target(top)[0])


def _test_files(paths: Iterable[str]) -> Iterator[str]:
    for path in paths:
        name = posixpath.basename(path)
        if name.endswith(".py") and (name.startswith("test") or name.endswith("_test.py")):
            yield path
