"""A fix in an environment that had to be built first."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Swarm = Callable[..., Any]
Change = Callable[..., Path]


def test_a_project_with_dependencies_gets_them_once_and_is_fixed(shop_without: Change, swarm: Swarm) -> None:
    shop = shop_without({
        "requirements.txt": "six==1.16.0\n",
        "tests/test_six.py": "import six\n\n\ndef test_it_is_there():\n    assert six.__version__ == '1.16.0'\n",
    })  # fmt: skip

    first = swarm("fix", "../ISSUE.md", "--json", cwd=shop)
    second = swarm("fix", "../ISSUE.md", "--json", cwd=shop)

    assert (first.code, second.code) == (0, 0), first.err + second.err
    assert json.loads(first.out)["outcome"] == "fixed"
    assert "building the environment" in first.err
    assert "building the environment" not in second.err


def test_an_environment_that_cannot_be_built_ends_the_run_with_7_and_names_its_log(shop_without: Change, swarm: Swarm) -> None:
    shop = shop_without({"requirements.txt": "--no-index\nno-such-package-of-anybody\n"})

    said = swarm("fix", "../ISSUE.md", cwd=shop)

    log = next(word for line in said.err.splitlines() for word in line.split() if word.endswith(".log"))
    assert said.code == 7
    assert "no-such-package-of-anybody" in said.err
    assert "no-such-package-of-anybody" in Path(log).read_text()


def test_an_environment_to_inherit_that_is_not_there_ends_the_run_with_7(shop: Path, swarm: Swarm) -> None:
    said = swarm("fix", "../ISSUE.md", "--env", "inherit", cwd=shop)

    assert said.code == 7
    assert "--env build" in said.err
