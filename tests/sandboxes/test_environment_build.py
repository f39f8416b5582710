"""Environments that are built once, by code that may be hostile, and then only read."""

import io
import json
import os
import subprocess
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path

import docker
import pytest

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.build import Builder, NativeProject, NoNetwork, NotBuilt
from sandboxes.choice import choose
from sandboxes.command import Command, Ran
from sandboxes.docker.backend import Docker
from sandboxes.environment import Environment
from sandboxes.environments import NothingToInherit, PoorImage, environment_for
from sandboxes.host import Host
from sandboxes.mirror import Mirror
from sandboxes.recipe import recipe_of
from sandboxes.repository import Repository
from sandboxes.sandbox import Backend, NoSandbox, Sandbox

PACKAGE = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "shop-demo"
version = "1.2"
dependencies = ["six"]
[project.optional-dependencies]
test = ["pytest"]
[project.scripts]
shop = "shop:main"
[tool.hatch.build.targets.wheel]
packages = ["src/shop"]
"""
SHOP = {"pyproject.toml": PACKAGE, "src/shop/__init__.py": "import six\nPRICE = 1\n"}
WHERE = "import json, shop, six; print(json.dumps([shop.__file__, six.__file__, shop.PRICE]))"


@dataclass(frozen=True)
class Project:
    """A project, its mirror, and what builds its environments."""

    repository: Repository
    builder: Builder
    tree: str
    told: list[str] = field(default_factory=list)

    def built(self) -> Environment:
        return self.builder.built(self.tree, recipe_of(self.builder.mirror, self.tree))

    def run(self, environment: Environment, *argv: str, change: Callable[[Path], object] = Path.exists) -> Ran:
        """Run something in a fresh sandbox with this environment, on a worktree of the project."""
        backend, mirror = self.builder.backend, self.builder.mirror
        folder = self.builder.cache.parent / f"worktree-{threading.get_ident()}"
        with mirror.worktree(self.tree, folder) as worktree:
            change(worktree)
            with backend.open(worktree, environment.toolchain) as sandbox:
                path = os.pathsep.join(f"{backend.path_of(worktree)}/{first}" for first in environment.first)
                return sandbox.run(Command(argv=argv, environment={"PYTHONPATH": path}))


Make = Callable[..., Project]


@pytest.fixture
def make(make_repository: Callable[..., Path], tmp_path: Path) -> Make:
    def making(files: Mapping[str, str], backend: Backend | None = None, name: str = "project") -> Project:
        repository = Repository.at(make_repository(files, name))
        mirror = Mirror.at(tmp_path / "state" / name / "mirror.git")
        told: list[str] = []
        cache = tmp_path / "state" / name / "environments"
        builder = Builder(mirror=mirror, backend=backend or choose("bubblewrap"), cache=cache, tell=told.append)
        return Project(repository, builder, mirror.take(repository, repository.commit()), told)

    return making


def test_tests_import_the_worktree_while_its_dependencies_and_metadata_are_installed(make: Make) -> None:
    project = make(SHOP)

    environment = project.built()
    where = project.run(environment, environment.python, "-c", WHERE)
    version = project.run(environment, environment.python, "-c", "import importlib.metadata as m; print(m.version('shop-demo'))")
    changed = project.run(
        environment, environment.python, "-c", WHERE, change=lambda tree: (tree / "src/shop/__init__.py").unlink()
    )

    own, six, _ = json.loads(where.stdout.text())
    assert own == "/swarm/tree/src/shop/__init__.py"
    assert six.startswith(str(environment.toolchain[0]))
    assert version.stdout.text().strip() == "1.2"
    assert environment.first[0] == "src"
    assert "PRICE" in changed.stderr.text(), "without the worktree's file there must be no other one that is imported"


def test_an_environment_is_compiled_and_nobody_can_write_to_it(make: Make) -> None:
    project = make(SHOP)

    environment = project.built()
    venv = environment.toolchain[0]
    site = next(venv.glob("lib/python*/site-packages"))
    for place in (site / "evil.pth", site / "six.py", venv / "bin" / "python"):
        ran = project.run(environment, environment.python, "-c", f"open({str(place)!r}, 'w')")
        assert ran.exit_code == 1, place

    assert list(site.glob("__pycache__/six.*.pyc"))
    assert {file.stat().st_mode & 0o222 for file in site.rglob("*") if not file.is_symlink()} == {0}
    assert {file.lstat().st_uid for file in venv.rglob("*")} == {os.geteuid()}


def test_eight_agents_build_once_and_a_second_run_builds_nothing(make: Make) -> None:
    project = make({"requirements.txt": "iniconfig\n"})
    found: list[Environment] = []
    agents = [threading.Thread(target=lambda: found.append(project.built())) for _ in range(8)]

    for agent in agents:
        agent.start()
    for agent in agents:
        agent.join()
    again = project.built()

    assert len(project.told) == 1
    assert found == [again] * 8


def test_two_processes_at_once_build_once(make: Make) -> None:
    project = make({"requirements.txt": "iniconfig\n"})
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sandboxes.build import Builder\n"
        "from sandboxes.choice import choose\n"
        "from sandboxes.mirror import Mirror\n"
        "from sandboxes.recipe import recipe_of\n"
        "mirror, cache, tree = Mirror.at(Path(sys.argv[1])), Path(sys.argv[2]), sys.argv[3]\n"
        "builder = Builder(mirror=mirror, backend=choose('bubblewrap'), cache=cache, tell=print)\n"
        "print(builder.built(tree, recipe_of(mirror, tree)).identity)\n"
    )
    words = [sys.executable, "-c", program, str(project.builder.mirror.folder), str(project.builder.cache), project.tree]

    both = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate()[0].splitlines() for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert sorted(len(lines) for lines in said) == [1, 2]
    assert said[0][-1] == said[1][-1]


def test_a_process_that_is_killed_while_it_builds_leaves_nothing_that_counts(make: Make) -> None:
    project = make({"requirements.txt": "iniconfig\n"})
    environment = project.built()
    place = environment.toolchain[0].parents[1]
    (place / "ready.json").unlink()  # as a process leaves it that was killed before it had finished
    (next(environment.toolchain[0].glob("lib/python*/site-packages"))).chmod(0o755)
    (next(environment.toolchain[0].glob("lib/python*/site-packages")) / "iniconfig").rename(place / "torn")

    again = project.built()

    assert len(project.told) == 2
    assert project.run(again, again.python, "-c", "import iniconfig, pytest").ok


def test_without_uv_the_environment_is_built_by_pip(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
    project = make({"requirements.txt": "six\n", "src/shop/__init__.py": "PRICE = 1\n"})

    environment = project.built()
    where = project.run(environment, environment.python, "-c", WHERE)

    assert "with pip" in project.told[0]
    assert json.loads(where.stdout.text())[0] == "/swarm/tree/src/shop/__init__.py"
    assert list(environment.toolchain[0].glob("lib/python*/site-packages/__pycache__/six.*.pyc"))


def test_a_locked_project_gets_what_is_locked(make: Make, tmp_path: Path) -> None:
    pyproject = PACKAGE.replace('"six"', '"iniconfig<2.1"')
    draft = tmp_path / "draft"
    (draft / "src/shop").mkdir(parents=True)
    (draft / "pyproject.toml").write_text(pyproject)
    (draft / "src/shop/__init__.py").write_text("")
    subprocess.run(["uv", "lock", "--quiet"], cwd=draft, check=True)
    loose = pyproject.replace("<2.1", "")
    project = make({"pyproject.toml": loose, "uv.lock": (draft / "uv.lock").read_text(), "src/shop/__init__.py": ""})

    environment = project.built()
    ran = project.run(environment, environment.python, "-c", "import importlib.metadata as m; print(m.version('iniconfig'))")

    assert ran.stdout.text().strip() == "2.0.0"
    assert environment.first[0] == "src"


@pytest.mark.parametrize("words", ["-e .\n", ".\n"], ids=["editable", "a copy"])
def test_a_project_that_its_requirements_install_is_imported_from_the_worktree_all_the_same(make: Make, words: str) -> None:
    setup = (
        "from setuptools import setup\n"
        "setup(name='shop', version='3', packages=['shop', 'shop.deep'], install_requires=['six'],\n"
        "      package_dir={'shop': 'shop'})\n"
    )
    files = {
        "pyproject.toml": '[build-system]\nrequires = ["setuptools"]\n[tool.uv]\npackage = false\n',
        "requirements.txt": words,
    }
    project = make({**files, "setup.cfg": "", "setup.py": setup, "shop/__init__.py": "PRICE = 1\n", "shop/deep/__init__.py": ""})

    environment = project.built()
    where = project.run(environment, environment.python, "-c", WHERE)
    elsewhere = project.run(environment, environment.python, "-P", "-I", "-c", "import six, shop")

    assert json.loads(where.stdout.text())[0] == "/swarm/tree/shop/__init__.py"
    assert "No module named 'shop'" in elsewhere.stderr.text()


def test_modules_that_building_makes_are_there_and_those_of_the_worktree_win(make: Make) -> None:
    pyproject = (
        '[build-system]\nrequires = ["setuptools>=64", "setuptools-scm>=8"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "shop"\ndynamic = ["version"]\n[tool.setuptools_scm]\nversion_file = "shop/_version.py"\n'
    )
    project = make({"pyproject.toml": pyproject, "shop/__init__.py": "from shop._version import version\n"})
    asks = ("-c", "import shop; print(shop.version)")

    environment = project.built()
    generated = project.run(environment, environment.python, *asks)
    own = project.run(
        environment, environment.python, *asks, change=lambda tree: (tree / "shop/_version.py").write_text("version = 9")
    )

    assert (generated.stdout.text(), own.stdout.text()) == ("0.0.0\n", "9\n")
    assert "shop/_version.py" in " ".join(environment.notes)


def test_a_build_that_fails_leaves_a_log_and_is_tried_again(make: Make) -> None:
    project = make({"requirements.txt": "--no-index\nno-such-package-of-anybody\n"})

    with pytest.raises(NotBuilt, match="no-such-package-of-anybody") as caught:
        project.built()
    with pytest.raises(NotBuilt):
        project.built()

    log = Path(str(caught.value.facts["log"]))
    assert "no-such-package-of-anybody" in log.read_text()
    assert caught.value.exit_code == 7
    assert len(project.told) == 2
    assert [place.suffix for place in sorted(project.builder.cache.iterdir())] == [".lock", ".log"]


LOOT = """
import json, os, pathlib
loot = {}
def attempt(name, deed):
    try:
        loot[name] = str(deed())
    except Exception as error:
        pass
