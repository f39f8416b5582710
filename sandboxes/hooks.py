"""Where git looks for the hooks of a repository."""

from collections.abc import Mapping
from pathlib import Path

from sandboxes.git import GitTrouble, decoded, execute
from sandboxes.repository import Repository

LOOK = 20.0


class HooksOfAll(GitTrouble):
    """The hooks of all your repositories are in {folder}: core.hooksPath is set in your own settings ({origin}).
    A hook there would look at the commits of every one of them, so nothing was changed.
    Set it for this repository alone: git config core.hooksPath .git/hooks"""

    exit_code = 3


def hooks_folder(repository: Repository, environ: Mapping[str, str]) -> Path:
    """The folder that git takes hooks from here, for this repository and its linked worktrees, and for no other one."""
    for file in (repository.git_dir / "config.worktree", repository.common_dir / "config"):
        if value := _setting(file):
            return (repository.top / Path(value).expanduser()).absolute()
    home = Path(environ.get("HOME", "/"))
    xdg = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "git" / "config"
    given = environ.get("GIT_CONFIG_GLOBAL")
    for file in (Path(given),) if given else (home / ".gitconfig", xdg, Path("/etc/gitconfig")):
        if value := _setting(file):
            raise HooksOfAll(folder=value, origin=file)
    return repository.common_dir / "hooks"


def _setting(file: Path) -> str:
    if not file.is_file():
        return ""
    try:
        said = execute(("config", "--file", str(file), "--includes", "-z", "--get", "core.hooksPath"), {}, b"", Path("/"), LOOK)
    except GitTrouble:
        return ""  # git says so when there is no such setting
    return decoded(said).rstrip("\0")
