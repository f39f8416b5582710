"""What is remembered of tests: read anew only if it was written anew; and what is put off until somebody is answered."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from swarm.code.impact import Footprint
from swarm.code.snapshot import Snapshot
from swarm.triage.knowledge import Knowledge
from swarm.triage.site import Aside

TEST = "test_it.py::test_it"
NOTHING = Snapshot("", {}, lambda _: b"", lambda _: pytest.fail("there is no file"))


def written(folder: Path, seconds: float) -> None:
    known = Knowledge.at(folder, "here")
    known.tests[TEST] = Footprint(True, seconds, frozenset())
    known.keep(NOTHING)


def test_what_was_read_is_read_anew_only_if_it_was_written_anew(tmp_path: Path) -> None:
    written(tmp_path, 1.0)
    first = Knowledge.at(tmp_path, "here")
    first.tests[TEST] = Footprint(True, 7.0, frozenset())  # to be told from what is read

    again = Knowledge.at(tmp_path, "here", before=first)
    elsewhere = Knowledge.at(tmp_path, "there", before=first)
    written(tmp_path, 2.0)
    anew = Knowledge.at(tmp_path, "here", before=first)

    assert (again.tests[TEST].seconds, elsewhere.tests, anew.tests[TEST].seconds) == (7.0, {}, 2.0)
    again.tests.clear()
    assert TEST in first.tests, "what is learned from now on is learned by one of them"


@pytest.mark.parametrize("patient", [True, False])
def test_what_no_answer_waits_for_is_done_after_it_where_somebody_is_answered_first(patient: bool) -> None:
    done: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        aside = Aside(pool, patient)
        aside.do_unasked(lambda: done.append("put off"))
        aside.do(lambda: done.append("at once"))
        aside.begun[-1].result()

        assert done == (["at once"] if patient else ["put off", "at once"])
        aside.finish()

    assert sorted(done) == ["at once", "put off"]


def test_what_goes_wrong_in_what_was_put_off_is_not_lost() -> None:
    def wrong() -> None:
        raise OSError("the disk is full")

    with ThreadPoolExecutor(1) as pool:
        aside = Aside(pool, patient=True)
        aside.do_unasked(wrong)
        with pytest.raises(OSError, match="full"):
            aside.finish()
