"""Answers that were given, so that the same question is answered at once. Nothing heavy is imported on the way here: not even
what writes dataclasses.

A question is the index, the commit below it, the settings, the environment and the flags. An answer is remembered only if it is
final: guilt that was proven, or innocence of which the triage was sure.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sandboxes.active import ACTIVE
from sandboxes.glimpse import glimpse
from swarm import __version__
from swarm.settings.places import REMEMBERED, SPARES, config_file, state_place

MOST = 100
"""Answers that are kept, the newest."""
FORMAT = 1


class Answer:
    """What was said, in every form, and what the shell was told."""

    def __init__(self, exit_code: int, forms: Mapping[str, str]) -> None:
        self.exit_code, self.forms = exit_code, forms


class Question:
    """The place of an answer, whether or not there is one."""

    def __init__(self, place: Path, facts: tuple[str, ...]) -> None:
        """Keep with it all that the answers to other questions go by as well, asked here."""
        self.place, self.facts = place, facts

    @classmethod
    def of(cls, folder: Path, environ: Mapping[str, str], words: Sequence[str]) -> "Question | None":
        """What is asked here and now; None: it takes git to know."""
        seen = glimpse(folder, environ)
        if seen is None:
            return None
        top, here = seen.top, folder.resolve()
        homes = [place for place in (here, *here.parents) if place.is_relative_to(top)]
        facts = (
            str(FORMAT),
            __version__,
            *sorted(f"{name}={value}" for name, value in environ.items() if name.startswith("SWARM_") or name in ACTIVE),
            *(_content(file) for file in (config_file(environ), top / "pyproject.toml", top / ".swarm.toml")),
            *(
                _stamp(prefix)
                for prefix in (
                    *(place / name for place in homes for name in (".venv", "venv")),
                    *sorted(top.glob("*/.venv")),  # the project may be found there, from the top
                    *(Path(environ[name]) for name in ACTIVE if name in environ),
                )
            ),
        )
        asked = "\0".join((seen.state, str(here.relative_to(top)), *words, *facts))
        key = hashlib.sha256(asked.encode("utf-8", "surrogateescape")).hexdigest()
        return cls(state_place(seen.identity, environ) / REMEMBERED / "answers" / f"{key}.json", facts)

    @property
    def spares(self) -> Path:
        """Where somebody may wait who will find an answer."""
        return self.place.parents[1] / SPARES

    def known(self) -> Answer | None:
        """The answer that was given to it; one that cannot be read was not given."""
        try:
            digest, _, content = self.place.read_bytes().partition(b"\n")
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest().encode() != digest:
            return None
        kept = json.loads(content)
        return Answer(kept["exit_code"], kept["forms"])

    def keep(self, answer: Answer) -> None:
        """Remember an answer, and forget the oldest."""
        content = json.dumps({"exit_code": answer.exit_code, "forms": dict(answer.forms)}).encode()
        folder = self.place.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.place.with_name(f"draft-{os.getpid()}")
        draft.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
        draft.replace(self.place)
        for old in sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime_ns, reverse=True)[MOST:]:
            old.unlink(missing_ok=True)


def _content(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else ""


def _stamp(prefix: Path) -> str:
    """When something was installed here last: a folder's time changes with what is in it."""
    places = (prefix / "pyvenv.cfg", *prefix.glob("lib*/python3*/site-packages"))
    return " ".join(str(place.stat().st_mtime_ns) for place in places if place.exists())
