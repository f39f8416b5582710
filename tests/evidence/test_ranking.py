import json

from swarm.blackboard.candidates import Candidate, Judgement, Verdict
from swarm.evidence.ranking import Contender, best, best_attempt, contender, verified
from swarm.evidence.risks import doubts_of, risks, said_of, values_of


def candidate(
    number: int, verdict: Verdict | None = Verdict.VERIFIED, *, added: int = 1, asked: int = 1, task: int = 1, failed: int = 0
) -> Candidate:
    record = json.dumps({"reproductions": ["t"] * asked})
    judgement = None if verdict is None else Judgement(verdict=verdict, rule="r", reason="why", failed=failed, record=record)
    return Candidate(
        run="run",
        number=number,
        task=task,
        tree=f"{number:040d}",
        base="0" * 40,
        summary="s",
        author="a",
        added=added,
        removed=1,
        shown=(),
        judgement=judgement,
        chosen=False,
    )


def winner(*contenders: Contender) -> tuple[int, str]:
    chosen, why = best(contenders)
    return chosen.candidate.number, why


def test_the_only_candidate_is_the_outcome():
    assert winner(contender(candidate(1), (), {1: 0})) == (1, "it is the only verified candidate")


def test_evidence_comes_before_everything_else():
    more, smaller = candidate(1, added=50, asked=2), candidate(2, asked=1)
    number, why = winner(contender(more, ("looks odd",), {1: 0}), contender(smaller, (), {1: 9}))
    assert (number, why) == (1, "of 2 verified candidates, it passes the most reproductions")


def test_a_safe_change_comes_before_a_small_one():
    odd, large = candidate(1), candidate(2, added=9)
    number, why = winner(contender(odd, ("loses 1 statement",), {1: 0}), contender(large, (), {1: 0}))
    assert (number, why) == (2, "of 2 verified candidates, it looks the safest")


def test_then_the_smaller_then_the_likelier_then_the_first():
    priorities = {1: 5, 2: 7}
    assert winner(*(contender(one, (), priorities) for one in (candidate(1, added=3), candidate(2))))[0] == 2
    assert winner(*(contender(one, (), priorities) for one in (candidate(1), candidate(2, task=2))))[0] == 2
    assert winner(*(contender(one, (), priorities) for one in (candidate(2), candidate(1))))[0] == 1


def test_only_what_is_verified_qualifies():
    others = [candidate(number, verdict) for number, verdict in enumerate([*Verdict, None], start=1)]
    assert [one.judgement.verdict for one in verified(others) if one.judgement] == [Verdict.VERIFIED]


def test_the_best_attempt_comes_nearest_to_a_fix():
    rejected, review = candidate(1, Verdict.REJECTED), candidate(2, Verdict.NEEDS_REVIEW)
    assert best_attempt([rejected, review, candidate(3, None)]) is review
    assert best_attempt([candidate(4, Verdict.REJECTED, failed=3), rejected]) is rejected
    assert best_attempt([candidate(3, None)]) is None


BEFORE = b"def f(x):\n    check(x)\n    return g(x)\n"


def said(after: bytes, asked: bytes = b"") -> tuple[str, ...]:
    return risks({"m.py": BEFORE}, {"m.py": after}, values_of(asked))


def test_a_plain_change_has_no_risk():
    assert said(BEFORE.replace(b"g(x)", b"g(x + 1)"), b"assert f(1) == 2") == ()


def test_what_is_taken_away_is_a_risk():
    assert said(b"def f(x):\n    return g(x)\n") == ("m.py loses 1 statement",)


def test_catching_everything_is_a_risk():
    after = b"def f(x):\n    try:\n        check(x)\n        return g(x)\n    except Exception:\n        return None\n"
    assert said(after) == ("m.py catches every exception where it did not",)
    assert said(after.replace(b"Exception", b"KeyError")) == ()


def test_a_value_of_the_reproduction_is_a_risk_unless_it_is_in_every_program():
    after = BEFORE.replace(b"g(x)", b"g(x) if x != 77 else 1")
    assert said(after, b"assert f(77) == 1") == ("m.py has 77 in it now, which the reproduction has too",)
    assert said(after, b"assert f(78) == 1") == ()


def test_a_file_that_is_no_python_is_no_error():
    assert risks({"a.txt": b"one ("}, {"a.txt": b"two ("}) == ()


def test_what_a_summary_says_of_a_candidate_is_read_again():
    assert doubts_of(f"`a` becomes `b`{said_of('', off=False)}") == ()
    off = "it does no more than to switch a condition or a statement off"
    rival = "no test tells it from another that is nearly as likely: area(3, 4): 12 with it, 7 with another"
    still = "an input that no test has still fails as the failing tests did: area(0, 4): ValueError: no area"
    told = said_of("area(3, 4): 12 with it, 7 with another", off=True, still="area(0, 4): ValueError: no area")
    assert doubts_of(f"`a` becomes `b`{told}") == (off, still, rival)
    assert doubts_of(f"`a` becomes `b`{said_of('', off=False, still='area(0, 4): ValueError: no area')}") == (still,)
