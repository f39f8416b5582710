"""What a pull request, and a comment on an issue, say of a run: what strangers and models wrote is quoted in them as code."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from sandboxes.mirror import Mirror
from swarm.blackboard.candidates import Candidate
from swarm.blackboard.findings import FindingState
from swarm.blackboard.history import told
from swarm.blackboard.runs import Run
from swarm.blackboard.store import Store
from swarm.events import BaselineMeasured, RunEnded
from swarm.evidence.runners.python import beneath, seen_from, typed
from swarm.unlinked import unlinked
from swarm.visible import visible

LONGEST = 4_000
"""Characters of a quotation."""
MOST = 20
"""Tests that are named, and attempts."""
END = "<!-- swarm:end -->"


def begin(run: Run) -> str:
    """The mark with which what swarm wrote of a run begins; readers of the page do not see it."""
    return f"<!-- swarm:begin {run.name} -->"


@dataclass(frozen=True)
class Row:
    """A row of the table of evidence."""

    command: str
    before: str
    after: str


def title(run: Run) -> str:
    """What a pull request is called."""
    return visible(unlinked(f"Fix: {run.title}"))[:100]


def pull_text(store: Store, mirror: Mirror, run: Run, candidate: Candidate, *, closes: str, branch: str) -> str:
    """The text of a pull request: root cause, change, evidence, cost, and how to see it oneself."""
    judgement = candidate.judgement
    assert judgement is not None, "only a judged candidate is delivered"
    record = json.loads(judgement.record or "{}")
    tests = [str(test) for test in record.get("reproductions", [])]
    located = [one.gist for one in store.findings(run.name) if one.kind == "located" and one.state is FindingState.VERIFIED]
    command = _command(store, run)
    return _written(
        "pull-request",
        run,
        closes=closes,
        cause=quoted("\n\n".join((*located[:1], candidate.summary))),
        stat=quoted(mirror.stat(mirror.tree(candidate.base), candidate.tree).decode("utf-8", "replace")),
        verdict=judgement.verdict.value,
        reason=inline(judgement.reason),
        rows=[Row(inline(row.command), row.before, row.after) for row in _rows(store, run, candidate, command, record)],
        base=candidate.base,
        cost=_cost(store, run),
        seeing=quoted("\n".join(_seeing(candidate.base, branch, command, tests)), "sh"),
    )


def comment_text(store: Store, run: Run) -> str:
    """The text of a comment on an issue for which no fix was verified: what was tried, and how it ended."""
    ended = [event for event in told(store, run.name) if isinstance(event, RunEnded)]
    attempts = [
        f"c{one.number} {one.judgement.verdict.value}: {one.judgement.reason}"
        for one in store.candidates(run.name)
        if one.judgement
    ]
    more = [f"… and {len(attempts) - MOST} more"] if len(attempts) > MOST else []
    return _written(
        "comment",
        run,
        outcome=run.outcome,
        sentence=quoted(ended[-1].sentence if ended else run.outcome),
        attempts=quoted("\n".join((*attempts[:MOST], *more))) if attempts else "",
        base=run.base,
        cost=_cost(store, run),
    )


def quoted(text: str, language: str = "text") -> str:
    """The text as a block of code, in which nothing is a link, a picture or a name that is called."""
    said = visible(text.strip()[:LONGEST], keep="\n\t")
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", said)), default=0))
    return f"{fence}{language}\n{said}\n{fence}"


def inline(text: str) -> str:
    """The text as code within a line or a cell of a table."""
    said = visible(" ".join(text.split())[:LONGEST]).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in re.findall("`+", said)), default=0))
    room = " " if said.startswith("`") or said.endswith("`") else ""
    return f"{ticks}{room}{said}{room}{ticks}"


def _written(name: str, run: Run, **values: object) -> str:
    from jinja2 import Environment, StrictUndefined  # noqa: PLC0415 - only who writes to a server needs it

    text = files("swarm.github").joinpath("words", f"{name}.md").read_text(encoding="utf-8")
    # It is Markdown, and whatever is not ours is in code: escaping for HTML would damage it.
    template = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True).from_string(text)  # noqa: S701
    said = template.render(**values, run=run, begin=begin(run), end=END).strip()
    return said.replace(str(Path.home()), "~")


def _command(store: Store, run: Run) -> list[str]:
    """The command that runs the tests, without where on this machine its program is."""
    measured = _baseline(store, run)
    folder, (program, *rest) = _apart(measured.command if measured and measured.command else ("pytest",))
    return list(beneath(folder, (Path(program).name, *rest)))


def _apart(command: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The folder in which a command is to be typed, and the rest of it."""
    return (command[1], command[3:]) if command[0] == "cd" else ("", command)


def _asking(command: Sequence[str], tests: Sequence[str]) -> list[str]:
    """The words of the command that runs these tests."""
    folder, _ = _apart(command)
    return [*command, *(seen_from(folder, test) for test in tests)]


def _baseline(store: Store, run: Run) -> BaselineMeasured | None:
    """What was measured on base, and not later where the fix was merged."""
    return next((event for event in told(store, run.name) if isinstance(event, BaselineMeasured)), None)


def _rows(store: Store, run: Run, candidate: Candidate, command: Sequence[str], record: dict[str, Any]) -> Iterator[Row]:
    tests, held, judgement = record.get("reproductions", []), record.get("held", []), candidate.judgement
    assert judgement is not None, "only a judged candidate is delivered"
    for test in tests[:MOST]:
        yield Row(" ".join(_asking(command, [test])), "fails", "passes")
    if len(tests) > MOST:
        yield Row(f"… and {len(tests) - MOST} tests more", "fail", "pass")
    for one in held:
        yield Row(f"a reproduction by {one['author']}, kept by the judge: sha256 {one['digest'][:16]}…", "fails", "passes")
    measured = _baseline(store, run)
    before = f"{measured.passing} pass, {len(measured.failing)} fail" if measured else "not measured"
    yield Row(" ".join(command), before, f"{judgement.passed} pass, {judgement.failed} fail")


def _cost(store: Store, run: Run) -> str:
    account = next((one for one in store.accounts(run.name) if one.scope == "run"), None)
    money, tokens = (account.settled.money, account.settled.tokens) if account else (0, 0)
    spent = f"${money / 1_000_000:.2f} and {tokens} tokens" if tokens or money else "no model was asked"
    return f"{spent}; {(run.ended or run.alive) - run.started:.0f} s with {run.workers} workers"


def _seeing(base: str, branch: str, command: Sequence[str], tests: Sequence[str]) -> Iterator[str]:
    """The commands by which anybody sees it: fails on base, passes on the branch."""
    folder, words = _apart(_asking(command, tests[:MOST]))
    asked = f"({typed({}, *words, folder=folder)})" if folder else shlex.join(words)
    yield f"git fetch origin {branch}"
    yield f"git checkout --detach {base}"
    yield f"{asked}   # fails" if tests else f"{asked}"
    yield "git checkout --detach FETCH_HEAD"
    yield f"{asked}   # passes"