attempt("key in my environment", lambda: os.environ["CANARY_KEY"])
attempt("key in other environments", lambda: [p for p in pathlib.Path("/proc").glob("[0-9]*/environ")
        if b"CANARY" in p.read_bytes()][0])
attempt("home", lambda: open(HOME + "/secret").read())
attempt("repository", lambda: open(REPOSITORY + "/.git/HEAD").read())
attempt("mirror", lambda: os.listdir(MIRROR))
"""
PLANT = """
attempt("writing the system", lambda: open("/usr/lib/planted-by-a-test-of-swarm", "x"))
attempt("writing its kernel", lambda: open("/proc/sys/kernel/core_pattern", "r+").write("x"))
for folder in (REPOSITORY, CACHE, HOME):  # inside, these are at most places that nobody else sees
    try:
        os.makedirs(folder, exist_ok=True)
        open(folder + "/planted", "w").close()
    except OSError:
        pass
"""


@pytest.mark.parametrize("kind", ["bubblewrap", "docker"])
def test_a_hostile_build_finds_no_key_no_home_and_nothing_to_write_to(
    make: Make, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, kind: str
) -> None:
    if kind == "docker":
        request.getfixturevalue("engine")
    monkeypatch.setenv("CANARY_KEY", "canary-0000")
    (home / "secret").write_text("canary-1111")
    state = tmp_path / "state" / "project"
    places = {"HOME": home, "REPOSITORY": tmp_path / "project", "MIRROR": state / "mirror.git", "CACHE": state / "environments"}
    loot = "".join(f"{name} = {str(place)!r}\n" for name, place in places.items()) + LOOT
    hostile = {"setup.py": f"{loot}{PLANT}raise SystemExit('LOOT' + json.dumps(loot) + 'END')\n"}
    project = make(hostile, Docker() if kind == "docker" else Bubblewrap())

    with pytest.raises(NotBuilt) as caught:
        project.built()

    said = Path(str(caught.value.facts["log"])).read_text()
    outside = subprocess.run([sys.executable, "-c", f"{loot}print(json.dumps(loot))"], capture_output=True, text=True, check=True)
    assert json.loads(said.split("LOOT")[1].split("END")[0].replace("\n", "")) == {}
    assert [place for place in tmp_path.rglob("planted") if place.is_file()] == []
    assert {"key in my environment", "home", "repository"} <= json.loads(outside.stdout).keys(), "the attacks work where they can"


def test_a_build_cannot_have_folders_of_the_user_shown_to_everything_that_runs_later(make: Make, home: Path) -> None:
    (home / ".local/lib/python3.11/site-packages").mkdir(parents=True)
    (home / ".local/share").mkdir()
    (home / ".local/share/secret").write_text("canary")
    point = f"home = {home}/.local/bin\n"
    setup = (
        "import pathlib, sys\n"
        "from setuptools import setup\n"
        "for config in pathlib.Path('../venv').glob('pyvenv.cfg'):\n"
        f"    config.write_text({point!r} + config.read_text())\n"
        "setup(name='evil', version='1', py_modules=[])\n"
    )
    project = make({"setup.py": setup})

    environment = project.built()
    ran = project.run(environment, "cat", f"{home}/.local/share/secret")

    assert point in (environment.toolchain[0] / "pyvenv.cfg").read_text()
    assert ran.exit_code == 1
    assert [folder for folder in environment.toolchain if folder.is_relative_to(home)] == []


def test_a_build_that_puts_a_link_in_the_place_of_its_environment_fails(make: Make, home: Path) -> None:
    setup = (
        "import os, shutil\n"
        "from setuptools import setup\n"
        "shutil.copytree('../venv', '../other', symlinks=True)\n"
        "shutil.rmtree('../venv')\n"
        f"os.symlink({str(home)!r}, '../venv')\n"
        "setup(name='evil', version='1', py_modules=[])\n"
    )
    project = make({"setup.py": setup})

    with pytest.raises(NotBuilt):
        project.built()


def test_a_password_of_a_registry_is_not_shown_to_the_code_of_strangers(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_EXTRA_INDEX_URL", "https://me:canary-2222@localhost:1/simple")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://me:canary-2222@localhost:1/simple")
    project = make({"setup.py": "import os\nraise SystemExit('SEEN' + ' '.join(map(str, os.environ.items())))\n"})

    with pytest.raises(NotBuilt) as caught:
        project.built()

    said = Path(str(caught.value.facts["log"])).read_text()
    assert "SEEN" in said
    assert "canary-2222" not in said
    assert "$UV_EXTRA_INDEX_URL holds a password" in said


def test_a_project_that_has_to_be_compiled_is_refused_with_its_reason(make: Make) -> None:
    project = make(
        {"pyproject.toml": '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n[project]\nname = "x"\n'}
    )

    with pytest.raises(NativeProject, match="maturin"):
        project.built()


@dataclass(frozen=True)
class Offline:
    """A kind of sandbox that has no way to lend the network."""

    name: str = "offline"
    host: Host = field(default_factory=Host)

    def open(self, worktree: Path, toolchain: Sequence[Path]) -> AbstractContextManager[Sandbox]:
        return self.host.open(worktree, toolchain)

    def path_of(self, worktree: Path) -> str:
        return self.host.path_of(worktree)


def test_where_a_sandbox_cannot_have_the_network_bubblewrap_builds_or_nobody(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make({"requirements.txt": "iniconfig\n"}, Offline())
    search = os.environ["PATH"]
    (tmp_path / "bin").mkdir()
    for program in ("git", "uv"):
        (tmp_path / "bin" / program).symlink_to(Path(which(program)[-1], program))
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))

    with pytest.raises(NoNetwork, match="offline sandbox cannot have the network, and bubblewrap is not installed"):
        project.built()
    monkeypatch.setenv("PATH", search)
    environment = project.built()

    assert project.run(environment, environment.python, "-c", "import iniconfig, pytest").ok


def test_where_there_is_an_engine_a_container_builds_and_no_bubblewrap_is_needed(
    make: Make, tmp_path: Path, engine: docker.DockerClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bin").mkdir()
    for program in ("git", "uv"):
        (tmp_path / "bin" / program).symlink_to(Path(which(program)[-1], program))
    project = make(SHOP, Docker())

    with monkeypatch.context() as without:
        without.setenv("PATH", str(tmp_path / "bin"))
        environment = project.built()
    where = project.run(environment, environment.python, "-c", WHERE)
    site = next(environment.toolchain[0].glob("lib/python*/site-packages"))

    own, six, _ = json.loads(where.stdout.text())
    assert own == "/swarm/tree/src/shop/__init__.py"
    assert six.startswith(str(environment.toolchain[0]))
    assert list(site.glob("__pycache__/six.*.pyc"))
    assert {file.lstat().st_uid for file in environment.toolchain[0].rglob("*")} == {os.geteuid()}
    assert [
        found.labels for found in engine.containers.list(all=True) if found.labels.get("swarm.process") == str(os.getpid())
    ] == []


def test_a_line_of_the_users_completes_the_environment_and_another_line_is_another_environment(make: Make) -> None:
    project = make({"requirements.txt": "six\n", "extra.txt": "iniconfig\n"})
    line = "test -f extra.txt; echo said-by-setup; echo 'ANSWER = 42' >\"$(python -c 'import six; print(six.__file__)')\""
    completed = replace(project, builder=replace(project.builder, setup=line))

    environment = environment_for(project.repository.top, project.tree, completed.builder, "auto")
    answer = project.run(environment, environment.python, "-c", "import six; print(six.ANSWER)")

    assert answer.stdout.text() == "42\n"
    assert "said-by-setup" in next(completed.builder.cache.glob("*.log")).read_text()
    assert completed.built() == environment
    assert project.built() != environment
    with pytest.raises(NotBuilt, match="ended with 3"):
        replace(project, builder=replace(project.builder, setup="exit 3")).built()


PYTEST = ("pytest", "_pytest", "py.py", "pluggy", "iniconfig", "packaging", "pygments")


@pytest.fixture
def image_with_pytest(engine: docker.DockerClient, debian: str) -> Iterator[str]:
    """An image as a user has it, with a Python of its own and all that tests need."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name in PYTEST:
            tar.add(Path(pytest.__file__).parents[1] / name, name)
    container = engine.api.create_container(debian, ["true"])
    engine.api.put_archive(container["Id"], "/usr/lib/python3/dist-packages", packed.getvalue())
    engine.api.commit(container["Id"], repository="swarm-test-pytest", tag="1")
    engine.api.remove_container(container["Id"])
    yield "swarm-test-pytest:1"
    engine.images.remove("swarm-test-pytest:1")


