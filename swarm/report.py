"""What came of a run, for people who read and for programs that parse."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from swarm.blackboard.candidates import Candidate
from swarm.blackboard.findings import Finding
from swarm.blackboard.history import doubts_in
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.blackboard.tasks import Task
from swarm.differing import difference_in, in_words
from swarm.errors import UsageError
from swarm.evidence.ranking import best_attempt
from swarm.landed import ways_on

LONGEST = 20_000
"""Characters of raw output that are shown."""


def thing_shown(store: Store, name: str, thing: str | None) -> tuple[str, dict[str, Any]]:
    """A run, or a thing of it (t1, f1, c1), as text and as an object."""
    if thing is None:
        return run_text(store, name), run_object(store, name)
    kind, number = thing[:1], thing[1:]
    if number.isdigit() and kind == "t":
        task = store.task(name, int(number))
        return task_text(task), task_object(task)
    if number.isdigit() and kind == "f":
        finding = store.finding(name, int(number))
        return finding_text(store, finding), finding_object(finding)
    if number.isdigit() and kind == "c":
        candidate = store.candidate(name, int(number))
        return candidate_text(store, candidate), candidate_object(candidate)
    raise UsageError(
        what=f"`{thing}` names nothing in run {name}.", remedy="Tasks are t1, t2, …; findings f1, …; candidates c1, …"
    )


def runs_text(runs: Sequence[Run]) -> str:
    """Runs, a line each."""
    lines = [f"{run.name}  {_clock(run.started)}  {run.outcome or 'not ended':<16} {run.title[:70]}" for run in runs]
    return "\n".join(lines) or "no run in this repository yet: `swarm fix ISSUE` begins one"


def _clock(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")


def run_object(store: Store, name: str) -> dict[str, Any]:
    """A run as one object: what was asked, what came of it, and everything on its blackboard in brief."""
    run = store.run(name)
    return {
        **brief(run),
        "tasks": [task_object(task) for task in store.tasks(run.name)],
        "findings": [finding_object(finding) for finding in store.findings(run.name)],
        "candidates": [candidate_object(candidate) for candidate in store.candidates(run.name)],
        "doubts": list(doubts_in(store, run.name)),
        "difference": (found := difference_in(store, run.name)) and asdict(found),
        "accounts": [asdict(account) for account in store.accounts(run.name)],
    }


def brief(run: Run) -> dict[str, Any]:
    """A run as a row of `swarm ls`."""
    return {
        "run": run.name,
        "title": run.title,
        "source": run.source,
        "base": run.base,
        "sandbox": run.sandbox,
        "started": run.started,
        "ended": run.ended,
        "outcome": run.outcome,
        "exit_code": run.exit_code,
        "branch": run.branch,
    }


def task_object(task: Task) -> dict[str, Any]:
    """A task as an object."""
    return {**asdict(task), "state": task.state.value}


def finding_object(finding: Finding) -> dict[str, Any]:
    """A finding as an object."""
    return {**asdict(finding), "state": finding.state.value}


def candidate_object(candidate: Candidate) -> dict[str, Any]:
    """A candidate as an object."""
    judgement = candidate.judgement
    judged = None if judgement is None else {**asdict(judgement), "verdict": judgement.verdict.value}
    return {**asdict(candidate), "judgement": judged}


def run_text(store: Store, name: str) -> str:
    """A run on one screen: outcome, branch, evidence, and the next command."""
    run = store.run(name)
    lines = [f"run {run.name}: {run.outcome or 'not ended'}", f"issue     {run.title} ({run.source})", f"base      {run.base}"]
    lines += [f"sandbox   {run.sandbox}" + ("  NO SANDBOX: commands ran as you" if run.sandbox == "none" else "")]
    lines += [
        f"t{task.number:<8} {task.state.value:<10} {task.kind}: {task.result or task.goal}" for task in store.tasks(run.name)
    ]
    lines += [
        f"f{finding.number:<8} {finding.state.value:<10} {finding.kind}: {finding.gist}" for finding in store.findings(run.name)
    ]
    lines += [_candidate_line(candidate) for candidate in store.candidates(run.name)]
    if (difference := difference_in(store, run.name)) is not None:
        lines += [f"differ    {in_words(difference)}"]
    lines += [f"doubt     {doubt}" for doubt in doubts_in(store, run.name)]
    if run.branch:
        lines += [
            f"branch    {run.branch}",
            f"look      swarm diff {run.name}",
            *(f"{way:<9} {words}" for way, words in ways_on(store, run)),
        ]
    elif run.ended is not None and (attempt := best_attempt(store.candidates(run.name))) and attempt.judgement:
        lines += [f"attempt   c{attempt.number}, {attempt.judgement.verdict.value}: swarm diff {run.name} c{attempt.number}"]
    return "\n".join(lines)


def _candidate_line(candidate: Candidate) -> str:
    judgement = candidate.judgement
    said = f"{judgement.verdict.value:<10} {judgement.reason}" if judgement else "not judged"
    mark = "* " if candidate.chosen else "  "
    return f"{mark}c{candidate.number:<6} {said}\n          {candidate.summary} (+{candidate.added} -{candidate.removed})"


def task_text(task: Task) -> str:
    """A task in full."""
    lines = [f"task t{task.number} {task.kind}: {task.state.value}", f"goal      {task.goal}"]
    lines += [f"needs     {', '.join(f't{need}' for need in task.needs)}"] if task.needs else []
    lines += [f"worker    {task.worker}"] if task.worker else []
    lines += [f"result    {task.result}"] if task.result else []
    lines += [f"setback   {setback}" for setback in task.setbacks]
    return "\n".join(lines)


def finding_text(store: Store, finding: Finding) -> str:
    """A finding in all its depths: gist, summary, and the evidence down to the raw output."""
    lines = [f"finding f{finding.number} {finding.kind}: {finding.state.value}", finding.gist, "", finding.summary]
    lines += [f"reason    {finding.reason}"] if finding.reason else []
    lines += [f"found by  {', '.join(finding.witnesses)}"]
    if (evidence := finding.evidence) is not None:
        lines += [f"command   {' '.join(evidence.argv)}", f"code      {evidence.exit_code}", f"tree      {evidence.tree}"]
        lines += [f"tests     {evidence.passed} passed, {evidence.failed} failed", f"ran in    {evidence.environment}"]
        lines += ["", _raw(store, evidence.output)] if evidence.output else []
    return "\n".join(lines)


def _raw(store: Store, digest: str) -> str:
    """Raw output, as much of it as anybody reads: what is learned by thousands is kept there as well."""
    text = store.raw(digest).decode("utf-8", "replace")
    left = len(text) - LONGEST
    return text if left <= 0 else f"{text[:LONGEST]}\n… and {left} characters more in {digest}"


def candidate_text(store: Store, candidate: Candidate) -> str:
    """A candidate in full: what it changes, what was said of it, and why."""
    lines = [f"candidate c{candidate.number} by {candidate.author} for t{candidate.task}", candidate.summary]
    lines += [f"tree      {candidate.tree} (+{candidate.added} -{candidate.removed}) against {candidate.base}"]
    if (judgement := candidate.judgement) is not None:
        lines += [f"verdict   {judgement.verdict.value} by {judgement.rule}", f"reason    {judgement.reason}"]
        lines += [f"tests     {judgement.passed} passed, {judgement.failed} failed, {judgement.seconds:.1f} s"]
        lines += [f"test      {judgement.test}", judgement.text] if judgement.test else []
        lines += ["", _raw(store, judgement.output)] if judgement.output else []
    return "\n".join(lines)
