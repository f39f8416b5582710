"""What a candidate changes, and which part of it is judged."""

from typing import Any

import pytest

from swarm.evidence.patch import DoesNotApply, Patch, applied, lines, source_only, split

BASE = {
    "shop.py": "one\ntwo\nthree\n",
    "old.py": "gone\n",
    "tests/test_shop.py": "def test_one(): pass\n",
    "tests/data/books.csv": "a,b\n",
    "checks.py": "def test_two(): pass\n",
    "setup.cfg": "[metadata]\n",
}


def _split(bench: Any, files: dict[str, str], gone: tuple[str, ...] = (), tests: tuple[str, ...] = ()) -> Patch:
    base = bench.tree(BASE)
    return split(
        bench.mirror, base, bench.without(bench.changed(base, files), *gone) if gone else bench.changed(base, files), tests
    )


def test_changes_are_split_into_source_tests_and_what_a_person_has_to_see(bench: Any) -> None:
    changed = {"shop.py": "one\n2\nthree\nfour\n", "tests/test_shop.py": "\n", "tests/test_new.py": "\n", "setup.cfg": "\n"}
    patch = _split(bench, changed, gone=("old.py", "tests/data/books.csv"))
    assert patch.source == ("old.py", "shop.py")
    assert patch.tests == ("tests/data/books.csv", "tests/test_new.py", "tests/test_shop.py")
    assert patch.bent == ("tests/data/books.csv", "tests/test_shop.py")
    assert patch.sensitive == ("setup.cfg",)
    assert (patch.added, patch.removed) == (5, 5)


def test_the_same_tree_is_no_change(bench: Any) -> None:
    assert _split(bench, {}).empty


def test_only_the_source_is_judged(bench: Any) -> None:
    base = bench.tree(BASE)
    files = {
        "shop.py": "new\n",
        "tests/test_shop.py": "weaker\n",
        "tests/conftest.py": "x\n",
        "pytest.ini": "[pytest]\n",
        "new.py": "n\n",
    }
    tree = bench.without(bench.changed(base, files), "old.py", "checks.py")
    judged = source_only(bench.mirror, split(bench.mirror, base, tree, ["checks.py::test_two"]))
    assert set(bench.mirror.paths(judged)) == ({*BASE, "new.py", "pytest.ini"} - {"old.py"})
    for path in ("tests/test_shop.py", "pytest.ini", "checks.py"):
        assert bench.mirror.read(judged, path) == bench.mirror.read(base, path)
    assert bench.mirror.read(judged, "shop.py") == b"new\n"


def test_a_file_in_which_tests_were_found_is_a_test_whatever_it_is_called(bench: Any) -> None:
    assert _split(bench, {"checks.py": "\n"}, tests=("checks.py::test_two",)).tests == ("checks.py",)
    assert _split(bench, {"checks.py": "\n"}).source == ("checks.py",)


def test_a_source_with_doctests_stays_source(bench: Any) -> None:
    assert _split(bench, {"shop.py": "\n"}, tests=("shop.py::shop.price",)).source == ("shop.py",)


@pytest.mark.parametrize(
    "path",
    [
        "conftest.py",
        "tests/conftest.py",
        "pyproject.toml",
        "deep/down/tox.ini",
        ".github/workflows/ci.yml",
        "requirements-dev.txt",
        "uv.lock",
        "sitecustomize.py",
        "shop.egg-info/entry_points.txt",
        "pkg/__pycache__/x.cpython-311.pyc",
        "AGENTS.md",
        ".gitattributes",
        "json.py",
        "src/random.py",
        "pytest/__init__.py",
        "_pytest.py",
    ],
)
def test_what_decides_how_things_run_is_for_a_person_to_see(bench: Any, path: str) -> None:
    patch = _split(bench, {path: "x\n"})
    assert (patch.sensitive, patch.source, patch.tests) == ((path,), (), ())


@pytest.mark.parametrize("path", ["shop/json.py", "src/shop/types.py", "contest.py", "docs/making.md", "shop/testing.py"])
def test_other_files_are_source(bench: Any, path: str) -> None:
    assert _split(bench, {path: "x\n"}).source == (path,)


def test_in_a_folder_what_stands_in_for_a_module_of_python_is_for_a_person_to_see_as_well(bench: Any) -> None:
    base = bench.tree(BASE)
    tree = bench.changed(
        base, dict.fromkeys(("api/json.py", "api/src/random.py", "api/api/json.py", "web/json.py", "types.py"), "x\n")
    )

    patch = split(bench.mirror, base, tree, folder="api")

    assert set(patch.sensitive) == {"api/json.py", "api/src/random.py", "types.py"}
    assert set(patch.source) == {"api/api/json.py", "web/json.py"}


def test_links_and_other_modes_are_for_a_person_to_see(bench: Any) -> None:
    base = bench.tree(BASE)
    git = bench.mirror.git
    blob = git.text("hash-object", "-w", "--stdin", stdin=b"shop.py")
    listing = f"120000 blob {blob}\tlink.py\n100755 blob {blob}\tshop.py\n160000 commit {'1' * 40}\tmodule\n"
    tree = git.text("mktree", "--missing", stdin=listing.encode())
    patch = split(bench.mirror, base, tree)
    assert set(patch.sensitive) >= {"link.py", "shop.py", "module"}


def test_lines_are_counted_in_files_of_every_kind() -> None:
    diff = b"--- a/x\n+++ b/x\n@@ -1,2 +1,3 @@\n one\r\n-t\xff\x0cwo\n+2\n+3\n\\ No newline at end of file\n"
    assert lines(diff) == (2, 1)
    assert lines(b"") == (0, 0)


def test_a_diff_whose_lines_end_otherwise_than_the_files_is_told_so(bench: Any) -> None:
    base = bench.tree(BASE)
    diff = b"--- a/shop.py\n+++ b/shop.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"

    assert bench.mirror.read(applied(bench.mirror, base, diff, "it"), "shop.py") == b"one\n2\nthree\n"
    with pytest.raises(DoesNotApply, match="would if its lines did not end in CR LF"):
        applied(bench.mirror, base, diff.replace(b"\n", b"\r\n"), "it")
    with pytest.raises(DoesNotApply) as stale:
        applied(bench.mirror, base, diff.replace(b"three", b"four"), "it")
    assert "CR LF" not in str(stale.value)


@pytest.mark.parametrize("names", ["--- /etc/shop.py\n+++ /etc/shop.py\n", "--- /dev/null\n+++ /tests/new.py\n"])
def test_a_path_from_the_root_of_the_file_system_is_refused(bench: Any, names: str) -> None:
    diff = f"{names}@@ -0,0 +1 @@\n+++ /etc/passwd is only a line\n".encode()

    with pytest.raises(DoesNotApply, match="is no path of the repository"):
        applied(bench.mirror, bench.tree(BASE), diff, "it")
    good = diff.replace(names.encode(), b"--- /dev/null\n+++ b/new.py\n")
    assert bench.mirror.read(applied(bench.mirror, bench.tree(BASE), good, "it"), "new.py") == b"++ /etc/passwd is only a line\n"
