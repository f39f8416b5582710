"""What swarm asks a server, and what it does there: each call gives values."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from swarm.github.faults import Missing, NoProject
from swarm.github.names import IssueName, Project
from swarm.github.values import Home, Job, Pull, Remark, Ticket
from swarm.github.wire import Wire

JOBS = 3
"""Jobs of a build of which the log is read."""


@dataclass(frozen=True)
class Client:
    """What swarm wants of a server, in values."""

    wire: Wire

    def ticket(self, name: IssueName) -> Ticket:
        """An issue or a pull request; one that was transferred is answered as what it is now."""
        value = self.wire.read(f"{_of(name.project)}/issues/{name.number}")
        page = re.search(r"([^/]+/[^/]+)/(?:issues|pull)/\d+$", _text(value, "html_url"))
        if page is None:
            raise self.wire.strange("an issue has no address")
        return Ticket(
            full_name=page[1],
            number=_number(value, "number"),
            title=_text(value, "title"),
            body=_text(value, "body"),
            author=_login(value),
            closed=value.get("state") == "closed",
            reason=_text(value, "state_reason").replace("_", " "),
            comments=_number(value, "comments"),
            is_pull=bool(value.get("pull_request")),
        )

    def remarks(self, name: IssueName) -> tuple[Remark, ...]:
        """The comments on an issue, oldest first."""
        return tuple(map(_remark, self.wire.pages(f"{_of(name.project)}/issues/{name.number}/comments")))

    def home(self, project: Project) -> Home:
        """A project as the server has it, under the name that it has today."""
        try:
            value = self.wire.read(_of(project))
        except Missing as missing:
            raise NoProject(
                what=project.full_name,
                reason=f"{self.wire.site.host} has none of this name for {self.wire.token}.",
                remedy=self.hint(),
            ) from missing
        names = _text(value, "full_name"), _text(value, "default_branch")
        return Home(full_name=names[0], default_branch=names[1], archived=bool(value.get("archived")))

    def head_of(self, name: IssueName) -> str:
        """The commit that a pull request asks to merge."""
        return _text(self.wire.read(f"{_of(name.project)}/pulls/{name.number}").get("head") or {}, "sha")

    def failed_jobs(self, project: Project, *, run: int = 0, commit: str = "") -> tuple[Job, ...]:
        """The jobs that failed in a build, or in the builds of a commit."""
        if run:
            found = self.wire.read(f"{_of(project)}/actions/runs/{run}/jobs", per_page="100").get("jobs") or ()
        else:
            checks = self.wire.read(f"{_of(project)}/commits/{commit}/check-runs", per_page="100").get("check_runs") or ()
            # Only those of Actions have a log here, and they have the number of their job.
            found = [check for check in checks if (check.get("app") or {}).get("slug") == "github-actions"]
        failed = [job for job in found if job.get("conclusion") in ("failure", "timed_out")]
        return tuple(Job(number=_number(job, "id"), name=_text(job, "name")) for job in failed)[:JOBS]

    def job_name(self, project: Project, job: int) -> str:
        """What a job is called."""
        return _text(self.wire.read(f"{_of(project)}/actions/jobs/{job}"), "name")

    def log(self, project: Project, job: int) -> bytes:
        """What a job said, in the end."""
        return self.wire.tail(f"{_of(project)}/actions/jobs/{job}/logs")

    def pulls_of(self, project: Project, owner: str, branch: str) -> tuple[Pull, ...]:
        """The pull requests that there were of a branch, newest first."""
        return tuple(map(_pull, self.wire.pages(f"{_of(project)}/pulls", head=f"{owner}:{branch}", state="all")))

    def open_pull(self, project: Project, *, title: str, body: str, head: str, into: str) -> Pull:
        """Open a pull request, as a draft."""
        wanted = {"title": title, "body": body, "head": head, "base": into, "draft": True}
        return _pull(self.wire.write("POST", f"{_of(project)}/pulls", wanted))

    def rewrite_pull(self, project: Project, number: int, body: str) -> Pull:
        """Give a pull request another text."""
        return _pull(self.wire.write("PATCH", f"{_of(project)}/pulls/{number}", {"body": body}))

    def remark(self, name: IssueName, body: str) -> Remark:
        """Comment on an issue."""
        return _remark(self.wire.write("POST", f"{_of(name.project)}/issues/{name.number}/comments", {"body": body}))

    def rewrite_remark(self, project: Project, number: int, body: str) -> Remark:
        """Give a comment another text."""
        return _remark(self.wire.write("PATCH", f"{_of(project)}/issues/comments/{number}", {"body": body}))

    def hint(self) -> str:
        """What to do where something cannot be seen."""
        if self.wire.token.value:
            return f"Look at the name, and whether {self.wire.token} may read it."
        if self.wire.site.of_github:
            return "If it is private: set GH_TOKEN, or `gh auth login`."
        return f"If it is private: set GH_HOST={self.wire.site.host} and GH_ENTERPRISE_TOKEN, or `gh auth login`."


def _of(project: Project) -> str:
    return f"/repos/{project.owner}/{project.name}"


def _text(value: Mapping[str, Any], key: str) -> str:
    found = value.get(key)
    return found if isinstance(found, str) else ""


def _number(value: Mapping[str, Any], key: str) -> int:
    found = value.get(key)
    return found if isinstance(found, int) else 0


def _login(value: Mapping[str, Any]) -> str:
    """Who wrote it; whoever deleted their account is nobody."""
    return _text(value.get("user") or {}, "login")


def _remark(value: Mapping[str, Any]) -> Remark:
    return Remark(
        number=_number(value, "id"),
        author=_login(value),
        association=_text(value, "author_association"),
        body=_text(value, "body"),
        at=_text(value, "created_at"),
    )


def _pull(value: Mapping[str, Any]) -> Pull:
    return Pull(
        number=_number(value, "number"),
        url=_text(value, "html_url"),
        title=_text(value, "title"),
        body=_text(value, "body"),
        open=value.get("state") == "open",
        merged=bool(value.get("merged_at")),
        draft=bool(value.get("draft")),
        head=_text(value.get("head") or {}, "sha"),
        into=_text(value.get("base") or {}, "ref"),
    )
