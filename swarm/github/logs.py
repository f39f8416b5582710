"""The logs of failed jobs that an issue points to: of its own project only, as text, and not without end."""

import re

from swarm.github.client import Client
from swarm.github.faults import Missing
from swarm.github.names import IssueName, Project
from swarm.github.values import Job

LONGEST = 8_000
"""Characters of a log that are kept, from its end: there it says what went wrong."""
MOST = 3
"""Logs of one issue."""
STAMP = re.compile(r"^\ufeff?\d{4}-\d\d-\d\dT[\d:.]+Z ", re.MULTILINE)
COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
GROUP = re.compile(r"^##\[(?:end)?group\][^\n]*\n?", re.MULTILINE)


def linked(client: Client, project: Project, text: str) -> tuple[Job, ...]:
    """The failed jobs to which a text links, of this project: a link to another one could make us read what is private there."""
    place = re.escape(f"{client.wire.site.web}/{project.full_name}/actions/runs/")
    jobs: dict[int, Job] = {}
    for found in re.finditer(rf"{place}(\d{{1,18}})(?:/attempts/\d+)?(?:/jobs?/(\d{{1,18}}))?", text, re.IGNORECASE):
        if len(jobs) >= MOST:
            break
        for job in _named(client, project, int(found[1]), int(found[2] or 0)):
            jobs.setdefault(job.number, job)
    return tuple(jobs.values())[:MOST]


def _named(client: Client, project: Project, run: int, job: int) -> tuple[Job, ...]:
    try:
        return (Job(number=job, name=client.job_name(project, job)),) if job else client.failed_jobs(project, run=run)
    except Missing:
        client.wire.tell(f"the issue links to build {run}, which is not there any more")
        return ()


def of_pull(client: Client, name: IssueName) -> tuple[Job, ...]:
    """The jobs that failed for a pull request, as it stands."""
    try:
        return client.failed_jobs(name.project, commit=client.head_of(name))
    except Missing:
        return ()  # the checks of a project may be switched off


def log_text(client: Client, project: Project, job: Job) -> str:
    """What a job said in the end; empty: its log is no text, or was deleted after some weeks, as all are."""
    try:
        content = client.log(project, job.number)
    except Missing:
        client.wire.tell(f"the log of job {job.name} is not there any more")
        return ""
    if b"\0" in content:
        client.wire.tell(f"the log of job {job.name} is no text, so it was left out")
        return ""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n")
    plain = GROUP.sub("", COLOUR.sub("", STAMP.sub("", text))).strip()
    return plain if len(plain) <= LONGEST else f"[… the beginning was left out …]\n{plain[-LONGEST:]}"
