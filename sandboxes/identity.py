"""The name under which a repository is known: the same from every worktree and subfolder of it."""

import hashlib
import os
import re
from pathlib import Path


def identity(common_dir: Path) -> str:
    """A name for the place of a repository, readable, and never that of another one."""
    home = common_dir.parent if common_dir.name == ".git" else common_dir
    slug = re.sub(r"[^a-z0-9]+", "-", home.name.removesuffix(".git").lower()).strip("-")[:40] or "repository"
    return f"{slug}-{hashlib.sha256(os.fsencode(common_dir)).hexdigest()[:12]}"
