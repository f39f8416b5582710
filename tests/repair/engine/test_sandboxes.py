"""The engine works behind walls, and on every Python that it promises."""

import ast
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any

import pytest

from sandboxes.bubblewrap import Bubblewrap
from swarm.repair.engine.program import MODULES, EngineFailed
from swarm.repair.trial import Fate

Put = Callable[[Mapping[str, str]], Any]
MODULE = "import json\nSIZE = 2\ndef twice(x):\n    while x > 90:\n        x -= 1\n    return x + 2\n"
TESTS = "from m import twice, SIZE\ndef test_red(): assert twice(3) == 6\ndef test_green(): assert twice(99) > 90 and SIZE\n"


def test_edits_are_tried_in_a_closed_sandbox(bench: Any):
    project = bench({"m.py": MODULE, "test_m.py": TESTS}, backend=Bubblewrap())
    right, hangs, imported, wrong = project.tries(
        ("m.py", "x + 2", "x + 3"), ("m.py", "x -= 1", "x += 1"), ("m.py", "SIZE = 2", "SIZE = 0"), ("m.py", "x + 2", "2")
    )
    assert (right.plausible, right.how) == (True, "swapped")
    assert hangs.fate is Fate.FAILED
    assert (imported.fate, imported.how) == (Fate.FAILED, "imported")
    assert wrong.fate is Fate.FAILED


def test_files_of_the_tree_do_not_stand_in_for_what_the_engine_imports(bench: Put):
    project = bench({"m.py": MODULE, "test_m.py": TESTS, "swarm_engine.py": "1/0", "arena.py": "1/0"} | {"struct.py": "1/0"})
    (right,) = project.tries(("m.py", "x + 2", "x + 3"))
    assert right.plausible


def test_it_says_so_when_no_failing_test_fails_in_it(bench: Put):
    project = bench({"m.py": MODULE, "test_m.py": TESTS})
    with pytest.raises(EngineFailed, match="none of the failing tests fails in it"):
        project.tries(("m.py", "x + 2", "x + 3"), failing=["test_m.py::test_green"])


def test_it_says_so_when_the_project_breaks_it(bench: Put):
    code = "import os, sys\nif 'swarm_engine' in sys.modules: os._exit(7)\n"
    project = bench({"m.py": code + MODULE, "test_m.py": TESTS})
    with pytest.raises(EngineFailed, match="exit code 7"):
        project.tries(("m.py", "x + 2", "x + 3"))


@pytest.mark.parametrize("module", MODULES.split())
def test_what_runs_inside_is_python_3_9(module: str):
    source = resources.files("swarm.repair.inside").joinpath(f"{module}.py").read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 9))
    unions = [node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)]
    assert [one.lineno for one in unions if not _is_annotation(tree, one)] == []
    assert "from __future__ import annotations" in source


def _is_annotation(tree: ast.AST, wanted: ast.AST) -> bool:
    """Whether it is never worked out, since annotations are left as they are."""
    for node in ast.walk(tree):
        for name in ("annotation", "returns"):
            found = getattr(node, name, None)
            if found is not None and any(one is wanted for one in ast.walk(found)):
                return True
    return False
