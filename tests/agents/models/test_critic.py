"""The critic: what it runs counts, what it thinks does not."""

import json
from collections.abc import Callable

from model_server import Answer, Asked, Fail, Say, Use, plays
from office import FIX, Office

from swarm.blackboard.candidates import Candidate, Verdict
from swarm.blackboard.history import told
from swarm.blackboard.tasks import NewTask, TaskState
from swarm.choice import liked_in
from swarm.events import SecondReproductionHeld, SecondReproductionWithdrawn
from swarm.evidence.second import AGREES

HEAD = "from shop.prices import shipping\n\n\n"
RIGHT = f"{HEAD}def test_from_fifty_on():\n    assert [shipping(total) for total in (50, 80)] == [0, 0]\n"
WRONG = f"{HEAD}def test_negative():\n    assert shipping(60) == -1\n"
PASSES = f"{HEAD}def test_small():\n    assert shipping(10) == 5\n"
FROM_51 = {**FIX, "new": "    return 0 if total > 50 else 5\n"}
ANOTHER = {**FIX, "new": "    if total < 0:\n        return 7\n    return 0 if total >= 50 else 5\n"}
END = Say(uses=(Use("end", {"reason": "that is all"}),))
SUBMIT = Say(uses=(Use("submit", {"summary": "free from 50 on"}),))


def fixed(office: Office, edit: dict[str, str] = FIX) -> Candidate:
    """A verified candidate, as some agent made it."""
    office.critics = True
    office.work(plays(Say(uses=(Use("edit", edit),)), SUBMIT))
    office.provider.asked.clear()
    return office.store.candidates(office.run)[-1]


def verdicts(office: Office) -> list[str]:
    return [one.judgement.verdict.value for one in office.store.candidates(office.run) if one.judgement]


def writes(*contents: str, then: Answer = END) -> Callable[[Asked], Answer]:
    return plays(*(Say(uses=(Use("reproduce", {"content": content}),)) for content in contents), then)


def test_a_verified_candidate_calls_a_critic_who_is_not_called_off_with_the_others(office: Office) -> None:
    rival = office.store.add_task(office.run, NewTask(kind="fix", goal="Search"))
    fixed(office)

    (task,) = [task for task in office.store.tasks(office.run) if task.kind == "criticise"]
    assert (task.state, json.loads(task.payload)) == (TaskState.READY, {"candidate": 1})
    assert office.store.task(office.run, rival.number).state is TaskState.CANCELLED


def test_a_second_reproduction_that_fails_on_base_is_one_more_that_the_candidate_passes(office: Office) -> None:
    candidate = fixed(office)

    result = office.criticise(writes(RIGHT))

    again = office.store.candidate(office.run, candidate.number).judgement
    assert result.sentence == "A second reproduction passes with c1 as well."
    assert again is not None
    assert again.verdict is Verdict.VERIFIED
    (held,) = json.loads(again.record)["held"]
    assert (held["author"], held["tests"]) == ("critic@w9", ["test_from_fifty_on"])
    assert len(office.provider.asked) == 1


def test_the_critic_writes_it_without_having_seen_the_candidate_and_nobody_else_sees_it(office: Office) -> None:
    fixed(office)
    office.criticise(writes(RIGHT))

    (asked,) = office.provider.asked
    assert "free from 50 on" not in asked.text
    assert "0 if total >= 50" not in asked.text
    assert [one for one in office.store.findings(office.run) if "from_fifty" in one.summary + one.gist] == []


def test_a_reproduction_that_passes_on_base_is_refused_with_the_reason_and_after_three_there_is_none(office: Office) -> None:
    fixed(office)
    result = office.criticise(writes(PASSES, "not python (", f"{HEAD}def test_it():\n    assert 1 == 2\n"))

    first, second, third = office.results()
    assert first == "It does not count, since it passes on base."
    assert "cannot be read as Python" in second
    assert "it asserts something that no code can change" in third
    assert "There is no second reproduction." in third
    assert result.sentence == "It ended: that is all"
    assert verdicts(office) == ["verified"]


