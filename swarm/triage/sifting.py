"""Tells what the change breaks from what failed before, what fails by chance, and what this machine cannot run."""

import re
from collections.abc import Collection, Mapping
from dataclasses import field, replace
from pathlib import PurePosixPath

from swarm.triage.sight import Fault, Sight
from swarm.triage.trials import Ask, Trials
from swarm.values import Value

MISSING = re.compile(r"No module named ['\"]?([\w.]+)")


class Sifted(Value, kw_only=True):
    """Everything that failed on the change, by the reason."""

    broken: Mapping[str, Fault] = field(default_factory=dict)
    """It fails every time with the change and never without it."""
    new: frozenset[str] = frozenset()
    """Of what is broken, the tests that base does not have: the change brings them, and they fail."""
    before: Mapping[str, Fault] = field(default_factory=dict)
    """It fails without the change as well."""
    flaky: tuple[str, ...] = ()
    """It fails, or not, on the very same files."""
    missing: Mapping[str, str] = field(default_factory=dict)
    """It needs a module that is not installed here: nobody knows whether it would fail."""
    undecided: tuple[str, ...] = ()
    """It failed, and there was no time to see whether it does so without the change."""


def sift(trials: Trials, sides: tuple[str, str], first: Sight, ask: Ask, *, timeout: float) -> Sifted:
    """Run what failed again, on base and on the change, and tell the reasons apart."""
    base, tree = sides
    own = {PurePosixPath(part).stem for side in sides for path in trials.paths(side) for part in path.split("/")}
    missing = {name: module for name, fault in first.faults.items() if (module := _missing(fault, own))}
    left = {name: fault for name, fault in first.faults.items() if name not in missing}
    if not left:
        return Sifted(missing=missing)
    new, old = trials.look([tree, base], ask, timeout=timeout, again=True)
    if old.cut or new.cut:
        return Sifted(missing=missing, undecided=tuple(sorted(left)))
    before = {name: old.faults[name] for name in left if name in old.faults}
    lucky = _passing_apart(trials, base, ask.about(before), before, timeout)
    flaky = [name for name in left if name in lucky or (name not in before and name not in new.faults)]
    before = {name: fault for name, fault in before.items() if name not in lucky}
    again = {name: replace(new.faults[name], text=left[name].text) for name in left if name in new.faults}
    broken = {name: fault for name, fault in again.items() if name not in before and name not in flaky}
    unknown = frozenset(name for name in broken if not old.holds(name))
    return Sifted(broken=broken, new=unknown, before=before, flaky=tuple(sorted(flaky)), missing=missing)


def _passing_apart(trials: Trials, base: str, ask: Ask, failed: Collection[str], timeout: float) -> set[str]:
    """What passes on base in a sandbox of its own, though not in a warm one: in that, strings hash in one way only."""
    if not failed or trials.warmth is None:
        return set()
    apart = trials.run(base, ask, timeout=timeout, apart=True)
    return {name for name in failed if apart.holds(name)}


def _missing(fault: Fault, own: Collection[str]) -> str:
    """The module that is not installed, if that is why it failed; one of the project's own that is gone is the change's fault."""
    if fault.error not in ("ModuleNotFoundError", "ImportError"):
        return ""
    found = MISSING.search(fault.message)
    return found[1] if found and found[1].partition(".")[0] not in own else ""
