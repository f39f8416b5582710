"""A report is believed only as a whole."""

import json

from hypothesis import given
from hypothesis import strategies as st

from swarm.evidence.results import Outcome
from swarm.evidence.runners.report import read_report

NONCE = "n"


def _lines(*, failing: bool = False) -> list[bytes]:
    """What the reporter tells of two tests."""
    records: list[dict[str, object]] = [{"kind": "start"}, {"kind": "collected", "tests": ["a", "b"]}]
    for test in ("a", "b"):
        for when in ("setup", "call", "teardown"):
            outcome = "failed" if failing and test == "b" and when == "call" else "passed"
            records.append({"kind": "phase", "test": test, "when": when, "outcome": outcome, "seconds": 0.5})
    records.append({"kind": "end", "status": int(failing)})
    return [
        json.dumps({"nonce": NONCE, "count": count, "at": count / 10, **record}).encode() + b"\n"
        for count, record in enumerate(records)
    ]


def test_an_honest_report_is_read() -> None:
    report = read_report(b"".join(_lines(failing=True)), NONCE)
    assert (report.started, report.collected, report.status, report.damage) == (True, ("a", "b"), 1, "")
    assert {test: result.outcome for test, result in report.results.items()} == {"a": Outcome.PASSED, "b": Outcome.FAILED}
    assert report.results["a"].seconds == 1.5


def test_the_reporter_of_another_run_is_not_believed() -> None:
    assert "not written by the reporter" in read_report(b"".join(_lines()), "another").damage


@given(st.integers(min_value=0, max_value=len(b"".join(_lines())) - 1))
def test_a_report_that_breaks_off_has_no_end(length: int) -> None:
    report = read_report(b"".join(_lines())[:length], NONCE)
    assert report.damage or report.status is None


@given(st.permutations(range(len(_lines()))))
def test_records_in_another_order_are_damage(order: list[int]) -> None:
    lines = _lines()
    report = read_report(b"".join(lines[at] for at in order), NONCE)
    assert bool(report.damage) == (order != sorted(order))


@given(st.integers(0, 8), st.integers(0, 8))
def test_a_record_that_is_told_again_is_damage(which: int, where: int) -> None:
    lines = _lines()
    assert read_report(b"".join([*lines[:where], lines[which], *lines[where:]]), NONCE).damage


@given(st.binary())
def test_anything_else_is_damage_and_never_an_error(content: bytes) -> None:
    report = read_report(content, NONCE)
    assert report.damage or not report.started
    assert report.results == {}


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_a_record_of_the_wrong_shape_is_damage(value: object) -> None:
    lines = _lines()
    odd = json.dumps(
        {"nonce": NONCE, "count": 2, "at": 0.5, "kind": "phase", "test": value, "when": "setup", "outcome": "passed"}
    ).encode()
    assert read_report(b"".join([*lines[:2], odd, b"\n"]), NONCE).damage or isinstance(value, str)


def test_a_test_without_its_last_phase_has_no_result() -> None:
    lines = _lines()
    report = read_report(b"".join(lines[:7]), NONCE)
    assert set(report.results) == {"a"}


def test_a_test_that_is_reported_after_another_one_is_forged() -> None:
    records = [json.loads(line) for line in _lines(failing=True)]
    forged = [*records[:-1], *({**record, "outcome": "passed"} for record in records[5:8]), records[-1]]
    forged = [*forged[:8], *({**record, "test": "a"} for record in forged[8:11]), *forged[11:]]
    lines = [json.dumps({**record, "count": count}).encode() + b"\n" for count, record in enumerate(forged)]
    assert "twice" in read_report(b"".join(lines), NONCE).damage


def test_a_test_that_began_and_did_not_end_is_unfinished() -> None:
    began = {"nonce": NONCE, "count": 5, "at": 9.4, "kind": "began", "test": "b"}
    report = read_report(b"".join([*_lines()[:5], json.dumps(began).encode() + b"\n"]), NONCE)
    assert (report.unfinished, report.damage) == ("b", "")
    assert report.longest_silence == 9.0
