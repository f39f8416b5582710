"""An issue on a server as a bug report: what its page shows, and who may speak in it."""

from collections import Counter
from collections.abc import Sequence

from swarm.events import IssueRead
from swarm.github import logs
from swarm.github.client import Client
from swarm.github.faults import Closed, Deleted, Missing, Moved, NoIssue
from swarm.github.names import IssueName, Project
from swarm.github.values import Job, Remark, Ticket
from swarm.hidden import Cleaned, cleaned, removals
from swarm.issue import LARGEST, Issue


def read(client: Client, name: IssueName, *, closed_too: bool) -> tuple[Issue, IssueRead]:
    """The issue, and what there is to tell of the reading."""
    ticket = _ticket(client, name)
    name = _name_today(client, name, ticket)
    if ticket.closed and not closed_too:
        raise Closed(issue=name, why=f" ({ticket.reason})" if ticket.reason else "")
    remarks = client.remarks(name) if ticket.comments else ()
    heard = [remark for remark in remarks if remark.counts(ticket.author)]
    jobs = _jobs(client, name, ticket, heard)
    return _report(client, name, ticket, heard, len(remarks) - len(heard), jobs)


def _ticket(client: Client, name: IssueName) -> Ticket:
    try:
        return client.ticket(name)
    except Missing as missing:
        if missing.facts["reason"] == "gone":
            raise Deleted(issue=name, host=name.project.host) from missing
        reason = f"{name.project.host} shows none for {client.wire.token}."
        raise NoIssue(issue=name, reason=reason, remedy=client.hint()) from missing


def _name_today(client: Client, name: IssueName, ticket: Ticket) -> IssueName:
    """What the issue is called now: its project may have another name by now, but not be another one."""
    owner, _, repository = ticket.full_name.partition("/")
    now = IssueName(Project(name.project.host, owner, repository), ticket.number)
    if now.project.same(name.project) and now.number == name.number:
        return now
    today = client.home(name.project).full_name
    if today.lower() != ticket.full_name.lower() or now.number != name.number:
        raise Moved(issue=name, now=now, link=f"{client.wire.site.web}/{ticket.full_name}/issues/{ticket.number}")
    client.wire.tell(f"{name.project.full_name} is called {today} now")
    return now


def _jobs(client: Client, name: IssueName, ticket: Ticket, heard: Sequence[Remark]) -> tuple[Job, ...]:
    """The failed jobs that belong to it: those of a pull request, and those to which whoever may speak has linked."""
    text = "\n".join((ticket.body, *(remark.body for remark in heard)))
    found = [*(logs.of_pull(client, name) if ticket.is_pull else ()), *logs.linked(client, name.project, text)]
    return tuple({job.number: job for job in found}.values())[: logs.MOST]


def _report(
    client: Client, name: IssueName, ticket: Ticket, heard: Sequence[Remark], left_out: int, jobs: Sequence[Job]
) -> tuple[Issue, IssueRead]:
    title, body = cleaned(ticket.title), cleaned(ticket.body)
    said = [(remark, cleaned(remark.body)) for remark in heard]
    kept = [(job, text) for job in jobs if (text := logs.log_text(client, name.project, job))]
    parts = [
        body.text.strip(),
        *(
            f"Comment by {remark.author} ({_role(remark, ticket)}), {remark.at[:10]}:\n\n{text.text.strip()}"
            for remark, text in said
        ),
        *(f"The end of the log of the failed job {cleaned(job.name).text}:\n\n{text}" for job, text in kept),
    ]
    whole = "\n\n".join(part for part in parts if part)
    address = f"{client.wire.site.web}/{name.project.full_name}/{'pull' if ticket.is_pull else 'issues'}/{name.number}"
    issue = Issue(_line(title), whole[:LARGEST], address, clipped=len(whole) > LARGEST)
    return issue, IssueRead(
        source=address,
        pull=ticket.is_pull,
        closed=ticket.closed,
        comments=len(heard),
        left_out=left_out,
        removed=removals(sum((one.removed for one in (title, body, *(text for _, text in said))), Counter())),
        logs=tuple(job.name for job, _ in kept),
    )


def _role(remark: Remark, ticket: Ticket) -> str:
    return "reporter" if remark.author == ticket.author else remark.association.lower()


def _line(title: Cleaned) -> str:
    return " ".join(title.text.split())[:200] or "issue"
