"""Waits inside the sandbox with pytest imported, and runs each trial in a child of its own, which need not import it again.

Where many trials begin alike, a child of it has begun, and they are children of that one. What a child leaves behind is gone
before the next one is born: its processes are ended, its temporary files removed, and of the tree it is told what is not as it
was. Nothing of the tested tree is ever imported by a process that waits.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from swarm.evidence.runners.inside.channel import Channel
    from swarm.evidence.runners.inside.children import Child, leave, protect
    from swarm.evidence.runners.inside.conditions import Witness, conditions
    from swarm.evidence.runners.inside.descriptors import Descriptors
    from swarm.evidence.runners.inside.restoring import Kept, Tree
    from swarm.evidence.runners.inside.rewritten import Rewritten
    from swarm.evidence.runners.inside.sessions import Session, Sessions


class Enough(Exception):
    """Raised to end pytest."""


class Beginning:
    """A pytest plugin that lets it begin and no more."""

    def pytest_load_initial_conftests(self) -> None:
        """All plugins have been imported, and nothing was done with them."""
        raise Enough


def warm_up(options: Sequence[str]) -> bool:
    """Let pytest import its plugins, far from the tree, and no more; say whether children can do without this.

    They cannot where an import has started a thread, for they would not have it.
    """
    import pytest  # noqa: PLC0415  # whoever serves no trial needs none

    before = (os.getcwd(), list(sys.path), list(sys.argv), dict(os.environ), list(sys.meta_path))  # noqa: PTH109
    with tempfile.TemporaryDirectory(prefix="warm-") as folder, silenced():
        Path(folder, "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
        os.chdir(folder)
        sys.argv = ["pytest"]
        try:
            pytest.main([*options, "-p", "no:cacheprovider", "-c", "pytest.ini"], plugins=[Beginning()])
            begun = False
        except Enough:
            begun = True
        os.chdir(before[0])
    sys.path[:], sys.argv, sys.meta_path[:] = before[1], before[2], before[4]
    os.environ.clear()
    os.environ.update(before[3])
    sys.path_importer_cache.clear()
    return begun and len(os.listdir("/proc/self/task")) == 1  # noqa: PTH208


def remember_modules() -> None:
    """Let Python find out which file each module is from, as it does in every child in which a test fails: it takes long."""
    inspect.getmodule(remember_modules.__code__)


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    """Let nobody see what is printed meanwhile."""
    kept = [os.dup(number) for number in (1, 2)]
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        for number in (1, 2):
            os.dup2(nowhere.fileno(), number)
    try:
        yield
    finally:
        for number, own in zip((1, 2), kept):  # noqa: B905  # Python 3.9 has no strict zip
            os.dup2(own, number)
            os.close(own)


class Server:
    """Takes what is asked from standard input, line by line, and reports over the pipe that the children report over as well."""

    def __init__(self, sources: dict[str, str], tree: Tree, kept: Kept) -> None:
        """Keep both ends under numbers that no child's program inherits."""
        self._codes = {name: compile(text, f"<swarm's {name}>", "exec") for name, text in sources.items()}
        given = int(os.environ.pop("SWARM_REPORT_FD"))
        self._pipe, self._asks = os.dup(given), os.fdopen(os.dup(0), "rb")
        os.close(given)
        with open(os.devnull, "rb") as nothing:  # noqa: PTH123
            os.dup2(nothing.fileno(), 0)
        self._tree, self._kept = tree, kept
        self._sessions = Sessions(tree, kept)

    def serve(self, known: type[Rewritten]) -> Callable[[], int]:
        """Answer every ask until there are no more; in a child, give back what it is to do."""
        gc.disable()  # nothing of what is imported here is ever garbage
        import pytest  # noqa: F401, PLC0415  # while it is being found out what there is to ask

        protect(1, 0)
        self._tell(kind="ready")
        fit, rewritten, failed = None, known(), False
        for line in self._asks:
            ask = json.loads(line)
            told, reach = ask["told"], bool(ask["told"]["reach"])
            self._tree.put(ask["files"])
            needed = conditions(told, ask["arranged"])
            if self._sessions.wanting(needed, reach=reach) and (begun := self._sessions.begin(needed, reach=reach)):
                return self._waiting(begun, ask, rewritten)
            session = self._sessions.fitting(needed, reach=reach)
            if session is not None:
                self._go_on(session, ask)
                continue
            if fit is None:  # else each child would have to import what all need
                fit = warm_up(ask["options"])
            rewritten.add(told["tests"])
            if "keys" not in ask:  # that was to get ready
                continue
            child = Child()
            if not child.pid:
                return self._trial(child, ask)
            ended = child.outlived(self._sessions.pids)
            self._over(ask["keys"][0], fit=fit, alone=self._sessions.why_none(needed), spoilt=self._restored(), **ended)
            if ended["status"] and not failed:
                failed = True
                remember_modules()  # whoever comes next is likely to fail as well
        os._exit(0)  # nothing is left to be done, and an orderly end takes its time

    def _restored(self) -> list[str]:
        """Take away what a child has left; tell what of the tree has to be put there anew."""
        self._kept.clear()
        return self._tree.restored()

    def _go_on(self, session: Session, ask: dict[str, Any]) -> None:
        """Have a trial go on from there, if it is one; repeat it, as long as each time finds what the first one has found."""
        if "keys" not in ask:
            return
        keys, nonces = ask["keys"], iter(ask["nonces"])  # a nonce is only told to whom it concerns
        manner, tests, reach = ask["arranged"][1], ask["told"]["tests"], bool(ask["told"]["reach"])
        ended = session.asked(nonce=next(nonces), repeated=len(keys) > 1, manner=manner, tests=tests, reach=reach)
        for key in keys:
            waits, spoilt = ended.pop("more", False), self._restored()
            more = waits and key != keys[-1] and not spoilt and not self._tree.littered
            self._over(key, fit=True, alone="", more=more, spoilt=spoilt, **ended)
            if waits:
                ended = session.asked(nonce=next(nonces) if more else None)
            if not more:
                return
            if "more" not in ended:  # whoever was to wait for the next one is gone
                os._exit(1)

    def _over(self, key: str, *, more: bool = False, **facts: object) -> None:
        """Tell the end of a trial, and whether that of the next one will be told as well."""
        self._tell(kind="over", key=key, more=more, **facts)

    def _tell(self, **facts: object) -> None:
        line = b"\n" + json.dumps(facts).encode("ascii") + b"\n"
        while line:
            line = line[os.write(self._pipe, line) :]

    def _trial(self, child: Child, ask: dict[str, Any]) -> Callable[[], int]:
        """Be what would have been started for this trial alone."""
        self._asks.close()
        self._sessions.close()
        child.become()
        channel = self._channel(ask["nonces"][0])
        reporter = self._loaded("reporter")
        channel.arrange(*ask["arranged"])
        told = ask["told"]
        return lambda: leave(int(reporter["run"](channel, **told)))

    def _waiting(self, begun: Session, ask: dict[str, Any], rewritten: Rewritten) -> Callable[[], int]:
        """Be a process in which a session begins for many trials."""
        told, arranged, idle = ask["told"], ask["arranged"], "keys" not in ask
        self._asks.close()
        protect(1, 0)
        channel = self._channel("")
        descriptors = Descriptors()
        reporter = self._loaded("reporter")
        witness = Witness(channel.root, arranged[3])
        channel.arrange(*arranged)
        waiting = self._loaded("repeating", "waiting", known=globals())["Waiting"](
            begun, channel, told["tests"], rewritten, idle=idle
        )
        return lambda: int(waiting.run(reporter, told, witness, self._kept, descriptors))

    def _channel(self, nonce: str) -> Channel:
        os.environ["SWARM_REPORT_FD"] = str(self._pipe)
        made: Channel = self._loaded("channel")["Channel"](nonce)
        return made

    def _loaded(self, *names: str, known: dict[str, Any] | None = None) -> dict[str, Any]:
        """Programs that are only run in children; each knows what is known and what those before it have."""
        namespace = dict(known or {})
        for name in names:
            namespace = {**namespace, "__name__": name}
            exec(self._codes[name], namespace)  # noqa: S102  # swarm's own, and no file of the tested tree
        return namespace
