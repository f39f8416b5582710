"""Which Python a repository's commands get, found without running anything of the repository."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from sandboxes.active import ACTIVE
from sandboxes.command import Command
from sandboxes.environment import NoPython, inherited, working


@pytest.fixture(autouse=True)
def nothing_active(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ACTIVE:
        monkeypatch.delenv(name, raising=False)


def new_venv(folder: Path, *, pytest_in_it: bool = True) -> Path:
    venv.create(folder, symlinks=True)
    if pytest_in_it:
        site = next(folder.glob("lib/python3*/site-packages"))
        (site / "pytest").mkdir()
        (site / "pytest" / "__init__.py").write_text("MINE = True\n")
        (site / "pytest-9.dist-info").mkdir()
        (site / "pytest-9.dist-info" / "RECORD").write_text("pytest/__init__.py,,\n")
    return folder


def test_the_repositorys_own_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    own, active = new_venv(tmp_path / "repo" / ".venv"), new_venv(tmp_path / "active")
    monkeypatch.setenv("VIRTUAL_ENV", str(active))
    assert inherited(tmp_path / "repo").python == str(own / "bin" / "python")
    assert inherited(tmp_path).python == str(active / "bin" / "python")


def test_the_environment_in_the_projects_folder_comes_before_that_of_the_repository(tmp_path: Path):
    above, inner = new_venv(tmp_path / ".venv"), new_venv(tmp_path / "services" / "api" / "venv")

    assert working(tmp_path, "services/api") == inner
    assert working(tmp_path, "services/web") == above
    assert working(tmp_path) == above


def test_in_a_folder_its_own_files_are_imported_before_those_above_it(tmp_path: Path):
    new_venv(tmp_path / ".venv")
    found = inherited(tmp_path)

    assert found.within("a/b").first == ("a/b", "a/b/src", ".", "src")
    assert found.within("") == found


@pytest.mark.parametrize("name", ACTIVE)
def test_the_active_environment_counts_whatever_made_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str):
    active = new_venv(tmp_path / "active")
    monkeypatch.setenv(name, str(active))
    assert working(tmp_path) == active


@pytest.mark.parametrize("sees", [True, False])
@pytest.mark.parametrize("packages", ["lib/python3.11/site-packages", "local/lib/python3.11/dist-packages"])
def test_packages_of_the_machine_count_where_an_environment_sees_them(tmp_path: Path, packages: str, *, sees: bool):
    (tmp_path / "machine" / packages / "pytest").mkdir(parents=True)
    (tmp_path / "machine" / "lib" / "python3.11").mkdir(parents=True, exist_ok=True)
    (tmp_path / "machine" / "lib" / "python3.11" / "os.py").touch()
    folder = new_venv(tmp_path / ".venv", pytest_in_it=False)
    word = "true" if sees else "false"
    (folder / "pyvenv.cfg").write_text(f"home = {tmp_path}/machine/bin\ninclude-system-site-packages = {word}\n")
    before = inherited(tmp_path).identity
    (tmp_path / "machine" / packages / "more-1.dist-info").mkdir()

    assert (working(tmp_path) == folder) is sees
    assert (inherited(tmp_path).identity != before) is sees


def test_an_environment_without_pytest_is_passed_over(tmp_path: Path):
    new_venv(tmp_path / ".venv", pytest_in_it=False)
    assert inherited(tmp_path).python == str(Path(sys.prefix) / "bin" / "python")


def test_swarms_own_python_runs_pytest_in_every_room(sandbox, tmp_path: Path):
    found = inherited(tmp_path)
    ran = sandbox.run(Command(argv=(found.python, "-c", "import pytest, sys; print(sys.prefix)")))
    assert ran.stdout.text() == f"{sys.prefix}\n", ran.stderr.text()


def test_a_virtual_environment_runs_inside_as_outside(backend, tmp_path: Path):
    found = inherited(new_venv(tmp_path / ".venv").parent)
    (tmp_path / "tree").mkdir()
    with backend.open(tmp_path / "tree", found.toolchain) as sandbox:
        ran = sandbox.run(Command(argv=(found.python, "-c", "import pytest; print(pytest.MINE, pytest.__file__)")))
    assert ran.stdout.text().startswith(f"True {tmp_path}/.venv/lib/"), ran.stderr.text()


def test_links_on_the_way_to_the_interpreter_are_followed_one_by_one(backend, tmp_path: Path):
    (tmp_path / "pythons").mkdir()
    (tmp_path / "pythons" / "3").symlink_to(sys.base_prefix)
    folder = new_venv(tmp_path / "repo" / ".venv")
    (folder / "bin" / "python").unlink()
    (folder / "bin" / "python").symlink_to(tmp_path / "pythons" / "3" / "bin" / Path(os.path.realpath(sys.executable)).name)
    found = inherited(tmp_path / "repo")
    assert {tmp_path / "pythons" / "3", Path(sys.base_prefix).resolve()} <= set(found.toolchain)
    (tmp_path / "tree").mkdir()
    with backend.open(tmp_path / "tree", found.toolchain) as sandbox:
        assert sandbox.run(Command(argv=(found.python, "-c", "print(1)"))).stdout.text() == "1\n"


def test_nothing_of_the_environment_is_run_to_describe_it(tmp_path: Path):
    folder = new_venv(tmp_path / ".venv")
    site = next(folder.glob("lib/python3*/site-packages"))
    (site / "evil.pth").write_text(f"import os; os.mkdir({str(tmp_path / 'canary')!r})\n")
    inherited(tmp_path)
    assert not (tmp_path / "canary").exists()
    subprocess.run([folder / "bin" / "python", "-c", ""], check=True)
    assert (tmp_path / "canary").exists(), "this file would do nothing anyway, so this test proves nothing"


@pytest.mark.parametrize("home", ["{home}/bin", "{home}/.ssh/bin", "/bin", "/etc/x", "relative/bin"])
def test_an_environment_that_points_at_the_users_own_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: str):
    user = tmp_path / "home"
    (user / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(user))
    folder = new_venv(tmp_path / "repo" / ".venv")
    (folder / "pyvenv.cfg").write_text(f"home = {home.format(home=user)}\n")
    with pytest.raises(NoPython):
        inherited(tmp_path / "repo")


def test_a_home_made_to_look_like_a_python_is_refused_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    user = tmp_path / "home"
    (user / "lib" / "python3.11").mkdir(parents=True)
    (user / "lib" / "python3.11" / "os.py").touch()
    monkeypatch.setenv("HOME", str(user))
    folder = new_venv(tmp_path / "repo" / ".venv")
    (folder / "pyvenv.cfg").write_text(f"home = {user}/bin\n")
    with pytest.raises(NoPython, match="holds your home folder"):
        inherited(tmp_path / "repo")


def test_a_folder_into_which_packages_were_installed_for_the_user_is_no_python(tmp_path: Path):
    local = tmp_path / "home" / ".local"
    (local / "lib" / "python3.11" / "site-packages").mkdir(parents=True)
    folder = new_venv(tmp_path / "repo" / ".venv")
    (folder / "pyvenv.cfg").write_text(f"home = {local}/bin\n")
    with pytest.raises(NoPython, match="holds no Python"):
        inherited(tmp_path / "repo")


def test_the_identity_changes_with_the_packages_and_with_nothing_else(tmp_path: Path):
    folder = new_venv(tmp_path / ".venv")
    first = inherited(tmp_path).identity
    (folder / "note").write_text("x")
    assert inherited(tmp_path).identity == first
    (next(folder.glob("lib/python3*/site-packages")) / "pytest-9.dist-info" / "RECORD").write_text("other\n")
    second = inherited(tmp_path).identity
    (next(folder.glob("lib/python3*/site-packages")) / "new-1.dist-info").mkdir()
    assert len({first, second, inherited(tmp_path).identity}) == 3
