"""Which tests are run for a change, in which order, and what is learned of them for the next time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from swarm.code.impact import Choice, Reason, Trace, chosen, footprint
from swarm.code.snapshot import Snapshot
from swarm.evidence.runner import Runner
from swarm.triage.knowledge import Knowledge
from swarm.triage.places import files_of
from swarm.triage.sight import BAD, Sight
from swarm.triage.trials import Ask
from swarm.values import Value


class Plan(Value):
    """What is run: first what reaches the change, then what nobody knows anything of."""

    first: Ask | None
    later: Ask | None
    spared: int = 0
    how: str = ""

    @property
    def asks(self) -> Iterator[Ask]:
        """One after the other."""
        return (ask for ask in (self.first, self.later) if ask is not None)


def plan(runner: Runner, knowledge: Knowledge, before: Snapshot, now: Snapshot, *, full: bool) -> Plan:
    """Choose the tests."""
    if full:
        return Plan(Ask(), None, how="all tests, as asked")
    if not runner.framework:
        return Plan(Ask(), None, how=f"all tests: what single ones of `{runner.name}` reach is not known")
    choice = chosen(knowledge.tests, files_of(runner, now), before, now)
    by_file = {reason: tuple(path for path, why in choice.files.items() if why is reason) for reason in Reason}
    pressing = Ask((*by_file[Reason.REACHES], *by_file[Reason.IMPORTS]), choice.tests)
    later = Ask(by_file[Reason.UNKNOWN])
    return Plan(None if pressing.everything else pressing, None if later.everything else later, choice.spared, _how(choice))


def _how(choice: Choice) -> str:
    """How sure the choice is, in words."""
    imported = sum(why is Reason.IMPORTS for why in choice.files.values())
    if not imported and not any(why is Reason.UNKNOWN for why in choice.files.values()):
        return "chosen by what each test reached when it last ran"
    return (
        "chosen by imports, since these tests have not been run here before"
        if not choice.spared
        else "chosen by reach and imports"
    )


def learn(knowledge: Knowledge, sight: Sight, now: Snapshot) -> None:
    """Remember what each test reached."""
    if sight.run is None or not sight.run.reached:
        return
    traces = {
        name: Trace(_functions(name, one.functions), one.files, one.folders, one.opaque)
        for name, one in sight.run.reached.items()
    }
    for test, result in sight.run.results.items():
        if test in traces and test.partition("::")[0] in now.files:
            passed = result.outcome not in BAD
            fresh = footprint(test, now, traces, passed=passed, seconds=result.seconds)
            earlier = knowledge.tests.get(test)
            if earlier is not None and not passed:
                fresh = replace(fresh, passed_before=earlier if earlier.passed else earlier.passed_before)
            knowledge.tests[test] = fresh


def forget(knowledge: Knowledge, whole: tuple[str, ...], sight: Sight, now: Snapshot) -> None:
    """Forget the tests that are not there any more: those of files that were run as a whole, or that are gone."""
    there = set(sight.run.collected) if sight.run and sight.run.complete else None
    for test in list(knowledge.tests):
        home = test.partition("::")[0]
        if home not in now.files or (there is not None and home in whole and test not in there):
            del knowledge.tests[test]


def _functions(name: str, functions: Mapping[str, tuple[int, ...]]) -> Mapping[str, tuple[int, ...]]:
    """Whoever looks for tests imports all of them, which means nothing for any single one."""
    return functions if name else {path: tuple(line for line in lines if line) for path, lines in functions.items()}
