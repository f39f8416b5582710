"""The remotes of the user's repository: where they are, and what git needs of the user's settings to reach them."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

from sandboxes.git import GitTrouble, decoded, encoded, execute_as_user
from sandboxes.repository import LOOK, Repository

PATIENCE = 300.0
"""Seconds that a server may take for a push."""
REACHED = {"protocol.https.allow": "always", "protocol.ssh.allow": "always"}
ALONE = {
    "push.followTags": "false",
    "push.gpgSign": "false",
    "push.recurseSubmodules": "no",
    "push.pushOption": "",
}
"""A push is of one branch, whatever the user's own pushes take along."""
OF_USER = re.compile(r"http\..*|credential\..*|core\.(sshcommand|askpass|gitproxy)|ssh\.variant")
"""The settings of the user's own files with which a server is reached."""
OF_REPOSITORY = re.compile(
    r"http\.(.*\.)?(extraheader|proxy|proxyauthmethod|sslcainfo|sslcapath|sslcert|sslkey|version|useragent)"
    r"|credential\.(.*\.)?(username|usehttppath|helper)"
)
"""The settings of the repository's own file with which a server is reached: none starts a program, none drops a check."""
INSTALLED = re.compile(r"([a-z][\w-]*)?")
"""A helper that is installed beside git, or none; anything else is a command line."""


class RemoteTrouble(GitTrouble):
    """{what} {place} failed: {said}
    Nothing there was changed.
    {remedy}"""


@dataclass(frozen=True)
class Remote:
    """A remote as the user has it."""

    name: str
    written: str
    """Its address as the settings have it."""
    target: str
    """Where git really pushes to, once the user's rules for addresses are applied."""

    @property
    def shown(self) -> str:
        """Where git really pushes to, without a name and a password that may be in it."""
        return without_secrets(self.target)


def without_secrets(address: str) -> str:
    """An address without who logs in there."""
    if "://" not in address:
        return address
    parts = urlsplit(address)
    login, at, host = parts.netloc.rpartition("@")
    # The name with which ssh logs in is mostly `git`, and part of how people know the address.
    user = "" if parts.scheme.startswith("http") else login.partition(":")[0]
    return urlunsplit((parts.scheme, f"{user}{at}{host}" if user else host, parts.path, "", ""))


def remotes(repository: Repository) -> tuple[Remote, ...]:
    """The remotes of a repository, in the order of its settings."""
    written: dict[str, str] = {}
    for _, key, value in _settings(repository):
        if found := re.fullmatch(r"remote\.(.+)\.url", key):
            written.setdefault(found[1], value)
    return tuple(Remote(name, address, _target(repository, name)) for name, address in written.items())


def _target(repository: Repository, name: str) -> str:
    asked = ("remote", "get-url", "--push", "--", name)
    address = decoded(execute_as_user(asked, _pinned(repository), LOOK)).removesuffix("\n")
    is_path = "://" not in address and not re.match(r"[^/]+:", address)
    return str((repository.top / address).resolve()) if is_path else address


def _settings(repository: Repository) -> Iterator[tuple[str, str, str]]:
    """Every setting that holds in the repository, the user's own among them: its scope, its key, its value."""
    listed = execute_as_user(("config", "--list", "--show-scope", "--includes", "-z"), _pinned(repository), LOOK)
    words = decoded(listed).split("\0")[:-1]
    for scope, setting in zip(words[::2], words[1::2], strict=True):
        key, bound, value = setting.partition("\n")
        yield scope, key, value if bound else "true"


def _pinned(repository: Repository) -> dict[str, str]:
    return {"GIT_DIR": str(repository.git_dir)}


