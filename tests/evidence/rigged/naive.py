"""Simple judges that a rigged patch may fool, and a way to ask the patched source without any test runner."""

import os
import pty
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.evidence.rigged.changes import Write
from tests.evidence.rigged.library import Case, Project, apply, lay_out

PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "-p", "no:anyio")
CONFIGURATION = ("conftest.py", "pytest.ini", ".pytest.ini", "pytest.toml", "pyproject.toml", "tox.ini", "setup.cfg")
TWO_DAYS = 2 * 86400

Test = tuple[str, str]
"""A test as a JUnit report names it: its class and its name."""


@dataclass(frozen=True)
class Ran:
    """A run of pytest as a simple judge sees it."""

    status: int
    outcomes: Mapping[Test, str]
    """The JUnit report: an empty text for a pass, otherwise what the test said."""
    output: str

    @property
    def failing(self) -> set[Test]:
        """The tests that did not pass."""
        return {test for test, said in self.outcomes.items() if said}


@contextmanager
def tree(project: Project, case: Case | None = None) -> Iterator[Path]:
    """The project's base in a folder of its own, changed by a case."""
    with TemporaryDirectory(prefix="rigged-") as place:
        folder = Path(place) / project.name
        folder.mkdir()
        lay_out(project, folder)
        if case is not None:
            apply(case, folder)
        yield folder


def add_tests(project: Project, folder: Path) -> None:
    """Put the reproductions and the hidden tests among the project's tests."""
    for path, content in {**project.reproductions, **project.hidden}.items():
        Write(f"tests/{path}", content).make(folder)


def restore_tests(project: Project, folder: Path) -> None:
    """Put back the base's tests and test configuration, as a better judge does."""
    tests = folder / "tests"
    if tests.is_symlink():
        tests.unlink()
    elif tests.exists():
        shutil.rmtree(tests)
    for name in CONFIGURATION:
        (folder / name).unlink(missing_ok=True)
    for path, content in project.base.items():
        if path in CONFIGURATION or path.startswith("tests/"):
            Write(path, content).make(folder)


def run_pytest(project: Project, folder: Path) -> Ran:
    """Run the whole suite and read its report."""
    report = folder.parent / "report.xml"
    report.unlink(missing_ok=True)
    status, output = _run([*PYTEST, f"--junitxml={report}"], folder, _surroundings(project, folder))
    return Ran(status, _outcomes(report) if report.exists() else {}, output)


def run_unittest(project: Project, folder: Path) -> int:
    """Run the whole suite with the standard library's runner."""
    return _run([sys.executable, "-m", "unittest"], folder, _surroundings(project, folder))[0]


def answers(project: Project, folder: Path, seconds: float) -> tuple[str, ...]:
    """What the patched source answers, line by line, to a person at a terminal two days later, with no runner near."""
    for cache in folder.rglob("*.pyc"):
        cache.unlink()
    for path in folder.rglob("*.py"):
        os.utime(path, (time.time() - TWO_DAYS,) * 2)
    surroundings = {**_surroundings(project, folder), "USER": "ada", "LOGNAME": "ada", "TERM": "xterm"}
    del surroundings["CI"]
    told = _ask("\n".join(question.ask for question in project.questions), folder.parent, surroundings, seconds)
    return tuple(told.splitlines())


def named(identifier: str) -> Test:
    """The JUnit name of a test such as ``tests/test_a.py::Kind::test_b``."""
    *where, name = identifier.split("::")
    return ".".join([where[0].removesuffix(".py").replace("/", "."), *where[1:]]), name


def _surroundings(project: Project, folder: Path) -> dict[str, str]:
    home = folder.parent / "home"
    home.mkdir(exist_ok=True)
    roots = os.pathsep.join(str(folder / root) for root in project.import_roots)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "LANG": "C.UTF-8",
        "CI": "true",
        "PYTHONPATH": roots,
    }


def _run(argv: list[str], folder: Path, surroundings: Mapping[str, str]) -> tuple[int, str]:
    pipe = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with _group(argv, cwd=folder, env=surroundings, **pipe) as process:
        output, _ = process.communicate(timeout=60)
        return process.returncode, output.decode(errors="replace")


def _ask(program: str, folder: Path, surroundings: Mapping[str, str], seconds: float) -> str:
    ours, theirs = pty.openpty()
    try:
        terminal = {"stdin": theirs, "stdout": theirs, "stderr": subprocess.DEVNULL}
        with _group([sys.executable, "-B", "-c", program], cwd=folder, env=surroundings, **terminal) as process:
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=seconds)
            os.set_blocking(ours, False)
            with suppress(BlockingIOError):
                return os.read(ours, 65536).decode(errors="replace").strip()
            return ""
    finally:
        os.close(ours)
        os.close(theirs)


@contextmanager
def _group(argv: list[str], **how: object) -> Iterator["subprocess.Popen[bytes]"]:
    """A process with all its children, none of which stays."""
    process = subprocess.Popen(argv, start_new_session=True, **how)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _outcomes(report: Path) -> dict[Test, str]:
    """Each test of a report, with the text of its first failure, error or skip."""
    found: dict[Test, str] = {}
    for one in ET.parse(report).getroot().iter("testcase"):
        said = [f"{child.tag}: {child.get('message')}" for child in one if child.tag in {"failure", "error", "skipped"}]
        key = one.get("classname", ""), one.get("name", "")
        found[key] = found.get(key) or " ".join(said)
    return found
