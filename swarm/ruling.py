"""A verdict as it is told: to a person, to a program, and to a CI server in JUnit XML."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

from swarm.blackboard.candidates import Judgement, Verdict
from swarm.evidence.hearing import Hearing
from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.pytest import PytestRunner
from swarm.evidence.runners.python import seen_from
from swarm.evidence.runners.unittest import UnittestRunner
from swarm.evidence.sources import Sources
from swarm.visible import visible

EXIT_CODES = {
    Verdict.VERIFIED: 0,
    Verdict.NO_REGRESSION: 0,
    Verdict.REJECTED: 4,
    Verdict.NEEDS_REVIEW: 4,
    Verdict.INCONCLUSIVE: 9,
}
"""No regression is all that can be asked for where no reproduction was given; where one was given, it is never the answer."""
TEXT = 40
"""Lines of what a test said that are shown, the last ones."""


@dataclass(frozen=True)
class Ruling:
    """What was judged, the verdict, and all that was seen on the way."""

    name: str
    judgement: Judgement
    hearing: Hearing
    issue: str = ""

    @property
    def exit_code(self) -> int:
        """What the shell is told."""
        return EXIT_CODES[self.judgement.verdict]

    @property
    def command(self) -> str:
        """How to see what decided: in a checkout of base with the patch applied."""
        ground, test = self.hearing.ground, self.judgement.test
        planted = self.hearing.case.planted
        known = {**planted.copies, **planted.twins, **planted.twisted, **planted.inner, **planted.strict}.get(test, test)
        tests = (known,) if known in ground.baseline.tests else ()
        match ground.runner:
            case PytestRunner() | UnittestRunner() as runner:
                return runner.typed(tests, self._found_by(runner.first))
            case runner:
                return " ".join([runner.name, *(seen_from(ground.rooms.environment.folder, test) for test in tests)])

    def _found_by(self, first: Sequence[str]) -> dict[str, str]:
        """How Python finds what lies in these folders; where it runs it looks by itself."""
        ground = self.hearing.ground
        sources = Sources.in_tree(ground.rooms.mirror, ground.tree).within(ground.rooms.environment.folder)
        there = [folder for folder in first if folder != "." and sources.has(folder)]
        return {"PYTHONPATH": os.pathsep.join(there)} if there else {}

    def text(self) -> str:
        """The verdict on one screen."""
        judgement, ground, patch = self.judgement, self.hearing.ground, self.hearing.case.patch
        baseline = ground.baseline
        lines = [("verdict", judgement.verdict.value), ("rule", judgement.rule), ("why", judgement.reason)]
        lines += [("test", judgement.test)] if judgement.test else []
        lines += [("", line) for line in judgement.text.splitlines()[-TEXT:]]
        parts = (("source", patch.source), ("tests", patch.tests), ("sensitive", patch.sensitive))
        files = ", ".join(f"{len(paths)} {name}" for name, paths in parts if paths) or "nothing"
        lines += [("patch", f"{self.name} on {ground.base[:12]}: {files} (+{patch.added} -{patch.removed})")]
        lines += [("issue", self.issue)] if self.issue else []
        lines += [("asked", test) for test in self._asked()]
        lines += [("tests", f"{judgement.passed} passed, {judgement.failed} failed, in {judgement.seconds:.1f} s")]
        known = f"{len(baseline.passing)} passed, {len(baseline.failing)} failed, {len(baseline.varying)} vary"
        lines += [("on base", known), ("see it", self.command)]
        lines += [("honest", sentence) for sentence in self.hearing.case.honesty.sentences]
        lines += [("look at", reason) for _, reason in self.hearing.doubts]
        lines += [("remark", remark) for remark in dict.fromkeys(self.hearing.remarks)]
        sandbox = ground.rooms.backend.name
        lines += [("sandbox", sandbox + ("  NO SANDBOX: commands ran as you" if sandbox == "none" else ""))]
        return "\n".join(f"{label:<9} {text}".rstrip() for label, text in lines)

    def value(self) -> dict[str, Any]:
        """The verdict as an object."""
        judgement = self.judgement
        return {
            "patch": self.name,
            "verdict": judgement.verdict.value,
            "rule": judgement.rule,
            "reason": judgement.reason,
            "test": judgement.test,
            "text": judgement.text,
            "passed": judgement.passed,
            "failed": judgement.failed,
            "seconds": round(judgement.seconds, 3),
            "command": self.command,
            "output": judgement.output,
            "exit_code": self.exit_code,
            "record": json.loads(judgement.record),
        }

    def junit(self) -> bytes:
        """The verdict, and every test of the project as the last whole run saw it, for a CI server."""
        run = self.hearing.whole
        planted = set(self.hearing.case.planted.files)
        results = [result for result in run.results.values() if result.test.partition("::")[0] not in planted] if run else []
        bad = sum(result.outcome in (Outcome.FAILED, Outcome.ERROR) for result in results)
        suites = ET.Element("testsuites")
        suite = ET.SubElement(suites, "testsuite", name="swarm verify", tests=str(len(results) + 1))
        case = ET.SubElement(suite, "testcase", classname="swarm", name="verdict", time=f"{self.judgement.seconds:.3f}")
        if self.exit_code:
            bad += 1
            kind, said = self.judgement.verdict.value, f"{self.judgement.rule}: {self.judgement.reason}"
            ET.SubElement(case, "failure", type=kind, message=_clean(said)).text = _clean(self.text())
        suite.set("failures", str(bad))
        for result in results:
            _testcase(suite, result, self.hearing.ground.baseline.failing)
        ET.indent(suites)
        return bytes(ET.tostring(suites, encoding="utf-8", xml_declaration=True))

    def _asked(self) -> list[str]:
        """The reproductions that had to turn green."""
        held = [f"{one.reproduction.name} ({one.reproduction.form.value})" for one in self.hearing.case.held]
        return [*self.hearing.case.reproductions, *held] or ["no reproduction, so nobody can tell whether anything was fixed"]


def _testcase(suite: ET.Element, result: TestResult, before: Mapping[str, TestResult]) -> None:
    path, _, name = result.test.partition("::")
    case = ET.SubElement(suite, "testcase", classname=_clean(path), name=_clean(name or path), time=f"{result.seconds:.6f}")
    match result.outcome:
        case Outcome.FAILED | Outcome.ERROR:
            known = " (it fails on base as well)" if result.test in before else ""
            kind = "failure" if result.outcome is Outcome.FAILED else "error"
            ET.SubElement(case, kind, type=result.error, message=_clean(result.message + known)).text = _clean(result.text)
        case Outcome.SKIPPED | Outcome.XFAILED:
            ET.SubElement(case, "skipped", message=_clean(result.message))


def _clean(text: str) -> str:
    """Text that XML can hold."""
    return visible(text, keep="\n\t").encode("utf-8", "replace").decode()
