"""A sandbox that waits with pytest imported, and runs one trial after the other on one tree after the other.

It spares the start of a sandbox and of a test runner for each of many short trials. It is only for where no verdict on a patch
depends on it: that wants a sandbox in which nothing has run.
"""

import base64
import json
import secrets
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from sandboxes.blobs import contents
from sandboxes.capture import REPORT_CAP
from sandboxes.command import Command, Ending, Output, Ran
from sandboxes.listing import SUBMODULE, Entry
from sandboxes.mirror import Mirror
from sandboxes.profile import HOME
from sandboxes.room import BY_SIGNAL
from sandboxes.sandbox import Sandbox
from sandboxes.talk import Silence, Talk
from swarm.errors import SwarmError
from swarm.evidence.results import TestRun
from swarm.evidence.rooms import Rooms
from swarm.evidence.runner import PLAIN, Manner
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.python import Program, arranged, hashing, inside, told_by

START = 30.0  # seconds within which it has to be ready
END = 5.0  # seconds within which it ends by itself
DAY = 24 * 3600.0
SCRATCH = ("/tmp", HOME, "/dev/shm", "/run")  # noqa: S108  # the sandbox's own
PROGRAMS = ("children", "conditions", "descriptors", "restoring", "rewritten", "sessions", "forking")
"""What the process that waits is made of. Each of them knows what those before it have."""
LATER = {"channel": "channel.py", "reporter": "pytest_reporter.py", "repeating": "repeating.py", "waiting": "waiting.py"}
"""What its children are made of beside that."""
BOOTSTRAP = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
import json
def begin():
    namespace = {{}}
    for name, text in json.loads({programs}):
        namespace = {{**namespace, "__name__": name}}
        exec(compile(text, "<swarm's " + name + ">", "exec"), namespace)
    kept = namespace["Kept"](json.loads({folders}))
    server = namespace["Server"](json.loads({sources}), namespace["Tree"](), kept)
    for name in ("sys", "json", "begin"):
        del globals()[name]
    return server.serve(namespace["Rewritten"])
