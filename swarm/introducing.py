"""The story of `swarm init`: how a repository is tested is found out, proven by a run, and only then written down."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sandboxes.repository import Repository
from swarm.errors import Inconclusive, UsageError
from swarm.evidence.baseline import Baseline
from swarm.outlook import outlook
from swarm.parts import opened_parts
from swarm.settings.resolved import Resolved
from swarm.settings.sources import load
from swarm.settings.trust import trust
from swarm.settings.values import Settings
from swarm.settings.writing import Proposal, proposal, write
from swarm.survey import surveyed

OTHERS = ("agents", "timeout", "time_box", "hook", "model", "max_cost")
"""What a team is likely to want to say as well; it is written as a comment."""


class NothingPasses(Inconclusive):
    """Nothing could be verified: no test passes on base, run with `{command}`{missing}.
    Nothing was written.
    Name another command with --test-cmd, or another environment with --env."""


@dataclass(frozen=True, kw_only=True)
class Introduction:
    """What was found out about a repository."""

    proposal: Proposal
    command: str
    why: str
    environment: str
    baseline: Baseline | None = None
    """What the tests said on base. None: they were not run."""

    def text(self) -> str:
        """What was found, for a person."""
        lines = [f"tests     {self.command}: {self.why}", f"env       {self.environment}"]
        if self.baseline is None:
            return "\n".join([*lines, "proof     none: no test was run"])
        passing, failing, varying = (len(tests) for tests in _counts(self.baseline))
        lines += [f"proof     on base {passing} tests pass, {failing} fail, {varying} vary, in {self.baseline.seconds:.1f} s"]
        return "\n".join(lines)

    def value(self, *, written: bool) -> dict[str, Any]:
        """The same as an object."""
        proof = None
        if self.baseline is not None:
            passing, failing, varying = _counts(self.baseline)
            proof = {"passing": len(passing), "failing": list(failing), "varying": list(varying)}
        return {
            "file": str(self.proposal.place),
            "written": written,
            "added": self.proposal.text,
            "test": self.command,
            "why": self.why,
            "environment": self.environment,
            "proof": proof,
        }


def foretold(repository: Repository, settings: Settings) -> Introduction:
    """What would be written, as far as files tell: no command is run for it."""
    if repository.bare:
        raise UsageError(
            what=f"{repository.top} is a bare repository.", remedy="Go to a checkout: settings are one of its files."
        )
    seen = outlook(repository, settings)
    values = {name: value for name, value in (("project", seen.project), ("test", seen.setting), ("env", settings.env)) if value}
    offered = proposal(repository.top, values, {"test": seen.why}, OTHERS)
    return Introduction(proposal=offered, command=seen.command, why=seen.why, environment=seen.environment)


def proven(repository: Repository, settings: Settings, introduction: Introduction, note: Callable[[str], None]) -> Baseline:
    """Run the tests on base the way that would be written, in the sandbox and the environment that a run would get."""
    with opened_parts(repository, settings) as parts:
        ground = surveyed(parts, repository.commit(settings.base), lambda stage, text: note(f"{stage}: {text}"))
    if not ground.baseline.passing:
        lacking = f", since these are not installed: {', '.join(ground.baseline.missing[:10])}" if ground.baseline.missing else ""
        raise NothingPasses(command=introduction.command, missing=lacking)
    return ground.baseline


def written(repository: Repository, introduction: Introduction) -> Resolved:
    """Write it down. Whoever had it proven and written trusts it; everybody else will be asked."""
    write(introduction.proposal)
    resolved = load(repository.top, os.environ, {})
    trust(resolved, repository.identity, os.environ)
    return resolved


def _counts(baseline: Baseline) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    return baseline.passing, tuple(baseline.failing), baseline.varying
