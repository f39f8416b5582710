"""What static contracts cannot see."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = (
    "litellm",
    "docker",
    "textual",
    "git",
    "apsw",
    "jinja2",
    "tree_sitter",
    "unidiff",
    "httpx",
    "coverage",
    "pytest",
    "rich",
    "githubkit",
    "mcp",
    "pydantic",
    "tiktoken",
)


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_asking_for_help_loads_nothing_that_only_the_work_needs(argument: str) -> None:
    program = (
        "import sys\n"
        "from swarm.cli.door import main\n"
        f"sys.argv = ['swarm', {argument!r}]\n"
        "try:\n    main()\n"
        "finally:\n    print('LOADED', *sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    loaded = done.stderr.split("LOADED")[1].split()

    assert done.returncode == 0
    assert "click" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_no_test_patches_what_it_tests_and_none_is_skipped() -> None:
    forbidden = {
        "unittest.mock",
        "monkeypatch.setattr",
        "pytest.skip",
        "pytest.mark.skip",
        "pytest.mark.skipif",
        "pytest.mark.xfail",
    }

    found = [
        f"{path.name}:{node.lineno}: {ast.unparse(node)}"
        for path in Path(__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute | ast.ImportFrom)
        and (node.module if isinstance(node, ast.ImportFrom) else ast.unparse(node)) in forbidden
    ]

    assert found == []
