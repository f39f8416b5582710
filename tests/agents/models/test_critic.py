"""The critic: what it runs counts, what it thinks does not."""

import json
from collections.abc import Callable

from model_server import Answer, Asked, Fail, Say, Use, plays
from office import FIX, Office

from swarm.blackboard.candidates import Verdict
from swarm.blackboard.history import told
from swarm.blackboard.tasks import NewTask, TaskState
from swarm.choice import liked_in
from swarm.consequences import follow
from swarm.events import SecondReproductionHeld, SecondReproductionWithdrawn
from swarm.evidence.second import AGREES

HEAD = "from shop.prices import shipping\n\n\n"
RIGHT = f"{HEAD}def test_from_fifty_on():\n    assert [shipping(total) for total in (50, 80)] == [0, 0]\n"
PASSES = f"{HEAD}def test_small():\n    assert shipping(10) == 5\n"
FROM_50, FROM_51 = FIX["new"], "    return 0 if total > 50 else 5\n"
ANOTHER = "    if total < 0:\n        return 7\n    return 0 if total >= 50 else 5\n"
END = Say(uses=(Use("end", {"reason": "that is all"}),))


def verified(office: Office, new: str = FROM_50) -> None:
    """A candidate with this change, and what its verdict sets off; that it was verified is made up, since it takes long."""
    office.critics = True
    candidate = office.candidate({"shop/prices.py": (FIX["old"], new)}, Verdict.VERIFIED, summary="free from 50 on")
    task = office.store.task(office.run, candidate.task)
    follow(office.store, candidate, task, exhaustive=office.exhaustive, critics=True)


def verdicts(office: Office) -> list[str]:
    return [one.judgement.verdict.value for one in office.store.candidates(office.run) if one.judgement]


def writes(*contents: str, then: Answer = END) -> Callable[[Asked], Answer]:
    return plays(*(Say(uses=(Use("reproduce", {"content": content}),)) for content in contents), then)


def test_a_verified_candidate_calls_a_critic_who_is_not_called_off_with_the_others(office: Office) -> None:
    rival = office.store.add_task(office.run, NewTask(kind="fix", goal="Search"))
    verified(office)

    (task,) = [task for task in office.store.tasks(office.run) if task.kind == "criticise"]
    assert (task.state, json.loads(task.payload)) == (TaskState.READY, {"candidate": 1, "wrote": ""})
    assert office.store.task(office.run, rival.number).state is TaskState.CANCELLED


def test_a_second_reproduction_is_written_blind_and_is_one_more_that_the_candidate_has_to_pass(office: Office) -> None:
    verified(office)

    result = office.criticise(writes(RIGHT))

    again = office.store.candidate(office.run, 1).judgement
    assert result.sentence == "A second reproduction passes with c1 as well."
    assert again is not None
    assert again.verdict is Verdict.VERIFIED
    (held,) = json.loads(again.record)["held"]
    assert (held["author"], held["tests"]) == ("critic@w9", ["test_from_fifty_on"])
    (asked,) = office.provider.asked
    assert "free from 50 on" not in asked.text
    assert "0 if total >= 50" not in asked.text
    assert [one for one in office.store.findings(office.run) if "from_fifty" in one.summary + one.gist] == []


def test_what_proves_nothing_is_refused_with_the_reason_and_after_three_there_is_no_second_reproduction(office: Office) -> None:
    verified(office)
    result = office.criticise(writes(PASSES, "not python (", f"{HEAD}def test_it():\n    assert 1 == 2\n"))

    first, second, third = office.results()
    assert first == "It does not count, since it passes on base."
    assert "cannot be read as Python" in second
    assert "it asserts something that no code can change" in third
    assert "There is no second reproduction." in third
    assert result.sentence == "It ended: that is all"
    assert verdicts(office) == ["verified"]


def test_what_fails_it_is_for_a_person_others_are_offered_again_and_it_is_gone_once_it_is_withdrawn(office: Office) -> None:
    rival = office.store.add_task(office.run, NewTask(kind="fix", goal="Search"))
    verified(office, FROM_51)
    stands_by = Say(uses=(Use("stand_by", {"reason": "from 50 on, it says"}),))

    result = office.criticise(writes(RIGHT, then=stands_by))

    judgement = office.store.candidate(office.run, 1).judgement
    assert judgement is not None
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, AGREES)
    assert "judged with a second reproduction, by critic@w9, it fails" in judgement.reason
    assert office.store.task(office.run, rival.number).state is TaskState.READY
    assert result.sentence.endswith(f"so t{rival.number} is offered again.")
    assert "0 if total > 50" in office.provider.asked[1].text

    # An agent can be wrong about what the issue wants. What its test alone stood against is judged without it.
    _, desk = office.seat("w7", ("fix",), "critic")
    desk.review().withdraw("nobody promised that")

    assert verdicts(office) == ["verified"]
    kinds = [type(event) for event in told(office.store, office.run)]
    assert kinds.count(SecondReproductionHeld) == kinds.count(SecondReproductionWithdrawn) == 1
    assert desk.review().second() is None


def test_whoever_hands_in_later_is_judged_with_it_at_once_and_is_not_told_what_it_asks(office: Office) -> None:
    _, desk = office.seat_anew("critic")
    desk.review().hold(RIGHT.encode())

    give_up = Say(uses=(Use("give_up", {"reason": "enough"}),))
    submit = Say(uses=(Use("edit", {**FIX, "new": FROM_51}), Use("submit", {"summary": "free from 51 on"})))
    office.work(plays(submit, give_up), worker="w2")

    assert verdicts(office) == ["needs-review"]
    said = office.results()[-1]
    assert said.startswith("c1 passes all tests, but not a second reproduction")
    assert "from_fifty" not in office.provider.asked[-1].text


def test_an_input_on_which_candidates_differ_is_run_kept_as_a_finding_and_an_opinion_is_only_that(office: Office) -> None:
    office.exhaustive = True
    office.done("criticise")  # a critic had its turn, and held nothing
    verified(office)
    verified(office, ANOTHER)
    ask = "from shop.prices import shipping; print(shipping(-1))"
    likes = Say(uses=(Use("prefer", {"candidate": 1, "reason": "7 comes from nowhere"}),))

    def script(asked: Asked) -> Answer:
        steps = ("print(1)", "import os; print(os.urandom(4))", ask)
        return Say(uses=(Use("compare", {"script": steps[asked.turns]}),)) if asked.turns < len(steps) else likes

    result = office.criticise(script)

    same, unsteady, differs = office.results()
    assert "They answer the same" in same
    assert "They answer the same, or not the same twice." in unsteady
    assert differs.startswith("base: [exit code 0] 5\nc1: [exit code 0] 5\nc2: [exit code 0] 7")
    finding = office.store.findings(office.run)[-1]
    assert (finding.kind, finding.gist[:9]) == ("counterexample", "c1 and c2")
    assert result.sentence == "c1 is liked best: 7 comes from nowhere"
    assert liked_in(office.store, office.run) == 1
    assert verdicts(office) == ["verified", "verified"]


def test_before_it_has_tried_to_reproduce_the_bug_a_critic_compares_nothing(office: Office) -> None:
    verified(office)
    office.criticise(plays(Say(uses=(Use("compare", {"script": "print(1)"}),)), END))

    assert office.results() == ["First write a reproduction, without having seen the candidates."]


def test_a_provider_that_is_down_costs_the_critic_but_not_the_verdict(office: Office) -> None:
    verified(office)
    result = office.criticise(plays(Fail(status=401, message="no")))

    assert result.sentence.startswith("No critic could look: ")
    assert result.finished
    assert verdicts(office) == ["verified"]
