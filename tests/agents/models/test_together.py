"""Several agents on one run: what one of them shows, loses or proves reaches the others."""

import threading
import time
from dataclasses import replace

import pytest
from model_server import Say, plays
from office import FIX, Office

from swarm.agents.agent import Result
from swarm.agents.coder import Coder
from swarm.blackboard.candidates import Verdict
from swarm.blackboard.findings import FindingState
from swarm.choice import choose
from swarm.consequences import follow, judge_sent_back
from swarm.errors import CapReached
from swarm.evidence.footing import stand
from swarm.report import run_text

RED = "tests/test_prices.py::test_large_orders_are_free"


def test_a_finding_that_is_refuted_sends_back_what_was_built_on_it_and_that_is_judged_for_itself(office: Office) -> None:
    _, first = office.seat_anew("coder")
    wrong = first.share(kind="located", gist="the threshold is 60", summary="It is 60.")
    _, second = office.seat_anew("coder")
    second.unfold(wrong.number)
    built = second.share(kind="observed", gist="60 is tested nowhere", summary="Nobody tests it.")
    office.store.settle_finding(office.run, built.number, FindingState.VERIFIED, "so it is")
    candidate = office.candidate({"shop/prices.py": (FIX["old"], FIX["new"])}, Verdict.VERIFIED, shown=(wrong.number,))

    office.store.settle_finding(office.run, wrong.number, FindingState.REFUTED, "the page says 50")

    assert office.store.finding(office.run, built.number).state is FindingState.PROPOSED
    assert office.store.candidate(office.run, candidate.number).judgement is None
    assert [finding.number for finding in second.news()] == [wrong.number, built.number]

    judge_sent_back(office.store, office.run, stand(replace(office.ground, reproductions=office.ground.red)))

    again = office.store.candidate(office.run, candidate.number).judgement
    assert again is not None
    assert (again.verdict, again.rule) == (Verdict.VERIFIED, "red, green, nothing broken")


def test_a_sibling_in_the_middle_of_a_reply_is_stopped_when_another_candidate_is_verified(office: Office) -> None:
    office.provider.script = plays(Say(text="never comes", delay=60))
    office.task()
    task, desk = office.seat("w1")
    results: list[Result] = []
    sibling = threading.Thread(target=lambda: results.append(Coder(office.exchange, office.under_way).work(task, desk)))
    sibling.start()
    while not office.provider.asked:
        time.sleep(0.01)

    found = office.candidate({"shop/prices.py": (FIX["old"], FIX["new"])}, Verdict.VERIFIED)
    follow(office.store, found, office.store.task(office.run, found.task), exhaustive=False, critics=False)
    began = time.monotonic()
    sibling.join()

    assert time.monotonic() - began < 30
    assert results == [Result("It was told to stop.", finished=False)]
    assert office.store.task(office.run, task.number).result == f"c{found.number} is verified"


def test_a_budget_that_ends_a_run_leaves_the_attempt_that_turned_most(office: Office) -> None:
    office.candidate({"shop/prices.py": ("5", "4")}, Verdict.REJECTED)
    office.candidate({"shop/prices.py": ("5", "3")}, Verdict.REJECTED, turned=[RED])
    cap = CapReached(scope="run", wanted="50 tokens", cap="100 tokens", used="99 tokens")

    with pytest.raises(CapReached):
        choose(office.store, office.store.runs()[0], stand(office.ground), cap)
    office.store.end_run(office.run, outcome="limit", exit_code=5, sentence="The cap was reached.")

    assert run_text(office.store, office.run).splitlines()[-1] == f"attempt   c2, rejected: swarm diff {office.run} c2"
