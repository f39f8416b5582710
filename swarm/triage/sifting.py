"""Tells what the change breaks from what failed before, what fails by chance, and what this machine cannot run."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from swarm.triage.sight import Fault, Sight
from swarm.triage.trials import Ask, Trials

MISSING = re.compile(r"No module named ['\"]?([\w.]+)")
ROUNDS = 2
"""How often what fails is run again, on both sides, before the change is blamed."""


@dataclass(frozen=True, kw_only=True)
class Sifted:
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


def sift(trials: Trials, sides: tuple[str, str], first: Sight, ask: Ask, own: Collection[str], *, until: float) -> Sifted:
    """Run what failed again, on base and on the change, and tell the reasons apart."""
    base, tree = sides
    missing = {name: module for name, fault in first.faults.items() if (module := _missing(fault, own))}
    left = {name: fault for name, fault in first.faults.items() if name not in missing}
    before: dict[str, Fault] = {}
    flaky: set[str] = set()
    known: set[str] = set()
    for _ in range(ROUNDS):
        if not left:
            break
        crashed = bool(first.run and first.run.collected)
        old, new = trials.look([base, tree], ask.about(left, crashed=crashed), until=until, again=True)
        known |= {name for name in left if old.holds(name)}
        for name in list(left):
            if name in old.faults:
                before[name] = old.faults[name]
                del left[name]
            elif new.holds(name):
                flaky.add(name)
                del left[name]
    by_chance = {name for name in before if name in known}
    return Sifted(
        broken=left,
        new=frozenset(left.keys() - known),
        before={name: fault for name, fault in before.items() if name not in by_chance},
        flaky=tuple(sorted(flaky | by_chance)),
        missing=missing,
    )


def _missing(fault: Fault, own: Collection[str]) -> str:
    """The module that is not installed, if that is why it failed; one of the project's own that is gone is the change's fault."""
    if fault.error not in ("ModuleNotFoundError", "ImportError"):
        return ""
    found = MISSING.search(fault.message)
    return found[1] if found and found[1].partition(".")[0] not in own else ""
