"""How different attempts were, as a person reads it."""

from pathlib import Path

from swarm.blackboard.runs import NewRun
from swarm.blackboard.sqlite.store import SqliteStore
from swarm.differing import difference_in, in_words
from swarm.events import AttemptsCompared
from swarm.outcome import outcome_text
from swarm.report import run_object, run_text

COMPARED = AttemptsCompared((3, 5), commands=0.5, looked=1.0, edits=0.25, candidates=2, patches=0.75)
WORDS = "t3, t5: commands 50%, places 100%, edits 25%; 2 candidates: 75%"


def test_what_was_last_found_is_told_in_every_account_of_a_run_and_nothing_where_nothing_was_compared(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path)
    run = store.start_run(NewRun(title="t", issue="i", source="s", base="0" * 40, sandbox="none", workers=1)).name
    assert difference_in(store, run) is None
    assert "differ" not in run_text(store, run) + outcome_text(store, run)

    store.record(run, AttemptsCompared((3, 4), commands=0.0, looked=0.0, edits=0.0), COMPARED)

    assert f"differ    {WORDS}" in run_text(store, run).splitlines()
    assert f"differ    {WORDS}" in outcome_text(store, run).splitlines()
    assert run_object(store, run)["difference"]["patches"] == 0.75
    store.close()


def test_only_what_there_were_two_of_is_told() -> None:
    assert in_words(AttemptsCompared((), 0.0, 0.0, 0.0, candidates=2, patches=1.0)) == "2 candidates: 100%"
    assert in_words(AttemptsCompared((1, 2), 0.0, 0.5, 1.0)) == "t1, t2: commands 0%, places 50%, edits 100%"
