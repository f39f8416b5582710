"""The record of a verdict: all that landing, and anybody who doubts, has to know; and whether it still holds."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from swarm import __version__
from swarm.evidence.baseline import Baseline
from swarm.evidence.case import Case
from swarm.evidence.ground import Ground
from swarm.evidence.planted import ROLES
from swarm.evidence.results import TestRun

SCHEMA = 1


@dataclass(frozen=True, kw_only=True)
class Session:
    """One run of tests in one fresh sandbox."""

    purpose: str
    """`reproduction`, `whole`, `some`, `plain`; `control` is on base."""
    tree: str
    tests: tuple[str, ...]
    """Empty: all of them."""
    complete: bool
    why_incomplete: str
    infrastructure: bool
    passed: int
    failed: int
    exit_code: int
    seconds: float
    hash_seed: int
    command: str

    @classmethod
    def of(cls, run: TestRun, *, purpose: str, tree: str, tests: Sequence[str], hash_seed: int) -> Self:
        """What the record keeps of a run."""
        return cls(
            purpose=purpose,
            tree=tree,
            tests=tuple(tests),
            complete=run.complete,
            why_incomplete=run.why_incomplete,
            infrastructure=run.infrastructure,
            passed=len(run.passed),
            failed=len(run.failed),
            exit_code=run.exit_code,
            seconds=round(run.seconds, 3),
            hash_seed=hash_seed,
            command=" ".join(run.argv)[:1000],
        )


def written(
    case: Case,
    sessions: Sequence[Session],
    remarks: Sequence[str],
    doubts: Sequence[tuple[str, str]],
    turned: Sequence[str] = (),
) -> str:
    """The record, as JSON."""
    ground, patch, planted = case.ground, case.patch, case.planted
    record = {
        "schema": SCHEMA,
        "swarm": __version__,
        **standing(ground),
        "candidate": patch.tree,
        "judged": case.judged,
        "patch": {key: value for key, value in asdict(patch).items() if key not in ("base", "tree")},
        "reproductions": list(case.reproductions),
        "held": [
            {
                "name": one.reproduction.name,
                "author": one.reproduction.author,
                "digest": hashlib.sha256(one.reproduction.content).hexdigest(),
                "tests": one.tests,
            }
            for one in case.held
        ],
        "planted": {role: len(getattr(planted, role)) for role in ("canaries", *ROLES, "alone")},
        "varying": ground.baseline.varying,
        "hanging": ground.baseline.hanging,
        "caveat": ground.baseline.caveat,
        "suspicions": [one.sentence for one in case.suspicions],
        "tests_changed": case.honesty.as_json(),
        "turned": list(turned),
        "remarks": list(remarks),
        "doubts": [{"rule": rule, "reason": reason} for rule, reason in doubts],
        "runs": [asdict(session) for session in sessions],
    }
    return json.dumps(record, sort_keys=True)


def standing(ground: Ground) -> dict[str, Any]:
    """What a verdict rests on: if any of it is another, the verdict is of something else."""
    return {
        "base": ground.base,
        "base_tree": ground.tree,
        "tests": tests_of(ground.baseline),
        "sandbox": ground.rooms.backend.name,
        "environment": ground.rooms.environment.identity,
        "runner": ground.runner.name,
    }


def tests_of(baseline: Baseline) -> dict[str, object]:
    """The set of tests, and which of them pass on base."""
    return {"count": len(baseline.tests), "digest": _digest(baseline.tests), "passing_on_base": _digest(baseline.passing)}


def still_holds(record: str, ground: Ground, candidate: str) -> str:
    """Why a verdict does not hold for this candidate's tree on this ground; empty: it holds."""
    kept: Mapping[str, Any] = json.loads(record)
    if kept.get("schema") != SCHEMA:
        return f"the verdict was written in format {kept.get('schema')}, and this swarm knows {SCHEMA}"
    now = {**standing(ground), "candidate": candidate}
    changed = [name for name, value in now.items() if kept.get(name) != value]
    names = {"base_tree": "base's files", "tests": "the set of tests", "candidate": "the candidate"}
    return f"since the verdict, {names.get(changed[0], changed[0])} changed" if changed else ""


def _digest(tests: Sequence[str]) -> str:
    return hashlib.sha256("\n".join(sorted(tests)).encode("utf-8", "surrogateescape")).hexdigest()
