"""Where the result of a run goes: found out before anything is spent on it."""

from dataclasses import dataclass

from sandboxes.remotes import Remote, remotes
from swarm.errors import Conflict, UsageError
from swarm.github.client import Client
from swarm.github.faults import NoProject
from swarm.github.names import LINK, IssueName, Project
from swarm.github.values import Home
from swarm.intake import Door, project_of


@dataclass(frozen=True, kw_only=True)
class Post:
    """Where the result of a run goes: a project on a server, and the remote of the clone that is there."""

    client: Client
    project: Project
    """Under the name that it has today."""
    home: Home
    remote: Remote
    issue: IssueName | None
    """None: the issue was a file or a text."""
    is_pull: bool = False

    @property
    def closes(self) -> str:
        """The line by which merging closes the issue; a pull request cannot be closed like that."""
        if self.issue is None:
            return ""
        ours = self.issue.project.same(self.project)
        name = f"#{self.issue.number}" if ours else f"{self.issue.project.full_name}#{self.issue.number}"
        return f"{'For' if self.is_pull or self.issue.project.host != self.project.host else 'Closes'} {name}"

    @property
    def owner(self) -> str:
        """Whose branch it will be: that of the project, or that of a fork."""
        project = project_of(self.remote)
        return self.project.owner if project is None or project.name != self.project.name else project.owner


def posted(door: Door, source: str, remote: str = "") -> Post:
    """Where the result for an issue from this source would go; found out before anything is spent on it."""
    link = LINK.fullmatch(source)
    issue = door.named(source) if link else None
    chosen = _remote_named(door, remote) if remote else None
    project = issue.project if issue else (chosen and project_of(chosen)) or door.project()
    client = door.client(project.host)
    if not client.wire.token.value:
        raise UsageError(
            what=f"There is no token for {project.host}, so no pull request can be opened there.", remedy=client.hint()
        )
    home = client.home(project)
    if home.archived:
        raise Conflict(what=f"{home.full_name} is archived, so it takes no pull request.", remedy="Push to a fork of it.")
    owner, _, name = home.full_name.partition("/")
    today = Project(project.host, owner, name)
    found = chosen or _remote_of(door, client, {project, today})
    return Post(client=client, project=today, home=home, remote=found, issue=issue, is_pull="/pull/" in source)


def commented(door: Door, source: str) -> tuple[Client, IssueName]:
    """The issue from this source, and the server on which a comment on it can be written."""
    issue = door.named(source) if LINK.fullmatch(source) else None
    if issue is None:
        raise UsageError(what="Only on an issue on a server a comment can be written.", remedy="Leave --comment away.")
    return _with_token(door, issue.project.host), issue


def _with_token(door: Door, host: str) -> Client:
    client = door.client(host)
    if not client.wire.token.value:
        raise UsageError(what=f"There is no token for {host}, so nothing can be written there.", remedy=client.hint())
    return client


def _remote_named(door: Door, name: str) -> Remote:
    known = {remote.name: remote for remote in remotes(door.repository)}
    if name not in known:
        raise UsageError(what=f"There is no remote `{name}`.", remedy=f"There are: {', '.join(known) or 'none'}.")
    return known[name]


def _remote_of(door: Door, client: Client, projects: set[Project]) -> Remote:
    """The remote that is this project; one with an older name of it counts."""
    known = [(remote, project) for remote in remotes(door.repository) if (project := project_of(remote))]
    for remote, project in known:
        if any(project.same(wanted) for wanted in projects):
            return remote
    today = {wanted.full_name.lower() for wanted in projects}
    for remote, project in known:
        if project.host in {wanted.host for wanted in projects} and _name_today(client, project).lower() in today:
            return remote
    wanted = next(iter(projects))
    reason = f"of its remotes, none is {wanted.full_name} on {wanted.host}."
    raise NoProject(what="the push", reason=reason, remedy="Add it with `git remote add`, or name another one with --remote.")


def _name_today(client: Client, project: Project) -> str:
    try:
        return client.home(project).full_name
    except NoProject:
        return ""