def test_the_environment_of_an_image_is_what_the_image_brings(make: Make, image_with_pytest: str) -> None:
    project = make({"requirements.txt": "six\n", "test_it.py": "def test_it(): pass\n"}, choose("auto", image=image_with_pytest))

    environment = environment_for(project.repository.top, project.tree, project.builder, "auto")
    ran = project.run(environment, environment.python, "-m", "pytest", "-q", "-p", "no:cacheprovider")

    assert project.told == [], "nothing is built"
    assert ran.ok, ran.stdout.text()
    assert "1 passed" in ran.stdout.text()


def test_an_image_without_pytest_says_what_it_lacks_and_one_for_bubblewrap_is_refused(make: Make, debian: str) -> None:
    project = make({"test_it.py": ""}, Docker(image=debian))

    with pytest.raises(PoorImage, match="No module named 'pytest'"):
        environment_for(project.repository.top, project.tree, project.builder, "auto")
    with pytest.raises(NoSandbox, match="needs a container engine"):
        choose("bubblewrap", image=debian)


def which(program: str) -> list[str]:
    return [place for place in os.environ["PATH"].split(os.pathsep) if Path(place, program).is_file()]


def venv_with_pytest(folder: Path) -> Path:
    """A virtual environment as a user has it, with the pytest that runs these tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    site = next(folder.glob("lib/python*/site-packages"))
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"):
        found = next(Path(entry, name) for entry in sys.path if Path(entry, name).is_dir())
        (site / name).symlink_to(found)
    return folder


def test_auto_inherits_the_environment_of_the_project_and_build_does_not(make: Make) -> None:
    project = make({"requirements.txt": "iniconfig\n"})
    top = project.repository.top
    venv = venv_with_pytest(top / ".venv")

    inherited = environment_for(top, project.tree, project.builder, "auto")
    built = environment_for(top, project.tree, project.builder, "build")

    assert inherited.python == str(venv / "bin" / "python")
    assert built.python.startswith(str(project.builder.cache))


def test_auto_takes_swarms_own_python_for_a_project_that_needs_nothing(make: Make) -> None:
    project = make({"shop.py": ""})

    environment = environment_for(project.repository.top, project.tree, project.builder, "auto")

    assert environment.python.startswith(sys.prefix)
    assert project.told == []


def test_inherit_says_so_where_there_is_nothing_to_inherit(make: Make) -> None:
    project = make({"shop.py": ""})

    with pytest.raises(NothingToInherit) as caught:
        environment_for(project.repository.top, project.tree, project.builder, "inherit")

    assert caught.value.exit_code == 7


def test_an_editable_install_that_points_at_the_users_checkout_is_not_what_is_tested(make: Make) -> None:
    project = make({"src/shop/__init__.py": "PRICE = 1\n"})
    top = project.repository.top
    site = next(venv_with_pytest(top / ".venv").glob("lib/python*/site-packages"))
    (site / "__editable__.shop-1.pth").write_text(f"{top / 'src'}\n")
    (top / "src/shop/__init__.py").write_text("PRICE = 2  # not committed\n")

    environment = environment_for(top, project.tree, project.builder, "auto")
    ran = project.run(environment, environment.python, "-c", "import shop; print(shop.__file__, shop.PRICE)")

    assert ran.stdout.text() == "/swarm/tree/src/shop/__init__.py 1\n"
    assert "shop-1 is installed editable" in environment.notes[0]


def test_a_project_is_built_without_a_sandbox_only_where_the_user_has_said_so(make: Make) -> None:
    project = make(SHOP, choose("none"))

    environment = project.built()
    where = project.run(environment, environment.python, "-c", WHERE)

    assert json.loads(where.stdout.text())[0].endswith("/src/shop/__init__.py")


@pytest.fixture(autouse=True)
def cleared(tmp_path: Path) -> Iterator[None]:
    """Give the files of environments back to whoever has to remove them."""
    yield
    for folder in (tmp_path / "state").glob("*/environments/*/room"):
        subprocess.run(["chmod", "-R", "u+w", str(folder)], check=True)


def test_a_project_in_a_folder_is_built_there_and_imported_from_the_worktree(make: Make) -> None:
    shop = {f"services/shop/{path}": text for path, text in SHOP.items()}
    project = make({**shop, "requirements.txt": "no-such-package-of-anybody\n"})

    environment = environment_for(project.repository.top, project.tree, project.builder, "auto", "services/shop")
    where = project.run(environment, environment.python, "-c", WHERE)

    assert environment.folder == "services/shop"
    assert json.loads(where.stdout.text())[0] == "/swarm/tree/services/shop/src/shop/__init__.py"
