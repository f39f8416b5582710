"""Takes the project's own code out of a fresh virtual environment; its metadata, entry points and dependencies stay.

An installed project points at the copy it was installed from, or is a copy itself; tests would then import that one and not
the worktree. What is taken out tells in which folders of the project its packages lie; those come first on the path instead.
This text runs inside the sandbox, by the project's own interpreter: the standard library of Python 3.8 is all that it uses.
"""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

FINDERS = re.compile(r"^import (__editable___\w+|_editable_impl_\w+|_\w+_editable)\b")
MAPPED = re.compile(r"map_module\(\s*(['\"])(?P<name>.+?)\1\s*,\s*(['\"])(?P<path>.+?)\3")
LARGEST = 1024 * 1024
WAY_BACK = '''"""Finds modules that building the project has made and its repository does not hold, after everything else."""

import importlib.machinery
import importlib.util
import os
import sys

FOLDER = os.path.join(os.path.dirname(__file__), "_swarm_generated")


class Generated:
    @staticmethod
    def find_spec(name, path=None, target=None):
        place = os.path.join(FOLDER, *name.split(".")) + ".py"
        return importlib.util.spec_from_file_location(name, place) if os.path.isfile(place) else None


sys.meta_path.append(Generated)
'''


class Detaching:
    """One pass over the packages of an environment."""

    def __init__(self, site: Path, project: Path) -> None:
        """Prepare to look through the folder of packages for what comes from the project."""
        self._site, self._project = site, project
        self.roots: list[str] = []
        self.notes: list[str] = []

    def run(self) -> None:
        """Take everything out that points at the project or was copied from it."""
        for file in sorted(self._site.glob("*.pth")):
            self._unlink_lines(file)
        for link in self._site.glob("*.egg-link"):
            link.unlink()
        for described in sorted(self._site.glob("*.dist-info/direct_url.json")):
            self._uncopy(described)

    def _unlink_lines(self, file: Path) -> None:
        kept = []
        for line in file.read_text(encoding="utf-8", errors="surrogateescape").splitlines():
            finder = FINDERS.match(line)
            if finder:
                self._unlink_finder(finder[1])
            elif line.strip() and not line.startswith("import") and self._within(self._site / line.strip()):
                self._add(self._site / line.strip())
            else:
                kept.append(line)
        if any(line.strip() for line in kept):
            file.write_text("\n".join(kept) + "\n", encoding="utf-8", errors="surrogateescape")
        else:
            file.unlink()

    def _unlink_finder(self, name: str) -> None:
        """Read where a module that redirects imports sends them; it is a program, so it is read and not run."""
        file = self._site / (name + ".py")
        text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        mapped = {found["name"]: found["path"] for found in MAPPED.finditer(text)}
        for node in ast.parse(text).body:
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
            if isinstance(target, ast.Name) and target.id == "MAPPING" and isinstance(node, (ast.Assign, ast.AnnAssign)):
                mapped.update(ast.literal_eval(node.value or ast.Dict([], [])))
        for package, place in sorted(mapped.items()):
            self._add_parent(package, Path(place))
        if not mapped:
            self.notes.append("the editable installation of the project works in a way that swarm does not know: " + name)
        elif file.is_file():
            file.unlink()

    def _add_parent(self, package: str, place: Path) -> None:
        names = package.split(".")
        above = place.parents[len(names) - 1]
        if place.with_suffix("").parts[-len(names) :] == tuple(names):
            self._add(above)
        else:
            self.notes.append("the package " + package + " lies in a folder of another name, where swarm cannot find it")

    def _uncopy(self, described: Path) -> None:
        """Remove the files of a copy that was installed from the project; its own folder of metadata stays."""
        origin = json.loads(described.read_text(encoding="utf-8"))
        url = urlsplit(str(origin.get("url", "")))
        source = Path(unquote(url.path))
        record = described.parent / "RECORD"
        if url.scheme != "file" or not self._within(source) or not source.is_dir() or not record.is_file():
            return
        copied = [
            Path(os.path.normpath(self._site / row[0])) for row in csv.reader(record.read_text(encoding="utf-8").splitlines())
        ]
        inner = [
            file.relative_to(self._site) for file in copied if self._site in file.parents and described.parent not in file.parents
        ]
        for root in (source / "src", source):
            found = [file for file in inner if (root / file).is_file()]
            if found:
                self._add(root)
            for file in found:
                self._take_out(self._site / file)

    def _take_out(self, file: Path) -> None:
        """Remove one file of a copy, and its folder with the last one: an empty folder could be imported as well."""
        if file.is_file():
            file.unlink()
        for folder in file.parents:
            if folder == self._site or not folder.is_dir() or {inner.name for inner in folder.iterdir()} - {"__pycache__"}:
                return
            shutil.rmtree(folder)

    def _within(self, place: Path) -> bool:
        real = Path(os.path.realpath(place))
        return real == self._project or self._project in real.parents

    def _add(self, root: Path) -> None:
        if self._within(root):
            name = os.path.relpath(os.path.realpath(root), self._project)
            if name not in self.roots:
                self.roots.append(name)

    def keep_generated(self, tracked: set[str]) -> None:
        """Keep the modules that the build has written into the copy, as those with the version of the project."""
        made = 0
        for root in self.roots or ["."]:
            base = self._project / root
            for file in base.rglob("*.py"):
                inside, package = file.relative_to(self._project), file.relative_to(base)
                if (
                    inside.as_posix() not in tracked
                    and "build" not in inside.parts[:-1]
                    and not file.is_symlink()
                    and file.stat().st_size < LARGEST
                    and any(path.startswith(inside.parent.as_posix() + "/") for path in tracked)
                ):
                    place = self._site / "_swarm_generated" / package
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(file, place)
                    self.notes.append("made by building the project, and not in its repository: " + inside.as_posix())
                    made += 1
        if made:
            (self._site / "_swarm_way_back.py").write_text(WAY_BACK, encoding="utf-8")
            (self._site / "_swarm_way_back.pth").write_text("import _swarm_way_back\n", encoding="utf-8")


def main(venv: str, project: str, tracked: list[str]) -> None:
    """Detach the project from this environment, and tell what was found."""
    report = int(os.environ["SWARM_REPORT_FD"])
    told: dict[str, Any] = {"roots": [], "notes": []}
    for site in sorted(Path(venv).glob("lib/python*/site-packages")):
        detaching = Detaching(Path(os.path.realpath(site)), Path(os.path.realpath(project)))
        detaching.run()
        detaching.keep_generated(set(tracked))
        told["roots"] += detaching.roots
        told["notes"] += detaching.notes
    with os.fdopen(report, "w", encoding="utf-8") as pipe:
        json.dump(told, pipe)
    sys.exit(0)
