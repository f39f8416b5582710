"""What a project's own files say it needs."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sandboxes.mirror import Mirror
from sandboxes.recipe import Recipe, WrongRecipe, recipe_of
from sandboxes.repository import Repository

Read = Callable[..., Recipe]


@pytest.fixture
def read(make_repository: Callable[..., Path], tmp_path: Path) -> Read:
    """Make a project of these files and read its recipe."""

    def reading(files: Mapping[str, str], name: str = "project") -> Recipe:
        repository = Repository.at(make_repository(files, name))
        mirror = Mirror.at(tmp_path / "state" / name)
        return recipe_of(mirror, mirror.take(repository, repository.commit()))

    return reading


def test_a_project_that_says_nothing_needs_nothing(read: Read) -> None:
    recipe = read({"shop.py": "", "pytest.ini": "[pytest]\n", "pyproject.toml": "[tool.black]\nline-length = 99\n"})

    assert recipe.empty


def test_requirements_for_running_and_for_tests_are_taken_and_others_left(read: Read) -> None:
    names = (
        "requirements.txt",
        "requirements-dev.txt",
        "test-requirements.txt",
        "requirements/base.txt",
        "requirements/tests.txt",
        "requirements-docs.txt",
        "requirements/gpu.txt",
        "requirements.in",
        "deep/requirements.txt",
    )

    recipe = read(dict.fromkeys(names, "six\n"))

    assert recipe.requirements == (
        "requirements-dev.txt",
        "requirements.txt",
        "requirements/base.txt",
        "requirements/tests.txt",
        "test-requirements.txt",
    )


def test_a_package_is_installed_itself_with_the_extras_and_groups_that_tests_need(read: Read) -> None:
    recipe = read(
        {
            "pyproject.toml": """
[build-system]
requires = ["hatchling"]
[project]
name = "shop"
version = "1"
requires-python = ">=3.9"
[project.optional-dependencies]
test = ["six"]
docs = ["sphinx"]
[dependency-groups]
Dev = ["iniconfig", {include-group = "shared"}, {include-group = "dev"}]
shared = ["attrs"]
lint = ["ruff"]
""",
            ".python-version": "3.12.4\n",
        }
    )

    assert recipe.project
    assert recipe.extras == ("test",)
    assert recipe.named == ("iniconfig", "attrs")
    assert recipe.groups == ("Dev",)
    assert (recipe.python, recipe.pinned) == (">=3.9", "3.12")


def test_a_project_that_is_no_package_has_only_its_dependencies_installed(read: Read) -> None:
    recipe = read({"pyproject.toml": '[project]\nname = "x"\nversion = "1"\ndependencies = ["six"]\n'})

    assert (recipe.project, recipe.named) == (False, ("six",))


def test_the_lock_of_uv_decides_alone(read: Read) -> None:
    pyproject = '[project]\nname = "x"\nversion = "1"\ndependencies = ["six"]\n[dependency-groups]\ndev = ["attrs"]\n'

    recipe = read({"pyproject.toml": pyproject, "uv.lock": "version = 1\n", "requirements.txt": "other\n"})

    assert (recipe.locked, recipe.requirements, recipe.named, recipe.groups) == (True, (), (), ("dev",))


def test_what_poetry_says_is_put_in_words_that_every_installer_understands(read: Read) -> None:
    recipe = read(
        {
            "pyproject.toml": """
[tool.poetry]
name = "shop"
version = "1"
package-mode = false
[tool.poetry.dependencies]
python = "^3.9"
six = "^1.2.3"
attrs = "~23.1"
early = "^0.2.3"
any = "*"
exact = "1.2"
extra = {version = ">=2,<3", extras = ["fast"], markers = "os_name == 'posix'"}
[tool.poetry.group.test.dependencies]
iniconfig = "^2"
[tool.poetry.group.docs.dependencies]
sphinx = "^7"
""",
            "poetry.lock": """
[[package]]
name = "Six"
version = "1.16.0"
[[package]]
name = "twice"
version = "1"
[[package]]
name = "twice"
version = "2"
[[package]]
name = "forked"
version = "1"
[package.source]
type = "git"
""",
        }
    )

    assert recipe.named == (
        "six>=1.2.3,<2",
        "attrs>=23.1,<23.2",
        "early>=0.2.3,<0.3",
        "any",
        "exact==1.2",
        "extra[fast]>=2,<3 ; os_name == 'posix'",
        "iniconfig>=2,<3",
    )
    assert recipe.constraints == ("six==1.16.0",)
    assert not recipe.project


def test_the_recipe_changes_with_what_it_is_read_from_and_not_with_the_source(read: Read) -> None:
    files = {"requirements.txt": "six\n", "shop.py": "x = 1\n"}

    first = read(files, "first")
    other_source = read({**files, "shop.py": "x = 2\n"}, "second")
    other_needs = read({**files, "requirements.txt": "attrs\n"}, "third")

    assert first.fingerprint == other_source.fingerprint
    assert first.fingerprint != other_needs.fingerprint


@pytest.mark.parametrize(
    ("path", "text", "said"),
    [
        ("setup.py", "setup(ext_modules=[Extension('a', ['a.c'])])", "setup.py has extension modules"),
        ("pyproject.toml", '[build-system]\nrequires = ["meson-python"]\nbuild-backend = "mesonpy"\n', "it is built by mesonpy"),
        ("pyproject.toml", '[build-system]\nrequires = ["scikit-build-core"]\n', "it is built by scikit_build_core"),
    ],
)
def test_what_has_to_be_compiled_is_seen(read: Read, path: str, text: str, said: str) -> None:
    assert read({path: text}).native == said


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(read: Read) -> None:
    with pytest.raises(WrongRecipe, match=r"pyproject\.toml") as caught:
        read({"pyproject.toml": "[project\n"})

    assert caught.value.exit_code == 7


def test_a_project_in_a_folder_says_itself_what_it_needs_and_where_it_says_nothing_the_top_does(
    make_repository: Callable[..., Path], tmp_path: Path
) -> None:
    package = '[project]\nname = "api"\nversion = "1"\n[dependency-groups]\ntest = ["six"]\n'
    files = {
        "requirements.txt": "attrs\n",
        ".python-version": "3.12\n",
        "api/pyproject.toml": package,
        "api/requirements.txt": "six\n",
        "bare/test_a.py": "",
    }
    repository, mirror = Repository.at(make_repository(files)), Mirror.at(tmp_path / "state")
    tree = mirror.take(repository, repository.commit())

    top, api, bare = (recipe_of(mirror, tree, folder) for folder in ("", "api", "bare"))

    assert (top.folder, top.requirements, top.named) == ("", ("requirements.txt",), ())
    assert (api.folder, api.requirements, api.named, api.pinned) == ("api", ("requirements.txt",), ("six",), "3.12")
    assert bare == top
    assert api.paths == top.paths
    assert api.fingerprint != top.fingerprint


@pytest.mark.parametrize(("workspace", "locked"), [("[tool.uv.workspace]\nmembers = ['api']\n", True), ("", False)])
def test_the_lock_file_of_a_workspace_holds_for_the_projects_in_it(
    make_repository: Callable[..., Path], tmp_path: Path, workspace: str, *, locked: bool
) -> None:
    files = {
        "uv.lock": "version = 1\n",
        "pyproject.toml": workspace,
        "api/pyproject.toml": '[dependency-groups]\ntest = ["six"]\n',
    }
    repository, mirror = Repository.at(make_repository(files)), Mirror.at(tmp_path / "state")

    assert recipe_of(mirror, mirror.take(repository, repository.commit()), "api").locked is locked