@contextmanager
def reached(repository: Repository, remote: Remote, mirror: Path) -> Iterator["Reached"]:
    """Reach a remote from swarm's mirror: no hook and no setting of the repository is in force but what it takes to log in."""
    with TemporaryDirectory(prefix="swarm-remote-") as folder:
        config = Path(folder) / "config"
        # Logins stand in it, so nobody else may read it, and it is no argument of git.
        known = [*_for_login(_settings(repository)), ("remote.there.url", remote.target)]
        with os.fdopen(os.open(config, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.writelines(encoded(_written(key, value)) for key, value in known)
        yield Reached(repository, remote, mirror, config)


def _for_login(settings: Iterator[tuple[str, str, str]]) -> Iterator[tuple[str, str]]:
    for scope, key, value in settings:
        allowed = OF_REPOSITORY if scope in ("local", "worktree") else OF_USER
        program = allowed is OF_REPOSITORY and key.endswith(".helper") and not INSTALLED.fullmatch(value)
        if allowed.fullmatch(key) and not program:
            yield key, value


def _written(key: str, value: str) -> str:
    """A setting in the form of git's files."""
    section, _, rest = key.partition(".")
    subsection, _, name = rest.rpartition(".")
    inner = subsection.replace("\\", "\\\\").replace('"', '\\"')
    quoted = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    head = f'[{section} "{inner}"]' if subsection else f"[{section}]"
    return f'{head}\n\t{name} = "{quoted}"\n'


def tracked(repository: Repository, remote: Remote, commit: str) -> set[str]:
    """The branches of a remote that had this commit in their past when the user last fetched."""
    place = f"refs/remotes/{remote.name}/"
    listed = repository.git.text("for-each-ref", f"--contains={commit}", "--format=%(refname)", place)
    return {ref.removeprefix(place) for ref in listed.splitlines()} - {"HEAD"}


@dataclass(frozen=True)
class Reached:
    """A remote that can be asked and pushed to."""

    repository: Repository
    remote: Remote
    mirror: Path
    config: Path

    def branches(self) -> dict[str, str]:
        """The branches that are there, each with its commit."""
        listed = self._git("asking", "ls-remote", "--quiet", "--heads", "there")
        rows = (line.partition("\t") for line in listed.splitlines())
        return {ref.removeprefix("refs/heads/"): commit for commit, _, ref in rows}

    def holding(self, commit: str, branches: dict[str, str]) -> tuple[str, ...]:
        """Those of the branches there that are known to have this commit in their past."""
        seen = tracked(self.repository, self.remote, commit)
        return tuple(name for name, at in branches.items() if name in seen or self._has(at, commit))

    def _has(self, at: str, commit: str) -> bool:
        try:
            return self.repository.reaches(at, commit)
        except GitTrouble:
            return False  # the user has not fetched that one, so nothing is known of it

    def push(self, commit: str, branch: str) -> None:
        """Make the commit a branch there, without force."""
        alone = ("--no-verify", "--no-signed", "--no-follow-tags", "--recurse-submodules=no")
        self._git("pushing to", "push", "--quiet", *alone, "there", f"{commit}:refs/heads/{branch}")

    def _git(self, what: str, *args: str) -> str:
        settings = [part for key, value in {**REACHED, **ALONE}.items() for part in ("-c", f"{key}={value}")]
        pinned = {"GIT_DIR": str(self.mirror), "GIT_CONFIG_GLOBAL": str(self.config), "GIT_CONFIG_NOSYSTEM": "1"}
        # What the user's environment sets is in the file already, as far as it counts.
        pinned |= {"GIT_CONFIG_COUNT": "0", "GIT_CONFIG_PARAMETERS": ""}
        try:
            return decoded(execute_as_user((*settings, *args), pinned, PATIENCE))
        except GitTrouble as error:
            said = self._harmless(str(error.facts.get("said", "")))
            raise RemoteTrouble(
                what=what.capitalize(),
                place=self.remote.shown,
                said=said,
                remedy=f"Try `git push --dry-run {self.remote.name} HEAD:refs/heads/swarm/test`; a program that logs in counts "
                "only from your own settings, not from the repository's.",
            ) from error

    def _harmless(self, said: str) -> str:
        """What git said, on one line, without the secrets that may be in an address."""
        return " ".join(said.replace(self.remote.target, self.remote.shown).split())[-400:]


def hook_passed_over(repository: Repository) -> Path | None:
    """The hook with which the user looks at pushes, if there is one: swarm runs none, and has to say so."""
    folders = [value for scope, key, value in _settings(repository) if key == "core.hookspath" and scope != "command"]
    folder = Path(folders[-1]).expanduser() if folders else repository.common_dir / "hooks"
    hook = repository.top / folder / "pre-push"
    return hook if hook.is_file() and os.access(hook, os.X_OK) else None
