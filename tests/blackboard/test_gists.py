"""The choice of gists is bounded, and keeps room for what must not be crowded out."""

from hypothesis import given
from hypothesis import strategies as st

from swarm.blackboard.findings import FindingState, Gist
from swarm.blackboard.gists import LONGEST, longest_list, select


def gists(kind: str, state: FindingState, *, candidate: bool = False) -> st.SearchStrategy[list[Gist]]:
    texts = st.lists(st.text(max_size=400), max_size=12)
    number = "candidate" if candidate else "finding"
    return texts.map(
        lambda found: [
            Gist(**({"finding": 0} | {number: n}), kind=kind, state=state, text=t, witnesses=1) for n, t in enumerate(found, 1)
        ]
    )


def characters(shown: list[Gist]) -> int:
    return sum(len(gist.line()) + 1 for gist in shown)


@given(
    gists("candidate", FindingState.VERIFIED, candidate=True),
    gists("located", FindingState.VERIFIED),
    gists("attempt-failed", FindingState.REJECTED),
    st.integers(-10, 3000),
)
def test_the_choice_fits_the_budget_and_never_leaves_out_the_newest_failure_or_candidate(candidates, standing, failures, budget):
    shown = list(select(candidates, standing, failures, budget))
    assert characters(shown) <= max(budget, 0)
    assert len(shown) == len({(gist.kind, gist.finding, gist.candidate) for gist in shown})
    for kept in (candidates, failures):
        if kept and budget >= 240:
            assert (kept[0].finding, kept[0].candidate) in [(gist.finding, gist.candidate) for gist in shown]


@given(
    gists("candidate", FindingState.VERIFIED, candidate=True),
    gists("located", FindingState.VERIFIED),
    gists("x", FindingState.REJECTED),
)
def test_with_room_enough_everything_is_shown_in_order_and_whole_but_for_what_is_too_long(candidates, standing, failures):
    shown = select(candidates, standing, failures, 100_000)
    given_order = [*candidates, *standing, *failures]
    assert [(gist.kind, gist.finding, gist.candidate) for gist in shown] == [
        (g.kind, g.finding, g.candidate) for g in given_order
    ]
    assert all(gist == whole for gist, whole in zip(shown, given_order, strict=True) if len(whole.line()) < LONGEST)
    assert all(len(gist.line()) < LONGEST for gist in shown)


def test_no_more_is_read_than_could_be_shown():
    assert longest_list(1000) < 100
    assert longest_list(-5) == 1
