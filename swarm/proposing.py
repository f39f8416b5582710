"""Hands a test that a staged change breaks to the queue of `swarm fix`, with what is known; what comes back is a patch."""

from swarm.events import PatchWanted, ReproductionGiven
from swarm.fix import begin, propose
from swarm.issue import Issue
from swarm.parts import Parts
from swarm.patches import patch_bytes
from swarm.triage.verdict import Blame, Verdict


def proposed(parts: Parts, verdict: Verdict, blame: Blame) -> tuple[str, bytes]:
    """The run, and the patch against what is staged that makes the broken tests pass; raises if none is verified."""
    # What is staged is no commit of the user's, and does not become one: only the mirror has it.
    base = parts.mirror.commit(verdict.tree, [verdict.base] if verdict.base else [], f"{verdict.name}\n", at=0)
    parts.mirror.keep(f"refs/swarm/base/{base}", base)
    tests = tuple(test for test in blame.tests if "::" in test)
    run = begin(parts, _issue(blame), PatchWanted(), ReproductionGiven(tests), base=base)
    return run.name, patch_bytes(parts.mirror, propose(parts, run))


def fixable(verdict: Verdict) -> Blame | None:
    """Who to begin with: the first whose tests can be run by name; a file that cannot be imported has none."""
    return next((blame for blame in verdict.blames if any("::" in test for test in blame.tests) and not blame.new), None)


def _issue(blame: Blame) -> Issue:
    """What is known, as a bug report."""
    places = [hunk for one in blame.sets for hunk in one]
    lines = [f"{blame.fault.message or blame.fault.error}", "", "It passed before these changes were staged:", ""]
    for hunk in places:
        suspicious = ", ".join(str(line) for line in blame.lines.get(hunk.path, ()))
        lines.append(f"- `{hunk.place}`" + (f", suspicious lines: {suspicious}" if suspicious else ""))
        lines += [f"    {sign}{line}" for sign, code in (("-", hunk.removed), ("+", hunk.added)) for line in code]
    return Issue(f"{blame.tests[0]} fails", "\n".join(lines), "swarm triage")
