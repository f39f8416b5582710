"""How a run goes in time, and its story in one line."""

import team

from swarm import events as e
from tui.given import Moment
from tui.pace import MOST, Pace, joined
from tui.story import story


def paced(*told: tuple[float, e.Event]) -> Pace:
    return Pace().after_all(Moment(n, at, event) for n, (at, event) in enumerate(told, start=1))


def test_the_pace_is_the_same_however_the_moments_come() -> None:
    moments = [Moment(n, n * 2.0, event) for n, event in enumerate((*team.beginning(), *team.judging(), *team.ending()), start=1)]
    whole, pieces = Pace().after_all(moments), Pace()
    for begin in range(0, len(moments), 7):
        pieces = pieces.after_all(moments[begin : begin + 7])
    assert pieces == whole
    assert [stage for stage, _ in whole.stages] == ["baseline", "work", "choice"]
    assert [mark.state for mark in whole.marks] == ["verified", "rejected", "ended"]


def test_the_steps_of_a_task_begin_anew_with_the_next() -> None:
    acted = e.WorkerActed("w1", 1, "a")
    pace = paced((1, e.TaskClaimed(1, "w1", 1)), (2, acted), (3, e.CommandRan("w1", 1, ("ls",), "exited", 0, 0.1)), (4, acted))
    assert pace.steps["w1"] == 2
    assert pace.after_all([Moment(9, 5.0, e.TaskClaimed(2, "w1", 2))]).steps["w1"] == 0


def test_who_joins_late_sees_the_whole_story_and_no_wrong_figure() -> None:
    every = [Moment(n, float(n), event) for n, event in enumerate((*team.beginning(), *team.judging()), start=1)]
    whole, late = Pace().after_all(every), joined(every, every[-12:])
    assert (late.stages, late.marks) == (whole.stages, whole.marks)
    assert "w2" not in late.steps
    assert joined((), ()) == Pace()


def test_a_stage_that_is_told_more_of_begins_once() -> None:
    assert paced((1, e.StageEntered("baseline", "a")), (2, e.StageEntered("baseline", "b"))).stages == (("baseline", 1),)


def test_activity_shows_the_last_minute_and_forgets_what_was_before() -> None:
    pace = paced(*((at, e.WorkerActed("w1", 1, "a")) for at in (1, 58, 59, 100, 100, 100)))
    assert pace.activity("w1", 100, 6, plain=True) == " :   -"
    assert len(pace.acts["w1"]) == 5
    assert pace.activity("w1", 1000, 6, plain=True) == " " * 6
    assert pace.activity("nobody", 100, 6, plain=False) == " " * 6


def test_a_flood_of_events_is_kept_bounded() -> None:
    pace = paced(
        *((1.0, e.WorkerActed("w1", 1, "a")) for _ in range(5000)),
        *((2.0, e.CandidateJudged(1, "rejected", "", "")) for _ in range(999)),
    )
    assert len(pace.acts["w1"]) <= MOST
    assert len(pace.marks) <= MOST


def test_the_story_has_the_stages_where_they_were_and_the_verdicts_where_they_came() -> None:
    pace = paced((0, e.StageEntered("baseline")), (50, e.StageEntered("work")), (75, e.CandidateJudged(1, "verified", "", "")))
    line = story(pace, 100, 40, plain=True).plain
    assert len(line) == 40
    assert line.startswith("baseline =")
    assert line[20:24] == "work"
    assert line[30] == "+"


def test_a_story_that_has_no_room_for_a_name_leaves_it_out_whole() -> None:
    pace = paced((0, e.StageEntered("baseline")), (5, e.StageEntered("work")))
    line = story(pace, 100, 40, plain=True).plain
    assert line.startswith("==work ")


def test_a_verdict_that_came_as_a_stage_began_stands_behind_its_name() -> None:
    pace = paced((0, e.StageEntered("baseline")), (50, e.StageEntered("work")), (53, e.CandidateJudged(1, "verified", "", "")))
    line = story(pace, 100, 40, plain=True).plain
    assert line[20:26] == "work +"


def test_hostile_stages_cannot_leave_their_line() -> None:
    line = story(paced((0, e.StageEntered("\x1b[2J\n[red]\u202e"))), 10, 60, plain=True).plain
    assert line.startswith("\\x1b[2J\\n[red]\\u202e =")
    assert story(Pace(), 10, 60, plain=True).plain == ""
