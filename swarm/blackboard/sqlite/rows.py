"""Rows as values."""

import json

from swarm.blackboard.candidates import Candidate, Judgement, Verdict
from swarm.blackboard.findings import Evidence, Finding, FindingState
from swarm.blackboard.requests import Request, Wish
from swarm.blackboard.sqlite.transaction import Row
from swarm.blackboard.tasks import Task, TaskState


def task_of(row: Row) -> Task:
    """The task in a row."""
    run, number, kind, goal, priority, parent, depth, payload, state, worker, token, setbacks, result, needs = row
    return Task(
        run=run, number=number, kind=kind, goal=goal, needs=numbers_of(needs), priority=priority, parent=parent, depth=depth,
        payload=payload, state=TaskState(state), worker=worker, token=token, setbacks=texts_of(setbacks), result=result,
    )  # fmt: skip


def finding_of(row: Row) -> Finding:
    """The finding in a row."""
    run, number, kind, gist, summary, author, task, at, state, reason, shown, witnesses, evidence = row
    return Finding(
        run=run, number=number, kind=kind, gist=gist, summary=summary, author=author, task=task, evidence=_evidence(evidence),
        shown=numbers_of(shown), state=FindingState(state), reason=reason, witnesses=texts_of(witnesses), at=at,
    )  # fmt: skip


def candidate_of(row: Row) -> Candidate:
    """The candidate in a row."""
    run, number, task, tree, base, summary, author, added, removed, chosen, shown, *judgement = row
    return Candidate(
        run=run, number=number, task=task, tree=tree, base=base, summary=summary, author=author, added=added, removed=removed,
        shown=numbers_of(shown), judgement=_judgement(judgement), chosen=bool(chosen),
    )  # fmt: skip


def request_of(row: Row) -> Request:
    """The wish in a row."""
    run, number, wish, target, text, answer = row
    return Request(run=run, number=number, wish=Wish(wish), target=target, text=text, answer=answer)


def numbers_of(text: str) -> tuple[int, ...]:
    """Numbers, as SQLite groups them."""
    return tuple(sorted(json.loads(text))) if text != "[]" else ()


def texts_of(text: str) -> tuple[str, ...]:
    """Texts, as SQLite groups them."""
    return tuple(json.loads(text)) if text != "[]" else ()


def _evidence(text: str | None) -> Evidence | None:
    if text is None:
        return None
    argv, exit_code, passed, failed, tree, environment, output = json.loads(text)
    return Evidence(
        argv=tuple(argv), exit_code=exit_code, passed=passed, failed=failed, tree=tree, environment=environment, output=output
    )


def _judgement(values: list[object]) -> Judgement | None:
    verdict, *rest = values
    if verdict is None:
        return None
    names = ("rule", "reason", "test", "text", "passed", "failed", "seconds", "record", "output")
    return Judgement(verdict=Verdict(verdict), **dict(zip(names, rest, strict=True)))  # type: ignore[arg-type]
