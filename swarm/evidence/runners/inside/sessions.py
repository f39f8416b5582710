"""Sessions of pytest that have begun, for trials to go on from, as the process sees them that is asked for trials.

Each is a process of its own, in which pytest has come to where it looks for tests; a trial is a child of that one.
"""

from __future__ import annotations

import json
import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Hashable

    from swarm.evidence.runners.inside.children import end_all
    from swarm.evidence.runners.inside.restoring import Kept, Tree


class Session:
    """One of them. In the process itself its `pid` is 0."""

    def __init__(self) -> None:
        """Let it be born, with a pipe each way."""
        asks, answers = os.pipe(), os.pipe()
        self.pid = os.fork()
        heard, said, *others = (
            (answers[0], asks[1], answers[1], asks[0]) if self.pid else (asks[0], answers[1], answers[0], asks[1])
        )
        for number in others:
            os.close(number)
        self._ear, self._mouth = os.fdopen(heard, "rb"), os.fdopen(said, "wb")

    def say(self, **facts: object) -> None:
        """Tell the other side."""
        self._mouth.write(json.dumps(facts).encode("ascii") + b"\n")
        self._mouth.flush()

    def heard(self) -> dict[str, Any] | None:
        """What the other side says next; None: it has ended."""
        line = self._ear.readline()
        return json.loads(line) if line.endswith(b"\n") else None

    def asked(self, **facts: object) -> dict[str, Any]:
        """Let it run a trial, and hear how that ended; without it this process is good for nothing."""
        try:
            self.say(**facts)
            ended = self.heard()
        except BrokenPipeError:
            ended = None
        if ended is None:
            os._exit(1)
        return ended

    def close(self) -> None:
        """Hear and say no more."""
        self._ear.close()
        self._mouth.close()

    def end(self) -> None:
        """End it, from outside."""
        self.close()
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Sessions:
    """At most one at a time: the one that serves most trees, which is the one that was asked for last and before."""

    def __init__(self, tree: Tree, kept: Kept) -> None:
        """None yet; what one does to the tree or leaves behind is put right."""
        self._tree, self._kept = tree, kept
        self._session: Session | None = None
        self._conditions: Hashable = None
        self._reaches = False
        self._asked: Hashable = None
        self._unfit: dict[Hashable, str] = {}

    @property
    def pids(self) -> list[int]:
        """The processes."""
        return [self._session.pid] if self._session else []

    def close(self) -> None:
        """In a child: have nothing to do with them."""
        if self._session is not None:
            self._session.close()

    def wanting(self, conditions: Hashable, *, reach: bool) -> bool:
        """Whether another one has to begin now. Where trees alternate the first one stays: to begin costs more than it spares."""
        again, self._asked = conditions == self._asked, conditions
        known = conditions is None or conditions in self._unfit or self.fitting(conditions, reach=reach) is not None
        return not known and (self._session is None or again)

    def begin(self, conditions: Hashable, *, reach: bool) -> Session | None:
        """Let one begin instead of the last; in its own process, give it back."""
        if self._session is not None:
            self._session.end()
        session = Session()
        if not session.pid:
            return session
        self._session, self._conditions, self._reaches = session, conditions, reach
        answer = session.heard()
        if answer is None or not answer["fit"]:
            self._unfit[conditions] = answer["why"] if answer else "it ended before tests are looked for"
            self._session = None
            session.end()
            self._clean_up()
        return None

    def _clean_up(self) -> None:
        """Let nobody find what the beginning of a session has left; where that cannot be this process is good for nothing."""
        end_all()
        self._kept.clear()
        if self._tree.restored():
            os._exit(1)

    def why_none(self, conditions: Hashable) -> str:
        """Why none fits."""
        if conditions is None:
            return "it would not begin as others do"
        return self._unfit.get(conditions, "one has begun otherwise")

    def fitting(self, conditions: Hashable, *, reach: bool) -> Session | None:
        """The one that has begun as it would here, if there is one; where it is noted what is reached, it need not be."""
        fits = self._session is not None and conditions == self._conditions and self._reaches >= reach
        return self._session if fits else None
