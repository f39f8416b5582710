"""Lands one commit, and kills itself before its Nth effect on the world (0: never)."""

import os
import signal
import sys
from pathlib import Path

from sandboxes.landing import Landing
from sandboxes.mirror import Mirror
from sandboxes.repository import Repository

EFFECTS = {"os.rename", "os.remove", "os.link", "os.mkdir", "os.rmdir", "subprocess.Popen"}


def main(top: str, mirror: str, before: str, after: str, last: str) -> None:
    landing = Landing(
        repository=Repository.at(Path(top)), mirror=Mirror(Path(mirror)).git, branch="main", before=before, after=after
    )
    seen = 0

    def watch(event: str, _: object) -> None:
        nonlocal seen
        if event in EFFECTS:
            seen += 1
            if seen == int(last):
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    landing.land()


if __name__ == "__main__":
    main(*sys.argv[1:])