sys.exit(begin()())
"""


class Cold(SwarmError):
    """No trial can be run in it: {reason}
    A sandbox of its own is opened for the trial instead, which takes longer."""


@dataclass(frozen=True)
class Start:
    """With what a sandbox begins."""

    python: str
    tree: str = ""
    """What lies in it; empty: nothing yet."""
    variables: Mapping[str, str] = field(default_factory=dict)
    """What an interpreter has to know before it starts."""

    @classmethod
    def of(cls, runner: PytestRunner, tree: str = "") -> "Start":
        """What tests of this runner need."""
        return cls(runner.python, tree, hashing(runner.program((), PLAIN)))


@dataclass(frozen=True)
class Blobs:
    """What is in the files that sandboxes are told of, as it is told; each is fetched once."""

    mirror: Mirror
    _known: dict[str, str] = field(default_factory=dict)

    def fetch(self, files: Iterable[Entry]) -> Mapping[str, str]:
        """Have these among them, by their objects; give all."""
        unknown = sorted({entry.oid for entry in files if entry.mode != SUBMODULE} - self._known.keys())
        for oid, content in contents(self.mirror.git, unknown).items():
            self._known[oid] = base64.b64encode(content).decode("ascii")
        return self._known


@dataclass(frozen=True)
class Trial:
    """One time that tests are run."""

    program: Program
    timeout: float
    silence: float
    nonce: str = field(default_factory=partial(secrets.token_hex, 16))
    key: str = field(default_factory=partial(secrets.token_hex, 16))

    def told(self, ran: Ran) -> TestRun:
        """What can be believed of it."""
        return told_by(self.program, ran, self.nonce, self.silence)


@dataclass
class Warm:
    """It runs one trial at a time."""

    rooms: Rooms
    blobs: Blobs
    talk: Talk
    there: Mapping[str, Entry]
    """The tree as it lies there."""
    command: Command
    spoilt: set[str] = field(default_factory=set)
    """What is not as it should be there, since a test has written to it."""
    alone: str = ""
    """Why the last trial had to begin by itself; empty: it went on from where others do as well."""
    _rest: bytearray = field(default_factory=bytearray)
    """What was heard of the next trial already."""

    def prepare(self, runner: PytestRunner, wanted: Mapping[str, Entry], tests: Sequence[str]) -> None:
        """Have all imported and laid out already that these tests of this runner need on a tree like this one."""
        with suppress(Silence):  # whoever has something run in it will find out
            self._say(self._asked(runner, wanted, runner.program(tests, Manner(reach=True))))
            self.there = wanted

    def run(
        self,
        runner: PytestRunner,
        wanted: Mapping[str, Entry],
        tests: Sequence[str],
        *,
        timeout: float,
        silence: float,
        manner: Manner,
    ) -> TestRun:
        """Run these tests on a tree of these files; raises `Cold` if nothing can be said, and is then good for nothing."""
        return self.runs(runner, wanted, tests, times=1, timeout=timeout, silence=silence, manner=manner)[0]

    def runs(
        self,
        runner: PytestRunner,
        wanted: Mapping[str, Entry],
        tests: Sequence[str],
        *,
        times: int,
        timeout: float,
        silence: float,
        manner: Manner,
    ) -> list[TestRun]:
        """Run them so many times, one after the other, each in so much time; fewer times if this is good for nothing before."""
        done: list[TestRun] = []
        while len(done) < times and not (done and self.talk.enough.is_set()):
            program = runner.program(tests, manner)
            trials = [Trial(program, timeout, silence) for _ in range(times - len(done))]
            asked = self._asked(runner, wanted, program)
            try:
                self._say({**asked, "keys": [trial.key for trial in trials], "nonces": [trial.nonce for trial in trials]})
                done += self._told(trials, wanted)
            except Silence as error:
                raise Cold(reason="it ended in the middle of a trial") from error
        return done

    def _told(self, trials: Sequence[Trial], wanted: Mapping[str, Entry]) -> Iterator[TestRun]:
        """How the first of these trials went, and those after it that it was possible to run at once."""
        for trial in trials:
            began = time.monotonic()
            report, over = self._heard(trial.key, began + trial.timeout, trial.silence)
            if over is None:
                self.talk.enough.set()
                seconds = min(
                    time.monotonic() - began, trial.timeout
                )  # if this noticed it late, the test was not silent for longer
                yield trial.told(self._ran(Ending.TIMED_OUT, 137, seconds, b"", report))
                return
            self.there, self.spoilt, self.alone = wanted, set(over["spoilt"]), over["alone"]
            if not over["fit"]:
                self.talk.enough.set()  # the next child would lack what a plugin of pytest has started
            output = base64.b64decode(over["output"])
            ending = Ending.KILLED if over["status"] in BY_SIGNAL else Ending.EXITED
            yield trial.told(self._ran(ending, over["status"], over["seconds"], output, report))
            if not over["more"]:
                return

    def _asked(self, runner: PytestRunner, wanted: Mapping[str, Entry], program: Program) -> dict[str, object]:
        """All that has to be known for running this on a tree of these files."""
        files, told = self._differing(wanted), dict(program.told)
        return {"files": files, "told": told, "arranged": arranged(program), "options": _switched_off(runner)}

    def _say(self, facts: Mapping[str, object]) -> None:
        self.talk.say(json.dumps(facts).encode("ascii") + b"\n")

    def _ran(self, ending: Ending, status: int, seconds: float, output: bytes, report: bytes) -> Ran:
        """What it would have been, had it been a command of its own."""
        said = Output(output, size=len(output))
        return Ran(
            command=self.command, ending=ending, exit_code=status, seconds=seconds, stdout=said, stderr=Output(), report=report
        )

    def _differing(self, wanted: Mapping[str, Entry]) -> dict[str, Any]:
        """What has to be put there to make of what is there what is wanted."""
        paths = [path for path in {*wanted, *self.there} if path in self.spoilt or wanted.get(path) != self.there.get(path)]
        files = {path: wanted[path] for path in paths if path in wanted}
        known = self.blobs.fetch(files.values())
        new = {path: [entry.mode, "" if entry.mode == SUBMODULE else known[entry.oid]] for path, entry in files.items()}
        return {path: new.get(path) for path in sorted(paths)}

    def _heard(self, key: str, until: float, silence: float) -> tuple[bytes, dict[str, Any] | None]:
        """All that was reported on this trial, and what the server says at its end; None: time is up."""
        mark = f'\n{{"kind": "over", "key": "{key}"'.encode()
        report, heard = self._rest, time.monotonic()
        while (at := report.find(mark)) < 0 or (end := report.find(b"}\n", at)) < 0:
            left = min(until, heard + silence) - time.monotonic()
            if left <= 0 or len(report) > REPORT_CAP:
                return bytes(report), None
            if data := self.talk.heard(left):
                report += data
                heard = time.monotonic()
        self._rest = report[end + 2 :]
        return bytes(report[:at]), json.loads(report[at : end + 1])


@contextmanager
def warmed(rooms: Rooms, start: Start, talk: Talk, blobs: Blobs | None = None) -> Iterator[Warm]:
    """Open a sandbox, and have pytest imported in it; what is said to it is said over this talk."""
    opened = rooms.open(start.tree) if start.tree else rooms.open_empty()
    with closing(talk), opened as room, ThreadPoolExecutor(1) as pool:
        command = _command(rooms, start, talk)
        ended = pool.submit(_run, room.sandbox, command, talk)
        try:
            _await_ready(talk, ended)
            there = rooms.mirror.files(start.tree) if start.tree else {}
            yield Warm(rooms, blobs or Blobs(rooms.mirror), talk, there, command)
        finally:
            talk.close()
            _end(talk, ended)


def _run(sandbox: Sandbox, command: Command, talk: Talk) -> Ran:
    try:
        return sandbox.run(command)
    finally:
        talk.over()


def _await_ready(talk: Talk, ended: "Future[Ran]") -> None:
    heard, deadline = b"", time.monotonic() + START
    try:
        while not heard.endswith(b"}\n"):
            if time.monotonic() > deadline:
                raise Cold(reason="it was not ready in time")
            heard += talk.heard(deadline - time.monotonic())
    except Silence as error:
        said = ended.result().stderr.text().strip().splitlines() or ["it said nothing"]
        raise Cold(reason=said[-1]) from error


def _end(talk: Talk, ended: "Future[Ran]") -> None:
    try:
        ended.result(END if not talk.enough.is_set() else None)
    except TimeoutError:
        talk.enough.set()
        ended.result()


def _command(rooms: Rooms, start: Start, talk: Talk) -> Command:
    sources = {name: inside(file) for name, file in LATER.items()}
    text = BOOTSTRAP.format(
        programs=ascii(json.dumps([(name, inside(f"{name}.py")) for name in PROGRAMS])),
        sources=ascii(json.dumps(sources)),
        folders=ascii(json.dumps(SCRATCH if rooms.backend.name != "none" else ())),
    )
    return Command(
        argv=(start.python, "-B", "-c", text), environment=start.variables, timeout=DAY, flood=1 << 62, report=True, talk=talk
    )


def _switched_off(runner: PytestRunner) -> list[str]:
    """The plugins that the project does not want: they are not to be imported either."""
    words = [*runner.environment.get("PYTEST_ADDOPTS", "").split(), *runner.options]
    named = [after for word, after in pairwise(words) if word == "-p"]
    named += [word[2:] for word in words if word.startswith("-p") and len(word) > 2]
    return [part for name in named if name.startswith("no:") for part in ("-p", name)]
