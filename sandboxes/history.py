"""A git folder of an agent's own, on top of a history it can read and nobody can write."""

import os
import shutil
from pathlib import Path

from sandboxes.git import Git
from sandboxes.repository import ANY_COMMIT
from sandboxes.values import Value

SETTINGS = """[core]
\trepositoryformatversion = {version}
\tbare = false
\tlogallrefupdates = true
\ttrustctime = false
\tcheckStat = minimal
[user]
\tname = agent
\temail = agent@localhost
[gc]
\tauto = 0
[extensions]
{extensions}"""


class History(Value):
    """All that one commit reaches, in a bare repository of its own: no other branch, no tag, no later commit."""

    folder: Path
    commit: str

    def make(self, mirror: Path) -> None:
        """Copy it out of the mirror, into a folder that is not there yet."""
        new = self.folder.with_name(f".{self.folder.name}-{os.getpid()}")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir(parents=True)
        git = Git(new)
        form = "sha256" if len(self.commit) == 64 else "sha1"
        git.run("init", "--quiet", "--bare", "--template=", "--shared=0644", f"--object-format={form}", "--initial-branch=none")
        quiet = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance")
        git.run(
            "fetch", *quiet, "--update-shallow", "--upload-pack", ANY_COMMIT, "--", str(mirror), f"+{self.commit}:refs/heads/main"
        )
        new.rename(self.folder)

    def plant(self, worktree: Path, index: Path) -> None:
        """Lay a private git folder into a worktree; written file by file, for git is never run in there."""
        own = worktree / ".git"
        for place in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (own / place).mkdir(parents=True)
        long = len(self.commit) == 64
        extensions = "\tobjectFormat = sha256\n" if long else ""
        contents = {
            "HEAD": "ref: refs/heads/main\n",
            "refs/heads/main": f"{self.commit}\n",
            "config": SETTINGS.format(version=1 if long else 0, extensions=extensions),
            "objects/info/alternates": f"{self.folder}/objects\n",
            "info/exclude": "__pycache__/\n*.pyc\n.pytest_cache/\n",
            "info/attributes": "* -text !eol -ident -filter -working-tree-encoding\n",
        }
        for name, text in contents.items():
            (own / name).write_text(text)
        shutil.copyfile(index, own / "index")
        if (self.folder / "shallow").exists():
            shutil.copyfile(self.folder / "shallow", own / "shallow")