def test_a_candidate_that_fails_it_is_for_a_person_and_what_was_called_off_is_offered_again(office: Office) -> None:
    rival = office.store.add_task(office.run, NewTask(kind="fix", goal="Search"))
    fixed(office, FROM_51)

    result = office.criticise(writes(RIGHT, then=Say(uses=(Use("stand_by", {"reason": "from 50 on, it says"}),))))

    judgement = office.store.candidates(office.run)[0].judgement
    assert judgement is not None
    assert (judgement.verdict, judgement.rule) == (Verdict.NEEDS_REVIEW, AGREES)
    assert "judged with a second reproduction, by critic@w9, it fails" in judgement.reason
    assert office.store.task(office.run, rival.number).state is TaskState.READY
    assert result.sentence.endswith(f"so t{rival.number} is offered again.")
    assert "0 if total > 50" in office.provider.asked[1].text


def test_a_wrong_reproduction_does_not_reject_and_is_gone_once_it_is_withdrawn(office: Office) -> None:
    fixed(office)
    seen: list[list[str]] = []

    def script(asked: Asked) -> Answer:
        if asked.turns == 0:
            return Say(uses=(Use("reproduce", {"content": WRONG}),))
        seen.append(verdicts(office))
        return Say(uses=(Use("withdraw", {"reason": "nobody promised -1"}),))

    result = office.criticise(script)

    assert seen == [["needs-review"]]
    assert verdicts(office) == ["verified"]
    assert result.sentence == "The second reproduction was withdrawn: nobody promised -1"
    kinds = [type(event) for event in told(office.store, office.run)]
    assert kinds.count(SecondReproductionHeld) == kinds.count(SecondReproductionWithdrawn) == 1


def test_whoever_hands_in_later_is_judged_with_it_at_once_and_is_not_told_what_it_asks(office: Office) -> None:
    fixed(office)
    office.criticise(writes(RIGHT))

    give_up = Say(uses=(Use("give_up", {"reason": "enough"}),))
    office.work(plays(Say(uses=(Use("edit", FROM_51),)), SUBMIT, give_up), worker="w2")

    assert verdicts(office) == ["verified", "needs-review"]
    said = office.results()[-1]
    assert said.startswith("c2 passes all tests, but not a second reproduction")
    assert "from_fifty" not in office.provider.asked[-1].text


def test_an_input_on_which_candidates_differ_is_run_kept_as_a_finding_and_an_opinion_is_only_that(office: Office) -> None:
    office.exhaustive = True
    fixed(office)
    fixed(office, ANOTHER)
    ask = "from shop.prices import shipping; print(shipping(-1))"
    office.criticise(writes(RIGHT))
    likes = Say(uses=(Use("prefer", {"candidate": 1, "reason": "7 comes from nowhere"}),))

    def script(asked: Asked) -> Answer:
        steps = (f"{ask}.real", "import os; print(os.urandom(4))", ask)
        return Say(uses=(Use("compare", {"script": steps[asked.turns]}),)) if asked.turns < len(steps) else likes

    office.criticise(script)

    same, unsteady, differs = office.results()
    assert "They answer the same" in unsteady
    assert "AttributeError" not in same
    assert differs.startswith("base: [exit code 0] 5\nc1: [exit code 0] 5\nc2: [exit code 0] 7")
    finding = office.store.findings(office.run)[-1]
    assert (finding.kind, finding.gist[:9]) == ("counterexample", "c1 and c2")
    assert liked_in(office.store, office.run) == 1
    assert verdicts(office) == ["verified", "verified"]


def test_before_it_has_tried_to_reproduce_the_bug_a_critic_compares_nothing(office: Office) -> None:
    fixed(office)
    office.criticise(plays(Say(uses=(Use("compare", {"script": "print(1)"}),)), END))

    assert office.results() == ["First write a reproduction, without having seen the candidates."]


def test_a_provider_that_is_down_costs_the_critic_but_not_the_verdict(office: Office) -> None:
    fixed(office)
    result = office.criticise(plays(Fail(status=401, message="no")))

    assert result.sentence.startswith("No critic could look: ")
    assert result.finished
    assert verdicts(office) == ["verified"]
