"""Any test tool that writes JUnit XML, which nearly all can."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import field
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from swarm.evidence.results import Outcome, TestResult
from swarm.evidence.runners.foreign import Reading, Told
from swarm.values import Value

DEEPEST = 100
"""Elements within each other; more has no meaning and much cost."""


class Junit(Value):
    """A command with `{report}` in the place of the file, or the folder, for its JUnit XML."""

    argv: tuple[str, ...]
    catch: bool = field(default=False, init=False)
    coarse: bool = field(default=False, init=False)

    def command(self, tests: Sequence[str]) -> tuple[str, ...]:  # noqa: ARG002  # nobody knows how it chooses
        """The command itself."""
        return self.argv

    def read(self, told: Told) -> Reading:
        """The test cases of all its files."""
        files = [content for name, content in told.files.items() if name == "." or name.endswith(".xml")]
        if not files:
            return Reading(trouble="it wrote no report")
        return Reading(results=tuple(result for content in files for result in results(parsed(content), told)))


def results(top: Element, told: Told) -> Iterator[TestResult]:
    """What a report in JUnit XML says, test case by test case."""
    if top.tag not in ("testsuites", "testsuite"):
        raise ValueError(f"a report in JUnit XML does not begin with <{top.tag}>")
    for case in top.iter("testcase"):
        where = told.relative(case.get("file") or case.get("classname") or "")
        name = case.get("name") or ""
        outcome, said = _outcome(case)
        text = "" if said is None else "".join(said.itertext())
        message = "" if said is None else said.get("message") or text
        yield TestResult(
            f"{where}::{name}" if where else name,
            outcome,
            message=message.strip().partition("\n")[0][:500],
            text=text[:8_000],
            seconds=_seconds(case.get("time")),
            error="" if said is None or outcome is Outcome.SKIPPED else said.get("type") or "",
        )


def _outcome(case: Element) -> tuple[Outcome, Element | None]:
    kinds = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}
    for tag, outcome in kinds.items():
        if (said := case.find(tag)) is not None:
            return outcome, said
    return Outcome.PASSED, None


def _seconds(text: str | None) -> float:
    seconds = float((text or "0").replace(",", ""))
    return seconds if math.isfinite(seconds) else 0.0


def parsed(content: bytes) -> Element:
    """The document; one that declares a type of its own is refused, since entities can grow without end."""
    builder, depth = TreeBuilder(), 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > DEEPEST:
            raise ValueError(f"its elements lie more than {DEEPEST} deep in each other")
        builder.start(tag, attributes)

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(tag)

    def refuse(*_: object) -> None:
        raise ValueError("it declares a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, builder.data
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise ValueError(f"it is no XML: {error}") from error
    return builder.close()
