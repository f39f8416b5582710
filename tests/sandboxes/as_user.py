"""Runs one command in a sandbox and prints what came of it: started by tests as a user who is not root."""

import json
import sys
from pathlib import Path

from sandboxes.bubblewrap import Bubblewrap
from sandboxes.command import Command
from sandboxes.docker.backend import Docker
from sandboxes.limits import Limits


def main() -> None:
    wish = json.load(sys.stdin)
    toolchain = [Path(place) for place in wish["toolchain"]]
    backend = {"bubblewrap": Bubblewrap, "docker": Docker}[wish["backend"]](limits=Limits(**wish["limits"]))
    with backend.open(Path(wish["worktree"]), toolchain) as sandbox:
        ran = sandbox.run(Command(argv=tuple(wish["argv"]), timeout=wish["timeout"]))
    sys.stdout.write(json.dumps([ran.ending.name, ran.exit_code, ran.stdout.text(), ran.stderr.text()]))


main()
