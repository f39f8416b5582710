"""What a patch may do to a tree, one form of change after the other."""

import base64
import py_compile
import shutil
import tempfile
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Write:
    """Write a whole file."""

    path: str
    content: bytes
    executable: bool = False

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        target = folder / self.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(self.content)
        target.chmod(0o755 if self.executable else 0o644)


@dataclass(frozen=True)
class Edit:
    """Replace the one place in a file that reads so."""

    path: str
    old: str
    new: str
    encoding: str = "utf-8"

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        target = folder / self.path
        text = target.read_bytes().decode(self.encoding)
        if text.count(self.old) != 1:
            raise ValueError(f"{self.path} has {text.count(self.old)} places that read {self.old!r}")
        target.write_bytes(text.replace(self.old, self.new).encode(self.encoding))


@dataclass(frozen=True)
class Delete:
    """Delete a file or a folder."""

    path: str

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        target = folder / self.path
        if target.is_dir() and not target.is_symlink():
            shutil.rmtree(target)
        else:
            target.unlink()


@dataclass(frozen=True)
class Rename:
    """Move a file or a folder."""

    path: str
    to: str

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        (folder / self.to).parent.mkdir(parents=True, exist_ok=True)
        (folder / self.path).rename(folder / self.to)


@dataclass(frozen=True)
class Link:
    """Make a symbolic link."""

    path: str
    to: str

    def make(self, folder: Path) -> None:
        """Do it in this tree."""
        (folder / self.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / self.path).symlink_to(self.to)


@dataclass(frozen=True)
class Compile:
    """Put bytecode of another source beside a module, as its cache, or in its place if the path ends in .pyc."""

    path: str
    source: str

    def make(self, folder: Path) -> None:
        """Do it in this tree, with this interpreter's bytecode, which is never compared with the module's source."""
        target = folder / self.path
        cache = target if target.suffix == ".pyc" else Path(cache_from_source(str(target)))
        with tempfile.TemporaryDirectory() as place:
            source = Path(place) / "source.py"
            source.write_text(self.source, encoding="utf-8")
            unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
            py_compile.compile(str(source), str(cache), str(target), doraise=True, invalidation_mode=unchecked)


Change = Write | Edit | Delete | Rename | Link | Compile


def change(path: str, **told: Any) -> Change:
    """The change that a record tells."""
    match told:
        case {"text": str(text), **rest}:
            return Write(path, _encoded(text, **rest), executable=bool(rest.get("executable")))
        case {"base64": str(content)}:
            return Write(path, base64.b64decode(content))
        case {"old": str(old), "new": str(new), **rest}:
            return Edit(path, old, new, rest.get("encoding", "utf-8"))
        case {"to": str(to)}:
            return Rename(path, to)
        case {"link": str(to)}:
            return Link(path, to)
        case {"compiled": str(source)}:
            return Compile(path, source)
        case {"delete": True}:
            return Delete(path)
    raise ValueError(f"the change of {path} has no known form: {', '.join(told)}")


def _encoded(text: str, *, encoding: str = "utf-8", crlf: bool = False, chomp: bool = False, executable: bool = False) -> bytes:
    """The bytes of a text; ``chomp`` leaves out the last line's end, and ``executable`` is the file's affair."""
    del executable
    whole = text.removesuffix("\n") if chomp else text
    return (whole.replace("\n", "\r\n") if crlf else whole).encode(encoding)
