"""One command that runs the engine in a sandbox: its own text and its job go in, records come out."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sandboxes.command import Command, Ending, Ran
from sandboxes.environment import Environment
from sandboxes.sandbox import Sandbox
from swarm.errors import SwarmError

MODULES = (
    "channel arena limits session tracing running units swapping watching nursery survey trials reload varying observing main"
)
"""What the engine is made of; each imports only what stands before it."""
SLACK = 60.0  # seconds beyond its own budget after which the engine counts as hanging
# The folder that Python puts first on its path is the tested tree: it goes before anything is imported, or a `json.py` there
# would be the engine's. The modules get a package of their own, under a name that no project has.
BOOTSTRAP = """\
import sys
sys.path[:] = [folder for folder in sys.path if folder]
import json, types
job = json.loads(sys.stdin.buffer.read())
package = types.ModuleType("swarm_engine")
package.__path__ = []
sys.modules["swarm_engine"] = package
for name, text in job.pop("modules"):
    module = types.ModuleType("swarm_engine." + name)
    module.__package__ = "swarm_engine"
    sys.modules[module.__name__] = module
    setattr(package, name, module)
    exec(compile(text, "<swarm's engine: " + name + ">", "exec"), vars(module))
sys.modules["swarm_engine.main"].run(job)
"""


class EngineFailed(SwarmError):
    """The engine for fast trials came to no end: {reason}
    Edits are tried one by one instead, which takes longer."""


@dataclass(frozen=True)
class Told:
    """What the engine told, record by record, and how long it took."""

    records: tuple[Mapping[str, Any], ...]
    seconds: float

    def of(self, kind: str) -> list[Mapping[str, Any]]:
        """The records of one kind, in order."""
        return [record for record in self.records if record["kind"] == kind]


def run(sandbox: Sandbox, environment: Environment, job: Mapping[str, Any], *, seconds: float) -> Told:
    """Let the engine do a job; it may take so many seconds beside its start."""
    nonce = secrets.token_hex(16)
    folder = resources.files("swarm.repair.inside")
    modules = [(name, folder.joinpath(f"{name}.py").read_text(encoding="utf-8")) for name in MODULES.split()]
    place = {"first": environment.first, "folder": environment.folder}
    facts = {"nonce": nonce, "seconds": seconds, **place, "modules": modules}
    stdin = json.dumps({**job, **facts}).encode("ascii")
    command = Command(argv=(environment.python, "-B", "-c", BOOTSTRAP), stdin=stdin, timeout=seconds + SLACK, report=True)
    ran = sandbox.run(command)
    return Told(_records(ran, nonce), ran.seconds)


def _records(ran: Ran, nonce: str) -> tuple[Mapping[str, Any], ...]:
    """The records, each with the right nonce and the next number, from the start to the end; nothing else is believed."""
    records: list[Mapping[str, Any]] = []
    for count, line in enumerate(ran.report.splitlines()):
        try:
            record = json.loads(line)
        except ValueError:
            break
        if not isinstance(record, dict) or record.get("nonce") != nonce or record.get("count") != count:
            raise EngineFailed(reason=f"record {count} is not its own")
        records.append(record)
    if not records or records[-1].get("kind") != "end" or not ran.report_complete:
        raise EngineFailed(reason=_why(ran, records))
    return tuple(records)


def _why(ran: Ran, records: Sequence[Mapping[str, Any]]) -> str:
    for record in records:
        if record.get("kind") == "broken":
            return str(record.get("text", "")).strip()[-2000:]
    if ran.ending is not Ending.EXITED:
        return f"it was {ran.ending.value} after {ran.seconds:.1f} s"
    lines = ran.stderr.text().strip().splitlines() or ran.stdout.text().strip().splitlines()
    return lines[-1] if lines else f"exit code {ran.exit_code} without a word"
