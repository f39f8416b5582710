"""The story of `swarm pr`: the branch is pushed where its issue is, and a draft pull request says what proves it."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sandboxes.remotes import Reached, hook_passed_over, reached, remotes, tracked
from swarm.announcement import END, begin, comment_text, pull_text, title
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.history import told
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.errors import Conflict, UsageError
from swarm.events import BranchCreated, BranchPushed, IssueCommented, PullRequestOpened, PullRequestRewritten
from swarm.github.values import Pull
from swarm.intake import Door, project_of
from swarm.landings import Harbour
from swarm.posting import Post, commented

Consent = Callable[[str], bool]
"""Asks the person whether this may be done where others see it."""


@dataclass(frozen=True, kw_only=True)
class Published:
    """What is on the server now."""

    branch: str
    place: str
    """Where the branch was pushed to."""
    address: str
    """Where the pull request is read."""
    into: str
    pushed: bool
    opened: bool
    rewritten: bool

    @property
    def text(self) -> str:
        """For a person."""
        done = "opened as a draft" if self.opened else "brought up to date" if self.rewritten else "is up to date"
        pushed = "pushed to" if self.pushed else "was at"
        return f"branch    {self.branch} {pushed} {self.place}\npull      {self.address} {done}, into {self.into}"

    @property
    def value(self) -> dict[str, Any]:
        """For a program."""
        return asdict(self)


def publish(place: Harbour, run: Run, consent: Consent, post: Post) -> Published:
    """Push the branch of a run and open its pull request; done again, what is there already is only brought up to date."""
    candidate, created = delivered(place.store, run)
    _as_judged(place, created)
    with reached(place.repository, post.remote, place.mirror.folder) as there:
        branches = there.branches()
        at, into = branches.get(created.branch, ""), _into(there, post, run, branches)
        if at and at != created.commit:
            raise Conflict(
                what=f"{post.remote.shown} has a branch {created.branch} already, at {at[:12]}, not that of run {run.name}.",
                remedy="Delete or rename it there, if it is yours, then try again.",
            )
        before = _pull_there(post, created.branch, run)
        if not (at and before) and not consent(_question(place, post, created, into, pushing=not at)):
            raise UsageError(what="Nothing was pushed, since nobody said yes.", remedy=f"`swarm pr {run.name} --yes` says it.")
        if not at:
            there.push(created.commit, created.branch)
            place.store.record(run.name, BranchPushed(created.branch, created.commit, post.remote.shown))
    text = pull_text(place.store, place.mirror, run, candidate, closes=post.closes, branch=created.branch)
    pull, opened, rewritten = _announced(place.store, post, run, text, created.branch, into, before)
    return Published(
        branch=created.branch,
        place=post.remote.shown,
        address=pull.url,
        into=pull.into,
        pushed=not at,
        opened=opened,
        rewritten=rewritten,
    )


def comment(store: Store, run: Run, door: Door) -> str:
    """Say on the issue that no fix was verified, once: said again, the same comment is brought up to date."""
    (client, issue), text = commented(door, run.source), comment_text(store, run)
    if run.ended is None or run.outcome == "fixed":
        what = f"Run {run.name} has nothing to say on its issue."
        raise UsageError(what=what, remedy="That is for runs that have ended without a verified fix.")
    ours = next((one for one in client.remarks(issue) if one.body.startswith(begin(run))), None)
    if ours is None:
        client.remark(issue, text)
    elif _plain(ours.body) != text:
        client.rewrite_remark(issue.project, ours.number, text)
    else:
        return f"comment   {run.source} has it already"
    store.record(run.name, IssueCommented(run.source))
    return f"comment   written on {run.source}"


def delivered(store: Store, run: Run) -> tuple[Candidate, BranchCreated]:
    """The candidate that a run delivered, and the branch that it is."""
    chosen = [candidate for candidate in store.candidates(run.name) if candidate.chosen]
    branches = [event for event in told(store, run.name) if isinstance(event, BranchCreated)]
    if not chosen or not branches:
        remedy = f"`swarm show {run.name}` tells what was tried." if run.ended else f"Wait for it, or `swarm resume {run.name}`."
        raise UsageError(what=f"Run {run.name} made no branch with a verified fix, so there is nothing to push.", remedy=remedy)
    return chosen[0], branches[-1]


def _as_judged(place: Harbour, created: BranchCreated) -> None:
    """What is pushed is what was judged: a branch that somebody went on with is theirs to push."""
    at = place.repository.at_ref(f"refs/heads/{created.branch}")
    if at != created.commit:
        raise Conflict(
            what=f"The branch {created.branch} is at {at[:12] or 'no commit'}, not at {created.commit[:12]}, which was judged.",
            remedy="Push it yourself with `git push`, or put it back first.",
        )


def _into(there: Reached, post: Post, run: Run, branches: dict[str, str]) -> str:
    """The branch of the project that the fix is for. What the person has not pushed themselves does not go along with a fix."""
    holding = set(there.holding(run.base, branches)) | _at_project(there, post, run)
    if not holding:
        raise Conflict(
            what=f"The run started from {run.base[:12]}, which {post.remote.shown} is not known to have, so it would go along.",
            remedy=f"Push it yourself first (or `git fetch {post.remote.name}`, if it is there), then try again.",
        )
    return post.home.default_branch if post.home.default_branch in holding else min(holding)


def _at_project(there: Reached, post: Post, run: Run) -> set[str]:
    """Where a fork is pushed to, the branches of the project itself that have base."""
    if post.owner == post.project.owner:
        return set()
    known = ((remote, project_of(remote)) for remote in remotes(there.repository))
    ours = [remote for remote, project in known if project and project.same(post.project)]
    return {branch for remote in ours for branch in tracked(there.repository, remote, run.base)}


def _question(place: Harbour, post: Post, created: BranchCreated, into: str, *, pushing: bool) -> str:
    """What is about to be done where others see it."""
    hook = hook_passed_over(place.repository)
    lines = [f"push      {created.branch} at {created.commit[:12]}, as a new branch of {post.remote.shown}"] if pushing else []
    lines += [f"hook      {hook} is not run"] if pushing and hook else []
    return "\n".join((*lines, f"open      a draft pull request into {into} of {post.project.full_name}"))


def _pull_there(post: Post, branch: str, run: Run) -> Pull | None:
    """The pull request that there is of the branch."""
    found = post.client.pulls_of(post.project, post.owner, branch)
    if not found:
        return None
    pull = next((one for one in found if one.open), found[0])
    if not pull.open:
        state = "merged" if pull.merged else "closed"
        raise Conflict(
            what=f"The pull request {pull.url} of this branch was {state} already.", remedy="Nothing is left to do there."
        )
    if begin(run) not in pull.body:
        raise Conflict(
            what=f"The pull request {pull.url} of this branch is somebody else's.", remedy="Write there what is missing."
        )
    return pull


def _announced(
    store: Store, post: Post, run: Run, text: str, branch: str, into: str, before: Pull | None
) -> tuple[Pull, bool, bool]:
    """The pull request with this text, whether it was opened now, and whether its text was changed now."""
    if before is None:
        owner = post.owner
        head = branch if owner == post.project.owner else f"{owner}:{branch}"
        pull = post.client.open_pull(post.project, title=title(run), body=text, head=head, into=into)
        store.record(run.name, PullRequestOpened(pull.url, into))
        return pull, True, False
    wanted = _within(_plain(before.body), text, run)
    if wanted == _plain(before.body):
        return before, False, False
    pull = post.client.rewrite_pull(post.project, before.number, wanted)
    store.record(run.name, PullRequestRewritten(pull.url))
    return pull, False, True


def _within(body: str, text: str, run: Run) -> str:
    """The body with our part of it replaced; what people wrote around it stays."""
    before, _, rest = body.partition(begin(run))
    _, mark, after = rest.partition(END)
    return f"{before}{text}{after}" if mark else f"{before}{text}"


def _plain(body: str) -> str:
    return body.replace("\r\n", "\n")
