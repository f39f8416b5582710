"""A verdict for programs: an object, GitHub's annotations, SARIF, JUnit XML."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

from swarm import __version__
from swarm.triage.hunks import Hunk
from swarm.triage.telling import text
from swarm.triage.verdict import Blame, Outcome, Verdict
from swarm.visible import visible

SARIF = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
RULE = "breaks-a-test"


def forms(verdict: Verdict) -> dict[str, str]:
    """The verdict in every form, by its name."""
    return {
        "text": text(verdict),
        "json": json.dumps(value(verdict)),
        "github": "\n".join(_annotations(verdict)),
        "sarif": json.dumps(_sarif(verdict), indent=2),
        "junit": _junit(verdict),
    }


def value(verdict: Verdict) -> dict[str, Any]:
    """The verdict as an object."""
    return {
        "verdict": verdict.outcome.value,
        "exit_code": verdict.exit_code,
        "sure": verdict.sure,
        "compared": verdict.name,
        "base": verdict.base,
        "tree": verdict.tree,
        "hunks": verdict.hunks,
        "files": verdict.files,
        "guilty": [_blame(blame) for blame in verdict.blames],
        "failed_before": list(verdict.before),
        "flaky": list(verdict.flaky),
        "not_installed": dict(verdict.missing),
        "undecided": list(verdict.undecided),
        "tests": {
            "ran": verdict.ran,
            "spared": verdict.spared,
            "files_unknown": verdict.unrun,
            "time_was_up": verdict.cut,
            "running": verdict.running,
        },
        "chosen": verdict.how,
        "sandbox": verdict.sandbox,
        "runs": verdict.runs,
        "seconds": round(verdict.seconds, 3),
        "remarks": list(verdict.remarks),
    }


def _blame(blame: Blame) -> dict[str, Any]:
    return {
        "tests": list(blame.tests),
        "error": blame.fault.error,
        "message": blame.fault.message,
        "text": blame.fault.text,
        "sets": [[_hunk(hunk, blame) for hunk in one] for one in blame.sets],
        "cured_without": blame.cured,
        "minimal": blame.minimal,
        "new_test": blame.new,
    }


def _hunk(hunk: Hunk, blame: Blame) -> dict[str, Any]:
    first, last = hunk.lines
    return {
        "path": hunk.path,
        "kind": hunk.kind,
        "first": first,
        "last": last,
        "removed": list(hunk.removed),
        "added": list(hunk.added),
        "suspicious": [line for line in blame.lines.get(hunk.path, ()) if hunk.kind == "add" or first <= line <= last],
    }


def _said(blame: Blame) -> str:
    """What a guilty hunk does, in a sentence."""
    tests = ", ".join(test or "the whole test session" for test in blame.tests[:3])
    more = f" and {len(blame.tests) - 3} more" if len(blame.tests) > 3 else ""
    return f"This change breaks {tests}{more}: {blame.fault.message or blame.fault.error}"


def _annotations(verdict: Verdict) -> Iterator[str]:
    """Commands of GitHub's workflows, one for each guilty hunk."""
    for blame in verdict.blames:
        for hunk in {hunk.number: hunk for one in blame.sets for hunk in one}.values():
            first, last = hunk.lines
            where = f"file={_property(hunk.path)},line={first},endLine={last}"
            yield f"::error {where},title={_property('swarm triage: guilty')}::{_data(_said(blame))}"
    if verdict.outcome is Outcome.INCONCLUSIVE:
        yield f"::warning title={_property('swarm triage')}::{_data(text(verdict))}"
    else:
        yield f"::notice title={_property('swarm triage')}::{_data(text(verdict).splitlines()[0])}"


def _data(words: str) -> str:
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(words: str) -> str:
    return _data(words).replace(":", "%3A").replace(",", "%2C")


def _sarif(verdict: Verdict) -> dict[str, Any]:
    results = [
        {
            "ruleId": RULE,
            "level": "error",
            "message": {"text": _said(blame)},
            "locations": [_location(hunk) for hunk in one],
            "properties": {"tests": list(blame.tests), "minimal": blame.minimal},
        }
        for blame in verdict.blames
        for one in blame.sets
    ]
    rule = {"id": RULE, "shortDescription": {"text": "A hunk of the change breaks a test that passes without it."}}
    driver = {"name": "swarm triage", "version": __version__, "rules": [rule]}
    ended = {"executionSuccessful": verdict.outcome is not Outcome.INCONCLUSIVE, "exitCode": verdict.exit_code}
    return {
        "$schema": SARIF,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "invocations": [ended], "results": results}],
    }


def _location(hunk: Hunk) -> dict[str, Any]:
    first, last = hunk.lines
    region = {"startLine": first, "endLine": last}
    place = {"artifactLocation": {"uri": quote(hunk.path, errors="surrogateescape"), "uriBaseId": "%SRCROOT%"}, "region": region}
    return {"physicalLocation": place}


def _junit(verdict: Verdict) -> str:
    """A case for each test that failed; those that are no fault of the change count as skipped, with the reason."""
    suites = ET.Element("testsuites")
    suite = ET.SubElement(suites, "testsuite", name="swarm triage", time=f"{verdict.seconds:.3f}")
    for blame in verdict.blames:
        places = "; ".join(" with ".join(hunk.place for hunk in one) for one in blame.sets)
        for test in blame.tests:
            failure = ET.SubElement(_case(suite, test), "failure", type=blame.fault.error, message=_clean(blame.fault.message))
            failure.text = _clean(f"guilty: {places}\n{blame.fault.text}")
    groups = (("failed before as well", verdict.before), ("varies", verdict.flaky), ("no time", verdict.undecided))
    for why, tests in groups:
        for test in tests:
            ET.SubElement(_case(suite, test), "skipped", message=why)
    for test, module in verdict.missing.items():
        ET.SubElement(_case(suite, test), "error", type="environment", message=_clean(f"{module} is not installed"))
    _case(suite, "swarm::triage")
    suite.set("tests", str(len(suite)))
    suite.set("failures", str(sum(len(blame.tests) for blame in verdict.blames)))
    suite.set("errors", str(len(verdict.missing)))
    ET.indent(suites)
    return ET.tostring(suites, encoding="unicode", xml_declaration=True)


def _case(suite: ET.Element, test: str) -> ET.Element:
    path, _, name = test.partition("::")
    return ET.SubElement(suite, "testcase", classname=_clean(path or "session"), name=_clean(name or path or "session"))


def _clean(words: str) -> str:
    """Text that XML can hold."""
    return visible(words, keep="\n\t").encode("utf-8", "replace").decode()
